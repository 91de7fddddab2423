#ifndef AERIE_EDGE_SERVER_H_
#define AERIE_EDGE_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/admin.h"
#include "common/metrics.h"
#include "edge/edge_thread.h"
#include "edge/link/broker_link.h"
#include "edge/link/table_thread.h"
#include "edge/metrics.h"
#include "edge/options.h"
#include "edge/transport/listener.h"

namespace aerie::edge {

// The edge process, less its main: clients on one side, a broker on the other,
// the admin port beside them. Made, drained and destroyed on one thread; what
// only reads may be called on any.
class Server {
 public:
  // Clients are accepted from here on; until a broker is linked they get 503.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Cuts the connections that are still open, and tells the broker.
  ~Server();

  uint16_t port() const { return listener_->port(); }
  uint16_t admin_port() const { return admin_->port(); }

  // Whether new clients should come here.
  bool ready() const { return NotReady().empty(); }

  // In Prometheus' text format.
  std::string MetricsText() const;

  // Refuses new clients and closes those that are here, at a steady pace, until
  // none is left or the window is over. Once.
  void Drain();

 private:
  Server(Options options, std::unique_ptr<MetricsRegistry> registry,
         std::unique_ptr<Metrics> metrics, std::unique_ptr<Listener> listener);

  int64_t CanaryAgeMs() const;
  void AddThreads();
  void StartThreads();
  AdminPages Pages();
  // Reasons for /livez and /readyz.
  std::vector<std::string> NotLive() const;
  std::vector<std::string> NotReady() const;
  int64_t ClosingWindowMs() const;

  const Options options_;
  const std::unique_ptr<MetricsRegistry> registry_;
  const std::unique_ptr<Metrics> metrics_;
  // In the order in which they need each other: what waits in a table refers to
  // connections of the listener.
  const std::unique_ptr<Listener> listener_;
  BrokerLink link_;
  std::vector<std::unique_ptr<EdgeThread>> threads_;
  std::vector<std::unique_ptr<TableThread>> link_threads_;
  std::atomic<bool> draining_{false};
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SERVER_H_
