#ifndef AERIE_CLIENTS_CPP_PUBLISHER_H_
#define AERIE_CLIENTS_CPP_PUBLISHER_H_

#include <future>
#include <memory>

#include "absl/status/status.h"
#include "clients/cpp/options.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::client {

// A stream of broadcasts to the first broker of the options that can be
// reached: BroadcastStream. What queues while a write is in flight travels as
// one message. When the stream breaks, everything unacknowledged fails with its
// status, and so does whatever follows: make a new one. Any thread; has two
// threads of its own.
class Publisher {
 public:
  explicit Publisher(const ConnectionOptions& options);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  // Ends the stream at once, unless Close did before.
  ~Publisher();

  // Waits while the broker's credit (4,096 until it is told) is used up. The
  // future is ready when the broadcast is acknowledged: OK, or why it was not
  // sent.
  std::future<absl::Status> Publish(v1::BroadcastRequest broadcast);

  // Half-closes, and waits until everything has its answer. OK when the broker
  // has answered everything.
  absl::Status Close();

 private:
  class Impl;

  const std::unique_ptr<Impl> impl_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_PUBLISHER_H_
