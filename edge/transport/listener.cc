#include "edge/transport/listener.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/log.h"
#include "edge/transport/acceptor.h"
#include "edge/transport/front.h"
#include "edge/transport/io_thread.h"
#include "edge/transport/tls.h"

namespace aerie::edge {
namespace {

// For everything that is no client: links, logs, the admin port, certificates.
constexpr int64_t kDescriptorsKept = 128;
constexpr auto kTlsPollPeriod = std::chrono::seconds(2);

// How many connections there may be.
int64_t ConnectionsMax(const Limits& limits) {
  if (limits.connections_max > 0) return limits.connections_max;
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
      files.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<int64_t>::max();
  }
  const auto files_max = static_cast<int64_t>(files.rlim_cur);
  return std::max(files_max - kDescriptorsKept, files_max / 2);
}

absl::Status CheckTlsOptions(const ListenerOptions& options) {
  if (options.tls_certificate_file.empty() == options.tls_key_file.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "tls: a certificate file and a key file are needed, or neither");
}

class AsioListener final : public Listener {
 public:
  AsioListener(const ListenerOptions& options, const Limits& limits,
               Metrics& metrics, Front front);
  ~AsioListener() override { Stop(); }

  absl::Status Bind(const ListenerOptions& options);

  uint32_t threads() const override { return threads_.size(); }
  uint16_t port() const override { return acceptors_[0]->port(); }
  void Start(const std::vector<Sockets*>& sockets) override;
  void Post(uint32_t thread, absl::AnyInvocable<void()> task) override {
    threads_[thread]->Post(std::move(task));
  }
  void PostAfter(uint32_t thread, std::chrono::microseconds delay,
                 absl::AnyInvocable<void()> task) override {
    threads_[thread]->PostAfter(delay, std::move(task));
  }
  void Stop() override;

 private:
  void PollTls();
  void ReloadTls();

  const Limits limits_;
  Metrics& metrics_;
  const Front front_;
  std::atomic<int64_t> connections_{0};
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::thread> running_;
  // Used on the first thread, once that runs.
  std::unique_ptr<TlsFiles> tls_files_;
  std::unique_ptr<boost::asio::steady_timer> tls_timer_;
};

AsioListener::AsioListener(const ListenerOptions& options, const Limits& limits,
                           Metrics& metrics, Front front)
    : limits_(limits), metrics_(metrics), front_(std::move(front)) {
  uint32_t count = options.threads;
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  const int64_t connections_max = ConnectionsMax(limits);
  for (uint32_t i = 0; i < count; ++i) {
    threads_.push_back(std::make_unique<IoThread>(front_, limits_, count,
                                                  metrics_, connections_));
    acceptors_.push_back(std::make_unique<Acceptor>(*threads_[i], connections_,
                                                    connections_max));
  }
}

absl::Status AsioListener::Bind(const ListenerOptions& options) {
  if (!options.tls_certificate_file.empty()) {
    tls_files_ = std::make_unique<TlsFiles>(options.tls_certificate_file,
                                            options.tls_key_file);
    absl::StatusOr<SslContext> tls = tls_files_->Load();
    if (!tls.ok()) return tls.status();
    for (const auto& thread : threads_) thread->SetTls(Share(*tls));
  }
  const absl::StatusOr<Address> address = ParseAddress(options.address);
  if (!address.ok()) return address.status();
  uint16_t port = address->port;
  for (const auto& acceptor : acceptors_) {
    absl::Status status = acceptor->Bind(address->host, port);
    if (!status.ok()) return status;
    port = acceptor->port();
  }
  return absl::OkStatus();
}

void AsioListener::Start(const std::vector<Sockets*>& sockets) {
  // OpenSSL writes to sockets with write(2).
  std::signal(SIGPIPE, SIG_IGN);
  if (tls_files_ != nullptr) {
    tls_timer_ =
        std::make_unique<boost::asio::steady_timer>(threads_[0]->context());
    threads_[0]->Post([this] { PollTls(); });
  }
  for (size_t i = 0; i < threads_.size(); ++i) {
    threads_[i]->Post([acceptor = acceptors_[i].get()] { acceptor->Start(); });
    running_.emplace_back([thread = threads_[i].get(), table = sockets[i]] {
      thread->Run(*table);
    });
  }
}

void AsioListener::Stop() {
  if (running_.empty()) return;
  threads_[0]->Post([this] {
    if (tls_timer_ != nullptr) tls_timer_->cancel();
  });
  for (size_t i = 0; i < threads_.size(); ++i) {
    Post(i, [thread = threads_[i].get(), acceptor = acceptors_[i].get()] {
      acceptor->Stop();
      thread->Stop();
    });
  }
  for (std::thread& thread : running_) thread.join();
  running_.clear();
}

void AsioListener::PollTls() {
  tls_timer_->expires_after(kTlsPollPeriod);
  tls_timer_->async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (tls_files_->Changed()) ReloadTls();
    PollTls();
  });
}

// Connections that are open keep what they were opened with.
void AsioListener::ReloadTls() {
  absl::StatusOr<SslContext> tls = tls_files_->Load();
  if (!tls.ok()) {
    metrics_.tls_reload_errors.Increment();
    log::Error("tls reload failed", {{"reason", tls.status().message()}});
    return;
  }
  for (const auto& thread : threads_) {
    thread->Post([thread = thread.get(), shared = Share(*tls)]() mutable {
      thread->SetTls(std::move(shared));
    });
  }
  metrics_.tls_reloads.Increment();
  log::Info("tls reloaded");
}

}  // namespace

absl::Status Listener::Check(const ListenerOptions& options) {
  absl::Status status = CheckTlsOptions(options);
  if (!status.ok()) return status;
  status = ParseAddress(options.address).status();
  if (!status.ok()) return status;
  status = Front::Create(options).status();
  if (!status.ok() || options.tls_certificate_file.empty()) return status;
  return LoadTls(options.tls_certificate_file, options.tls_key_file).status();
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Create(
    const ListenerOptions& options, const Limits& limits, Metrics& metrics) {
  absl::Status status = CheckTlsOptions(options);
  if (!status.ok()) return status;
  absl::StatusOr<Front> front = Front::Create(options);
  if (!front.ok()) return front.status();
  auto listener = std::make_unique<AsioListener>(options, limits, metrics,
                                                 *std::move(front));
  status = listener->Bind(options);
  if (!status.ok()) return status;
  return listener;
}

}  // namespace aerie::edge
