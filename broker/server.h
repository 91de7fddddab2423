#ifndef AERIE_BROKER_SERVER_H_
#define AERIE_BROKER_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/auth/connect_rule.h"
#include "broker/auth/resume_blob.h"
#include "broker/auth/service_credentials.h"
#include "broker/dashboard/dashboard.h"
#include "broker/hosts/attached/attached_hosts.h"
#include "broker/hosts/registry.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "broker/poll/edges_and_polls.h"
#include "broker/poll/long_polls.h"
#include "broker/poll/poll_tokens.h"
#include "broker/rpc/authorizer.h"
#include "broker/rpc/control_service.h"
#include "broker/rpc/edge_link.h"
#include "broker/rpc/health_service.h"
#include "broker/rpc/host_link.h"
#include "broker/rpc/server_tls.h"
#include "broker/shard/shards.h"
#include "common/admin.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "common/rpc/server_queues.h"
#include "grpcpp/server.h"

namespace aerie::broker {

// The broker process, less its main: edges on one side, hosts on the other, the
// admin port beside them. Made, drained and destroyed on one thread; what only
// reads may be called on any.
class Server {
 public:
  // Edges are served from here on. Errors: an address that is taken, or that
  // may not be listened on; routes, tokens or keys that can't be.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      Options options, const HostRegistry& hosts);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Cuts the links that are left; channels that are left get no terminate.
  ~Server();

  uint16_t port() const { return static_cast<uint16_t>(port_); }
  uint16_t admin_port() const { return admin_->port(); }

  // Broadcasts and disconnects from inside the process.
  Shards& shards() { return *shards_; }

  // Whether edges should link here.
  bool ready() const { return NotReady().empty(); }

  // In Prometheus' text format.
  std::string MetricsText() const { return registry_.Text(); }

  // Has edges link elsewhere and ends every channel; returns when each has been
  // terminated, or when the window is over. Once.
  void Drain();

 private:
  explicit Server(Options options);

  absl::Status Prepare(const HostRegistry& hosts);
  absl::Status PrepareAuthority();
  absl::Status Listen();
  AdminPages Pages();
  // Reasons for /livez and /readyz.
  std::vector<std::string> NotLive() const;
  std::vector<std::string> NotReady() const;

  const Options options_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  // In the order in which they need each other.
  std::unique_ptr<ServiceCredentials> credentials_;
  std::unique_ptr<Authorizer> authorizer_;
  std::unique_ptr<ConnectRule> rule_;
  std::unique_ptr<ResumeBlobs> blobs_;
  std::unique_ptr<AttachedHosts> hosts_;
  std::unique_ptr<ConnectRule> connect_rule_;  // hosts_, or else rule_.
  std::unique_ptr<Shards> shards_;
  std::unique_ptr<PollTokens> poll_tokens_;
  std::unique_ptr<LongPolls> polls_;
  std::unique_ptr<EdgeLinkService> edge_links_;
  std::unique_ptr<EdgesAndPolls> edges_;
  std::unique_ptr<ChannelHostService> host_links_;
  std::unique_ptr<ControlService> control_;
  std::unique_ptr<HealthService> health_;
  ServerTls tls_{options_.tls, Clock::Real(), metrics_};
  rpc::ServerQueues queues_;
  std::unique_ptr<grpc::Server> grpc_;
  int port_ = 0;
  std::atomic<bool> draining_{false};
  // Null when it is turned off.
  std::unique_ptr<Dashboard> dashboard_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SERVER_H_
