#ifndef AERIE_CLIENTS_CPP_UPLINK_H_
#define AERIE_CLIENTS_CPP_UPLINK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "clients/cpp/ends.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::client {

class Membership;

// What a channel needs of its stream: where its words go, and who runs it. Any
// thread.
class Uplink {
 public:
  virtual ~Uplink() = default;

  // Queues a frame; one that comes after the stream's end is dropped.
  virtual void Say(v1::HostFrame frame) = 0;
  // Calls Membership::Run soon, on another thread.
  virtual void Schedule(std::shared_ptr<Membership> membership) = 0;
  // The channel has ended; once.
  virtual void Forget(const Membership& membership) = 0;

  virtual bool lost() const = 0;
  virtual const std::string& broker() const = 0;
  virtual uint64_t payload_bytes_max() const = 0;
  virtual Ends& ends() = 0;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_UPLINK_H_
