#include "clients/cpp/channel_host.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/attachment.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/drain_signals.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/rules.h"
#include "common/log.h"
#include "common/rpc/backoff.h"
#include "common/rpc/completion_threads.h"
#include "common/rpc/instance.h"
#include "common/rpc/setup.h"

namespace aerie::client {
namespace {

using std::chrono::milliseconds;

// Reasons that are there to stay.
bool Fatal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Serves on the thread that calls Run; state is HostState's, by its lock, but
// for what is of that thread.
class ChannelHost::Impl {
 public:
  explicit Impl(HostOptions options)
      : options_(std::move(options)),
        state_(std::make_shared<HostState>(options_.threads)) {
    if (options_.instance.empty()) options_.instance = rpc::NewInstanceName("");
  }

  void Handle(std::string pattern, Factory make, PatternOptions options);
  void HandleConnect(ConnectCallback connect) {
    state_->connect = std::move(connect);
  }
  absl::Status Run();
  void End(bool stop);
  bool attached() const;
  absl::Status Say(v1::HostFrame frame);
  uint64_t payload_bytes_max() const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  absl::Status Check() const;
  v1::HostFrame Registration() const;
  absl::Status ServeAll();
  absl::Status Attempt(const std::string& address);
  void Serve(Lock& lock, Attachment& attachment);
  void DrainStream(Lock& lock, Attachment& attachment);
  void Settle();
  template <typename Condition>
  bool WaitFor(Lock& lock, int64_t ms, Condition condition) {
    return state_->changed.wait_for(lock, milliseconds(ms), condition);
  }

  HostOptions options_;
  const std::shared_ptr<HostState> state_;
  std::shared_ptr<Attachment> current_;  // By HostState::mutex.

