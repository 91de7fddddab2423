#include "edge/server.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/rpc/instance.h"

namespace aerie::edge {
namespace {

// Time for the last words to the broker.
constexpr absl::Duration kFlushMax = absl::Seconds(1);

BrokerLinkOptions LinkOptions(const Options& options) {
  BrokerLinkOptions link;
  link.target = options.broker;
  link.credentials = options.credentials;
  link.instance = rpc::NewInstanceName(options.name);
  return link;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  auto registry = std::make_unique<MetricsRegistry>();
  auto metrics = std::make_unique<Metrics>(*registry);
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Create(options.listener, options.limits, *metrics);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<Server> server(
      new Server(std::move(options), std::move(registry), std::move(metrics),
                 *std::move(listener)));
  absl::StatusOr<std::unique_ptr<AdminServer>> admin =
      AdminServer::Start(server->options_.admin_address, server->Pages());
  if (!admin.ok()) return admin.status();
  server->admin_ = *std::move(admin);
  server->StartThreads();
  log::Info("edge started", {{"port", server->port()},
                             {"admin_port", server->admin_port()},
                             {"broker", server->options_.broker},
                             {"threads", server->threads_.size()}});
  return server;
}

Server::Server(Options options, std::unique_ptr<MetricsRegistry> registry,
               std::unique_ptr<Metrics> metrics,
               std::unique_ptr<Listener> listener)
    : options_(std::move(options)),
      registry_(std::move(registry)),
      metrics_(std::move(metrics)),
      listener_(std::move(listener)),
      link_(LinkOptions(options_), options_.limits, *metrics_, Clock::Real()) {
  AddBuildInfo(*registry_, "edge");
  AddThreads();
}

Server::~Server() {
  admin_.reset();
  listener_->Stop();
  link_.Close(kFlushMax);
}

void Server::Drain() {
  draining_ = true;
  metrics_->draining.Set(1);
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(options_.drain_window_ms);
  log::Info("edge drains", {{"sockets", metrics_->sockets.Value()},
                            {"window_ms", options_.drain_window_ms}});
  std::vector<std::future<void>> drained;
  for (uint32_t i = 0; i < threads_.size(); ++i) {
    std::promise<void> done;
    drained.push_back(done.get_future());
    listener_->Post(i, [this, i, done = std::move(done)]() mutable {
      threads_[i]->Drain(ClosingWindowMs(), std::move(done));
    });
  }
  for (const std::future<void>& each : drained) each.wait_until(end);
  log::Info("edge drained", {{"sockets", metrics_->sockets.Value()}});
}

void Server::AddThreads() {
  const uint32_t count = listener_->threads();
  for (uint32_t i = 0; i < count; ++i) {
    threads_.push_back(std::make_unique<EdgeThread>(
        i, count, options_.limits, link_, *metrics_, Clock::Real()));
    link_threads_.push_back(std::make_unique<TableThread>(
        [this, i](std::chrono::microseconds delay,
                  absl::AnyInvocable<void()> turn) {
          delay > std::chrono::microseconds::zero()
              ? listener_->PostAfter(i, delay, std::move(turn))
              : listener_->Post(i, std::move(turn));
        },
        threads_[i]->table()));
  }
}

void Server::StartThreads() {
  std::vector<Sockets*> sockets;
  std::vector<LinkedThread*> link_threads;
  for (const auto& thread : threads_) sockets.push_back(thread.get());
  for (const auto& thread : link_threads_) link_threads.push_back(thread.get());
  listener_->Start(sockets);
  link_.Start(link_threads);
}

AdminPages Server::Pages() {
  AdminPages pages;
  pages.not_live = [this] { return NotLive(); };
  pages.not_ready = [this] { return NotReady(); };
  pages.metrics = [this] { return MetricsText(); };
  pages.build_info = BuildInfo("aerie-edge");
  pages.refused = &metrics_->admin_connections_refused;
  return pages;
}

std::vector<std::string> Server::NotLive() const {
  std::vector<std::string> reasons;
  for (size_t i = 0; i < threads_.size(); ++i) {
    if (!threads_[i]->Ticks()) {
      reasons.push_back(absl::StrCat("io thread ", i, " is stuck"));
    }
  }
  return reasons;
}

std::vector<std::string> Server::NotReady() const {
  std::vector<std::string> reasons;
  if (draining_) reasons.push_back("draining");
  const auto linked = [](const auto& thread) { return thread->linked(); };
  if (!std::all_of(link_threads_.begin(), link_threads_.end(), linked)) {
    reasons.push_back("no broker");
  }
  if (CanaryAgeMs() > options_.limits.canary_silence_ms) {
    reasons.push_back("broadcasts do not come back");
  }
  return reasons;
}

int64_t Server::CanaryAgeMs() const {
  int64_t age_ms = 0;
  for (const auto& thread : threads_) {
    age_ms = std::max(age_ms, thread->CanaryAgeMs());
  }
  return age_ms;
}

std::string Server::MetricsText() const {
  metrics_->canary_lag.Set(static_cast<double>(CanaryAgeMs()) / 1000);
  return registry_->Text();
}

// What is closed last still has its close timeout inside the drain window.
int64_t Server::ClosingWindowMs() const {
  const int64_t window_ms = options_.drain_window_ms;
  return std::max<int64_t>(window_ms - options_.limits.close_timeout_ms,
                           window_ms / 2);
}

}  // namespace aerie::edge
