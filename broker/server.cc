#include "broker/server.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/auth/built_in_rules.h"
#include "broker/hosts/attached/host_connect_rule.h"
#include "broker/hosts/attached_routes.h"
#include "common/address.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/rpc/authority.h"
#include "common/rpc/instance.h"
#include "common/rpc/setup.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/server_builder.h"

namespace aerie::broker {
namespace {

// For edges that have been told to drain, to close their links themselves.
constexpr std::chrono::seconds kShutdownMax(1);

uint32_t LoopsOf(const Options& options) {
  if (options.loops > 0) return options.loops;
  return std::max(1u, std::thread::hardware_concurrency());
}

// What an operator should know of a port that is not protected in full.
void LogAuthority(const Options& options) {
  const absl::StatusOr<Address> address = ParseAddress(options.address);
  const bool reachable = address.ok() && !address->IsLoopback();
  if (options.services.none()) {
    const log::Fields fields = {{"address", options.address},
                                {"insecure", options.insecure},
                                {"reason", "no `services` are configured"}};
    constexpr char kEvent[] = "no credentials are asked for on the gRPC port";
    reachable ? log::Warning(kEvent, fields) : log::Info(kEvent, fields);
  } else if (reachable && options.tls.certificate_file.empty()) {
    log::Warning(
        "tokens are readable on the wire of the gRPC port",
        {{"address", options.address}, {"reason", "no `tls` is configured"}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    Options options, const HostRegistry& hosts) {
  std::unique_ptr<Server> server(new Server(std::move(options)));
  absl::Status status = server->Prepare(hosts);
  if (status.ok()) status = server->Listen();
  if (!status.ok()) return status;
  log::Info("broker started", {{"port", server->port_},
                               {"admin_port", server->admin_port()},
                               {"loops", server->shards_->count()}});
  return server;
}

Server::Server(Options options) : options_(std::move(options)) {
  AddBuildInfo(registry_, "broker");
}

Server::~Server() {
  admin_.reset();
  if (grpc_ != nullptr) {
    control_->EndStreams();
    health_->EndStreams();
    grpc_->Shutdown(std::chrono::system_clock::now() + kShutdownMax);
    grpc_->Wait();
    queues_.Stop();
  }
  // Behind the last link, before the links' service.
  if (shards_ != nullptr) shards_->Stop();
}

// Who may call, and how they reach the broker.
absl::Status Server::PrepareAuthority() {
  absl::Status status = rpc::CheckListenAddress(
      options_.address, !options_.services.none(), options_.insecure);
  if (status.ok()) status = CheckTls(options_.tls);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<ServiceCredentials>> credentials =
      ServiceCredentials::Create(options_.services, Clock::Real(), metrics_);
  if (!credentials.ok()) return credentials.status();
  credentials_ = *std::move(credentials);
  authorizer_ = std::make_unique<Authorizer>(*credentials_, metrics_);
  LogAuthority(options_);
  return absl::OkStatus();
}

absl::Status Server::Prepare(const HostRegistry& hosts) {
  absl::Status authority = PrepareAuthority();
  if (!authority.ok()) return authority;

  absl::StatusOr<std::unique_ptr<ConnectRule>> rule = MakeConnectRule(
      options_.connect, options_.limits, Clock::Real(), metrics_);
  if (!rule.ok()) return rule.status();
  rule_ = *std::move(rule);

  absl::StatusOr<std::vector<std::string>> keys =
      ResumeBlobs::LoadKeys(options_.resume.key_file);
  if (!keys.ok()) return keys.status();
  const std::string broker = rpc::NewInstanceName(options_.name);
  poll_tokens_ = std::make_unique<PollTokens>(*keys, broker);
  blobs_ = std::make_unique<ResumeBlobs>(
      *std::move(keys), absl::Milliseconds(options_.resume.ttl_ms),
      options_.limits.resume_blob_bytes_max);

  hosts_ = std::make_unique<AttachedHosts>(options_.limits, Clock::Real(),
                                           metrics_, broker);
  connect_rule_ = std::make_unique<HostConnectRule>(*hosts_, *rule_);
  const absl::StatusOr<std::shared_ptr<const Router>> router =
      // Not owned by the router: it outlives it.
      hosts.MakeRouter(
          options_.routes,
          std::shared_ptr<Host>(std::shared_ptr<Host>(), hosts_.get()));
  if (!router.ok()) return router.status();
  shards_ = std::make_unique<Shards>(LoopsOf(options_), *router,
                                     options_.limits, Clock::Real(), metrics_);
  hosts_->Bind(*shards_, *router, AttachedRoutes(options_.routes));
  host_links_ = std::make_unique<ChannelHostService>(*hosts_, *authorizer_,
                                                     options_.limits, metrics_);
  polls_ = std::make_unique<LongPolls>(
      LongPollContext{*shards_, *connect_rule_, *poll_tokens_, options_.limits,
                      metrics_, Clock::Real()},
      broker);
  edge_links_ = std::make_unique<EdgeLinkService>(
      LinkContext{*shards_, *connect_rule_, *blobs_, *polls_, options_.limits,
                  metrics_, Clock::Real()},
      *authorizer_, broker);
  edges_ = std::make_unique<EdgesAndPolls>(edge_links_->edges(), *polls_);
  control_ = std::make_unique<ControlService>(
      ControlContext{*shards_, *edges_, *hosts_, *rule_, *blobs_,
                     options_.limits, metrics_, Clock::Real(), *router, broker},
      *authorizer_);
  health_ = std::make_unique<HealthService>();
  return absl::OkStatus();
}

absl::Status Server::Listen() {
  shards_->Start();
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  rpc::PrepareServer(builder);
  builder.AddListeningPort(options_.address, tls_.Credentials(), &port_);
  builder.RegisterService(&edge_links_->service());
  builder.RegisterService(&host_links_->service());
  builder.RegisterService(&control_->service());
  builder.RegisterService(&health_->service());
  queues_.Register(builder);
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr || port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.address));
  }
  queues_.Start();
  edge_links_->Serve(queues_);
  host_links_->Serve(queues_);
  control_->Serve(queues_);
  health_->Serve(queues_);
  if (options_.dashboard) {
    dashboard_ = std::make_unique<Dashboard>(DashboardContext{
        control_->control(), options_.limits, metrics_, Clock::Real(),
        shards_->count(), [this] { return NotReady(); }});
  }
  absl::StatusOr<std::unique_ptr<AdminServer>> admin =
      AdminServer::Start(options_.admin_address, Pages());
  if (!admin.ok()) return admin.status();
  admin_ = *std::move(admin);
  return absl::OkStatus();
}

void Server::Drain() {
  draining_ = true;
  metrics_.draining.Set(1);
  log::Info("broker drains", {{"links", metrics_.links.Value()},
                              {"channels", metrics_.channels.Value()},
                              {"window_ms", options_.drain_window_ms}});
  health_->Drain();
  hosts_->Drain();
  control_->Drain();
  polls_->Drain();
  // Edges end the channels for their clients, and then the shards for the
  // hosts: an edge that heard of the ends first would keep them to itself.
  // Shared with other threads, which may be late.
  const auto done = std::make_shared<std::promise<void>>();
  edge_links_->Drain([this, done] {
    shards_->Drain([this, done] {
      hosts_->AwaitTerminates([done] { done->set_value(); });
    });
  });
  const bool in_time =
      done->get_future().wait_for(std::chrono::milliseconds(
          options_.drain_window_ms)) == std::future_status::ready;
  // Behind the last channel's end, which they have been told.
  control_->EndStreams();
  log::Info("broker drained", {{"in_time", in_time}});
}

AdminPages Server::Pages() {
  AdminPages pages;
  pages.not_live = [this] { return NotLive(); };
  pages.not_ready = [this] { return NotReady(); };
  pages.metrics = [this] { return MetricsText(); };
  pages.build_info = BuildInfo("aerie-broker");
  pages.refused = &metrics_.admin_connections_refused;
  pages.section = dashboard_.get();
  return pages;
}

std::vector<std::string> Server::NotLive() const {
  const size_t stuck = shards_->StuckLoops();
  if (stuck == 0) return {};
  return {absl::StrCat(stuck, " loops are stuck")};
}

std::vector<std::string> Server::NotReady() const {
  if (draining_) return {"draining"};
  return {};
}

}  // namespace aerie::broker