  // Of Run's thread.
  absl::Status wrong_;
  bool ran_ = false;
  bool ever_attached_ = false;
  rpc::Backoff backoff_{limits::kBackoffMinMs, limits::kBackoffMaxMs};
  absl::BitGen random_;
  rpc::CompletionThreads threads_;
  grpc::CompletionQueue* queue_ = nullptr;
};

void ChannelHost::Impl::Handle(std::string pattern, Factory make,
                               PatternOptions options) {
  absl::Status status = CheckPattern(pattern);
  if (make == nullptr || state_->Find(pattern) != nullptr) {
    status = absl::InvalidArgumentError("a pattern has one factory");
  } else if (options.intercepts.size() > limits::kInterceptsMax) {
    status = absl::InvalidArgumentError("too many intercepts");
  }
  for (const std::string& event : options.intercepts) {
    if (status.ok()) status = CheckEventName(event);
  }
  if (wrong_.ok() && !status.ok()) {
    wrong_ = absl::InvalidArgumentError(
        absl::StrCat("pattern ", pattern, ": ", status.message()));
  }
  state_->routes.push_back(std::make_shared<Route>(
      Route{std::move(pattern), std::move(make), std::move(options.intercepts),
            static_cast<int>(options.spread)}));
}

absl::Status ChannelHost::Impl::Check() const {
  if (!wrong_.ok()) return wrong_;
  if (ran_) return absl::FailedPreconditionError("a host runs once");
  if (options_.name.empty() || options_.name.size() > limits::kNameBytesMax) {
    return absl::InvalidArgumentError("a host has a name of 1 to 128 bytes");
  }
  if (options_.connection.brokers.empty()) {
    return absl::InvalidArgumentError("there is no address of a broker");
  }
  if (state_->routes.size() > limits::kPatternsMax) {
    return absl::InvalidArgumentError("more than 256 patterns");
  }
  if (state_->routes.empty() && state_->connect == nullptr) {
    return absl::InvalidArgumentError("the host handles nothing");
  }
  return absl::OkStatus();
}

v1::HostFrame ChannelHost::Impl::Registration() const {
  v1::HostFrame frame;
  v1::HostFrame::Registration& registration = *frame.mutable_registration();
  registration.set_major(limits::kProtocolMajor);
  registration.set_minor(limits::kProtocolMinor);
  registration.set_name(options_.name);
  registration.set_instance(options_.instance);
  registration.set_version(options_.version);
  registration.set_capacity(options_.capacity);
  registration.set_connect(state_->connect != nullptr);
  for (const auto& route : state_->routes) {
    v1::HostFrame::Pattern& pattern = *registration.add_patterns();
    pattern.set_pattern(route->pattern);
    pattern.set_spread(
        static_cast<v1::HostFrame::Pattern::Spread>(route->spread));
    for (const std::string& event : route->intercepts) {
      pattern.add_intercepts(event);
    }
  }
  return frame;
}

absl::Status ChannelHost::Impl::Run() {
  absl::Status valid = Check();
  if (!valid.ok()) return valid;
  ran_ = true;
  std::optional<DrainSignals> signals;
  if (options_.handle_signals) signals.emplace([this] { End(false); });
  auto queue = std::make_unique<grpc::CompletionQueue>();
  queue_ = queue.get();
  threads_.Add(std::move(queue));
  absl::Status status = ServeAll();
  Settle();
  threads_.Stop();
  return status;
}

// One stream after the other.
absl::Status ChannelHost::Impl::ServeAll() {
  const std::vector<std::string>& brokers = options_.connection.brokers;
  for (size_t next = 0;; ++next) {
    absl::Status status = Attempt(brokers[next % brokers.size()]);
    Lock lock(state_->mutex);
    if (state_->draining) return absl::OkStatus();
    if (Fatal(status)) {
      if (!ever_attached_) return status;
      log::Error("not attached", {{"reason", status.ToString()}});
    }
    const uint32_t ms = backoff_.NextMs(absl::Uniform(random_, 0.0, 1.0));
    if (WaitFor(lock, ms, [this] { return state_->draining; })) {
      return absl::OkStatus();
    }
  }
}

// From the attempt to the stream's end, whose reason it gives.
absl::Status ChannelHost::Impl::Attempt(const std::string& address) {
  const auto channel = MakeChannel(options_.connection, address);
  if (!channel.ok()) return channel.status();
  const auto stub = v1::ChannelHost::NewStub(*channel);
  const auto attachment = std::make_shared<Attachment>(state_);
  const absl::Status authorized =
      Authorize(options_.connection, attachment->stream().context());
  if (!authorized.ok()) {
    log::Warning("no token", {{"reason", authorized.ToString()}});
    return absl::UnavailableError(authorized.message());
  }
  attachment->stream().Start(*stub, *queue_, Registration(), attachment);
  Lock lock(state_->mutex);
  WaitFor(lock, limits::kAttachTimeoutMs, [&] {
    return attachment->attached() || attachment->ended() || state_->draining;
  });
  if (attachment->attached()) {
    Serve(lock, *attachment);
  } else if (!attachment->ended()) {
    lock.unlock();
    attachment->stream().Cancel(absl::StatusCode::kDeadlineExceeded);
    lock.lock();
  }
  state_->changed.wait(lock, [&] { return attachment->ended(); });
  current_ = nullptr;
  log::Info(
      attachment->attached() ? "stream lost" : "not attached",
      {{"address", address}, {"reason", attachment->status().ToString()}});
  return attachment->status();
}

void ChannelHost::Impl::Serve(Lock& lock, Attachment& attachment) {
  ever_attached_ = true;
  current_ = attachment.shared_from_this();
  const auto since = std::chrono::steady_clock::now();
  state_->changed.wait(lock,
                       [&] { return attachment.ended() || state_->draining; });
  const auto lasted = std::chrono::steady_clock::now() - since;
  if (lasted >= milliseconds(limits::kStableAfterMs)) backoff_.Reset();
  if (attachment.ended()) return;
  DrainStream(lock, attachment);
  lock.unlock();
  attachment.stream().Cancel(absl::StatusCode::kCancelled);
  lock.lock();
}

// Ends the channels of a stream, and then half-closes it.
void ChannelHost::Impl::DrainStream(Lock& lock, Attachment& attachment) {
  if (state_->stopping) return;
  log::Info("draining", {{"broker", attachment.broker()},
                         {"window_ms", options_.drain_window_ms}});
  v1::HostFrame frame;
  frame.mutable_drain()->set_window_ms(options_.drain_window_ms);
  attachment.Say(std::move(frame));
  const auto over = [&] { return attachment.ended() || state_->stopping; };
  if (!WaitFor(lock, int64_t{options_.drain_window_ms} + limits::kDrainGraceMs,
               [&] { return attachment.drained() || over(); })) {
    log::Error("drain has taken too long", {{"broker", attachment.broker()}});
  }
  if (over()) return;
  log::Info("drained", {{"broker", attachment.broker()}});
  lock.unlock();
  attachment.stream().Finish();
  lock.lock();
  WaitFor(lock, limits::kCloseGraceMs, over);
}

// Waits a moment for the channels that are ending.
void ChannelHost::Impl::Settle() {
  {
    Lock lock(state_->mutex);
    WaitFor(lock, limits::kCloseGraceMs,
            [this] { return state_->channels == 0; });
  }
  state_->workers.Stop();
}

void ChannelHost::Impl::End(bool stop) {
  Lock lock(state_->mutex);
  state_->draining = true;
  state_->stopping |= stop;
  state_->changed.notify_all();
}

bool ChannelHost::Impl::attached() const {
  Lock lock(state_->mutex);
  return current_ != nullptr;
}

uint64_t ChannelHost::Impl::payload_bytes_max() const {
  Lock lock(state_->mutex);
  return current_ == nullptr ? limits::kPayloadBytesMax
                             : current_->payload_bytes_max();
}

absl::Status ChannelHost::Impl::Say(v1::HostFrame frame) {
  std::shared_ptr<Attachment> attachment;
  {
    Lock lock(state_->mutex);
    attachment = current_;
  }
  if (attachment == nullptr) return absl::UnavailableError("not attached");
  attachment->Say(std::move(frame));
  return absl::OkStatus();
}

ChannelHost::ChannelHost(HostOptions options) {
  rpc::PrepareProcess();
  impl_ = std::make_unique<Impl>(std::move(options));
}

ChannelHost::~ChannelHost() = default;

void ChannelHost::Handle(std::string pattern, Factory make,
                         PatternOptions options) {
  impl_->Handle(std::move(pattern), std::move(make), std::move(options));
}

void ChannelHost::HandleConnect(ConnectCallback connect) {
  impl_->HandleConnect(std::move(connect));
}

absl::Status ChannelHost::Run() { return impl_->Run(); }
void ChannelHost::Drain() { impl_->End(/*stop=*/false); }
void ChannelHost::Stop() { impl_->End(/*stop=*/true); }
bool ChannelHost::attached() const { return impl_->attached(); }

absl::Status ChannelHost::Broadcast(absl::string_view topic,
                                    absl::string_view event, Payload payload) {
  absl::Status status = CheckTopic(topic);
  if (status.ok()) {
    status = CheckEvent(event, payload, impl_->payload_bytes_max());
  }
  if (!status.ok()) return status;
  v1::HostFrame frame;
  frame.mutable_broadcast()->set_topic(std::string(topic));
  frame.mutable_broadcast()->set_event(std::string(event));
  *frame.mutable_broadcast()->mutable_payload() = std::move(payload).ToProto();
  return impl_->Say(std::move(frame));
}

absl::Status ChannelHost::Send(uint64_t channel, absl::string_view event,
                               Payload payload) {
  absl::Status status = CheckEvent(event, payload, impl_->payload_bytes_max());
  if (!status.ok()) return status;
  v1::HostFrame frame;
  frame.mutable_send()->set_to(channel);
  frame.mutable_send()->set_event(std::string(event));
  *frame.mutable_send()->mutable_payload() = std::move(payload).ToProto();
  return impl_->Say(std::move(frame));
}

absl::Status ChannelHost::Disconnect(absl::string_view socket_id) {
  if (socket_id.empty()) {
    return absl::InvalidArgumentError("the socket id is empty");
  }
  v1::HostFrame frame;
  frame.mutable_disconnect()->set_socket_id(std::string(socket_id));
  return impl_->Say(std::move(frame));
}

}  // namespace aerie::client
