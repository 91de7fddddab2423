#ifndef AERIE_EDGE_LINK_BROKER_LINK_H_
#define AERIE_EDGE_LINK_BROKER_LINK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/rpc/client_credentials.h"
#include "common/rpc/setup.h"
#include "edge/limits.h"
#include "edge/link/linked_thread.h"
#include "edge/metrics.h"
#include "edge/socket/upstream.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

struct BrokerLinkOptions {
  // A gRPC target: `host:port`, `dns:///name:port`, `ipv4:a:port,b:port`. Each
  // new link takes the next of its addresses.
  std::string target;
  // The edge's name, new at each start of its process.
  std::string instance;
  // What it shows; the files are read for each new link.
  rpc::ClientCredentialOptions credentials;
  rpc::ReconnectOptions reconnect;
  // From the attempt to Welcome. Then: another attempt.
  uint32_t welcome_timeout_ms = 10'000;
};

// The edge's link to a broker: keeps one up, over one broker or the next, and
// carries the frames of all sockets both ways. Made before the socket tables,
// whose Upstream it is; Start and Close bracket its life, on one thread.
class BrokerLink final : public Upstream {
 public:
  BrokerLink(BrokerLinkOptions options, const Limits& limits, Metrics& metrics,
             const Clock& clock);
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;
  // Closes, without flushing.
  ~BrokerLink() override;

  // Socket n lives on `threads[n % threads.size()]`. The threads outlive the
  // link.
  void Start(const std::vector<LinkedThread*>& threads);

  // On the io thread of the frame's socket; after Start.
  void Send(v1::EdgeFrame frame) override;

  // A broker has welcomed us, and does not drain. Any thread.
  bool up() const;

  // Ends the link for good: sends what is queued, at most so long, and waits
  // for the end. After the threads' last turn; nothing is posted to them
  // afterwards.
  void Close(absl::Duration flush_max);

 private:
  class Impl;

  const std::shared_ptr<Impl> impl_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_BROKER_LINK_H_
