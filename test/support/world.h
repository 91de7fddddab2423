#ifndef AERIE_TEST_SUPPORT_WORLD_H_
#define AERIE_TEST_SUPPORT_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/options.h"
#include "broker/server.h"
#include "edge/options.h"
#include "edge/server.h"

namespace aerie::testing {

// A broker with the channel under test and an edge that is linked to it, both
// in this process, on free ports. Routes: `room:*` and `rooms:*` to the channel
// under test (test_host.h), `relay:*` and `echo:*` to the built-in hosts. One
// thread, unless a method says otherwise.
class World {
 public:
  // The routes above, a key for resumes, and the param `id` as socket id.
  static broker::Options BrokerOptions();

  explicit World(edge::Options edge = {},
                 broker::Options broker = BrokerOptions());
  ~World();

  // Where clients connect.
  uint16_t port() const { return edge_->port(); }
  edge::Server& edge() { return *edge_; }
  broker::Server& broker() { return *broker_; }

  // What the next broker is told.
  broker::Options& broker_options() { return broker_options_; }

  // The broker's links break, as if it had been killed.
  void StopBroker();
  // On the port that it had.
  void StartBroker();
  void DrainBroker() { broker_->Drain(); }
  // Cuts the edge's connections and frees its port.
  void StopEdge();
  // On the port that it had.
  void StartEdge();
  // Waits until the edge is linked.
  void AwaitLink();

  // A metric of the broker, its series summed.
  double BrokerMetric(absl::string_view name) const;

 private:
  edge::Options edge_options_;
  broker::Options broker_options_;
  std::unique_ptr<broker::Server> broker_;
  std::unique_ptr<edge::Server> edge_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_WORLD_H_
