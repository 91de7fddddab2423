#include "edge/link/broker_link.h"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/build_info.h"
#include "common/log.h"
#include "common/rpc/alive.h"
#include "common/rpc/backoff.h"
#include "common/rpc/completion_threads.h"
#include "common/rpc/outbox.h"
#include "common/rpc/strand.h"
#include "edge/link/downlink.h"
#include "edge/link/link_stream.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/link_version.h"

namespace aerie::edge {
namespace {

grpc::ChannelArguments ArgumentsOf(const BrokerLinkOptions& options) {
  grpc::ChannelArguments arguments = rpc::ClientArguments(options.reconnect);
  const std::string& name = options.credentials.server_name;
  if (!name.empty()) arguments.SetSslTargetNameOverride(name);
  return arguments;
}

// Whether trying again helps only if somebody changes something.
bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) ||
         absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

}  // namespace

// What outlives BrokerLink by the time that gRPC's last callback takes. State
// is the strand's, but for what is said otherwise.
class BrokerLink::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(BrokerLinkOptions options, const Limits& limits, Metrics& metrics,
       const Clock& clock);

  // On the thread that owns the link.
  void Start(const std::vector<LinkedThread*>& threads);
  void Close(absl::Duration flush_max);
  bool running() const { return downlink_ != nullptr && !closed_; }

  void Send(v1::EdgeFrame frame) { downlink_->Send(std::move(frame)); }
  bool up() const { return up_; }

 private:
  // One link, from the attempt to its end.
  class Attempt final : public LinkStream::Listener,
                        public std::enable_shared_from_this<Attempt> {
   public:
    enum class State { kWaiting, kUp, kDrained };

    Attempt(std::shared_ptr<Impl> impl, uint64_t epoch)
        : impl_(std::move(impl)), epoch_(epoch) {}

    bool Received(std::shared_ptr<const v1::BrokerBatch> batch) override;
    void Ended(const absl::Status& status) override;

    void set_stream(std::shared_ptr<LinkStream> s) { stream_ = std::move(s); }
    // Null once it has ended.
    const std::shared_ptr<LinkStream>& stream() const { return stream_; }
    uint64_t epoch() const { return epoch_; }
    State state() const { return state_; }
    // For how long the link was up; 0 if it never was.
    int64_t UpMs() const;

   private:
    bool Welcomed(const v1::BrokerBatch& batch);

    const std::shared_ptr<Impl> impl_;
    const uint64_t epoch_;
    std::shared_ptr<LinkStream> stream_;
    // Written by the stream's reader.
    std::atomic<State> state_{State::kWaiting};
    int64_t up_at_ms_ = 0;
  };

  void Connect();
  absl::StatusOr<std::string> Prepare();
  void WelcomeLate(const std::shared_ptr<Attempt>& attempt);
  void Ended(const std::shared_ptr<Attempt>& attempt,
             const absl::Status& status);
  void Retry(int64_t up_ms);
  void After(uint32_t ms, rpc::Strand::Turn turn);
  void CancelAll();
  void SetUp(bool up);
  v1::EdgeFrame Hello() const;

  const BrokerLinkOptions options_;
  Metrics& metrics_;
  const Clock& clock_;
  const rpc::OutboxOptions outbox_options_;
  const uint64_t inbox_bytes_max_;

  // Of the thread that owns the link.
  rpc::CompletionThreads threads_;
  grpc::CompletionQueue* queue_ = nullptr;
  std::unique_ptr<Downlink> downlink_;
  bool closed_ = false;

  std::atomic<bool> up_{false};
  // The stream that may be waiting for room; of its reader.
  std::weak_ptr<LinkStream> reader_;

  rpc::Strand strand_;
  // Of a channel that was made with TLS' files as they were then. Until Close,
  // as the queue.
  std::unique_ptr<v1::EdgeLink::Stub> stub_;
  std::string tls_signature_;
  uint64_t epoch_ = 0;
  rpc::Backoff backoff_;
  absl::BitGen random_;
  std::unique_ptr<grpc::Alarm> timer_;
  // The newest one, and those that drain.
  absl::flat_hash_set<std::shared_ptr<Attempt>> attempts_;
  bool closing_ = false;
  // Shared with the streams; null once there will be no more of them.
  std::shared_ptr<rpc::Alive> alive_ = std::make_shared<rpc::Alive>();
};

BrokerLink::Impl::Impl(BrokerLinkOptions options, const Limits& limits,
                       Metrics& metrics, const Clock& clock)
    : options_(std::move(options)),
      metrics_(metrics),
      clock_(clock),
      outbox_options_{.bytes_max = limits.link_outbox_bytes_max},
      inbox_bytes_max_(limits.thread_inbox_bytes_max),
      backoff_(options_.reconnect.min_ms, options_.reconnect.max_ms) {}

void BrokerLink::Impl::Start(const std::vector<LinkedThread*>& threads) {
  downlink_ =
      std::make_unique<Downlink>(threads, inbox_bytes_max_, metrics_, [this] {
        if (const auto stream = reader_.lock()) stream->Read();
      });
  auto queue = std::make_unique<grpc::CompletionQueue>();
  queue_ = queue.get();
  threads_.Add(std::move(queue));
  strand_.Post([self = shared_from_this()] { self->Connect(); });
}

// Waits until gRPC is through with the streams, so that channel and queue end
// here: a thread of theirs would wait for itself.
void BrokerLink::Impl::Close(absl::Duration flush_max) {
  closed_ = true;
  downlink_->Flush();
  const std::future<void> gone = alive_->gone.get_future();
  strand_.Post([self = shared_from_this()] {
    self->closing_ = true;
    self->timer_ = nullptr;
    self->alive_ = nullptr;
    for (const auto& attempt : self->attempts_) {
      attempt->state() == Attempt::State::kUp
          ? attempt->stream()->Finish()
          : attempt->stream()->Cancel(absl::StatusCode::kCancelled);
    }
  });
  if (gone.wait_for(absl::ToChronoMilliseconds(flush_max)) !=
      std::future_status::ready) {
    strand_.Post([self = shared_from_this()] { self->CancelAll(); });
    gone.wait();
  }
  threads_.Stop();
  stub_ = nullptr;
}

void BrokerLink::Impl::CancelAll() {
  for (const auto& attempt : attempts_) {
    attempt->stream()->Cancel(absl::StatusCode::kCancelled);
  }
  downlink_->Abandon();
}

v1::EdgeFrame BrokerLink::Impl::Hello() const {
  v1::EdgeFrame frame;
  v1::Hello& hello = *frame.mutable_hello();
  hello.set_major(v1::kLinkMajor);
  hello.set_minor(v1::kLinkMinor);
  hello.set_edge(options_.instance);
  hello.set_epoch(epoch_);
  hello.set_version(std::string(Version().data(), Version().size()));
  return frame;
}

// What an attempt needs: makes the channel, and returns the token. TLS' files
// that cannot be used change nothing once there is a channel.
absl::StatusOr<std::string> BrokerLink::Impl::Prepare() {
  std::string signature = rpc::TlsSignature(options_.credentials);
  if (stub_ == nullptr || signature != tls_signature_) {
    const auto credentials = rpc::MakeChannelCredentials(options_.credentials);
    if (credentials.ok()) {
      if (stub_ != nullptr) log::Info("edge link tls files reloaded");
      stub_ = v1::EdgeLink::NewStub(grpc::CreateCustomChannel(
          options_.target, *credentials, ArgumentsOf(options_)));
    } else if (stub_ == nullptr) {
      return credentials.status();
    } else {
      log::Error("edge link tls files not reloaded",
                 {{"reason", credentials.status().message()}});
    }
    tls_signature_ = std::move(signature);
  }
  return rpc::ReadToken(options_.credentials);
}

void BrokerLink::Impl::Connect() {
  if (closing_) return;
  const absl::StatusOr<std::string> token = Prepare();
  if (!token.ok()) {
    metrics_.link_attempts_failed.Increment();
    log::Error(
        "edge link attempt failed",
        {{"target", options_.target}, {"reason", token.status().ToString()}});
    return Retry(0);
  }
  ++epoch_;
  const auto attempt = std::make_shared<Attempt>(shared_from_this(), epoch_);
  attempt->set_stream(std::make_shared<LinkStream>(
      alive_, outbox_options_,
      rpc::OutboxMetrics{&metrics_.link_outbox_bytes, &metrics_.link_frames_out,
                         &metrics_.link_frames_dropped,
                         &metrics_.link_overflows,
                         &metrics_.link_frames_per_write}));
  attempts_.insert(attempt);
  attempt->stream()->Start(*stub_, *queue_, *token, Hello(), attempt);
  After(options_.welcome_timeout_ms, [this, attempt] { WelcomeLate(attempt); });
}

void BrokerLink::Impl::WelcomeLate(const std::shared_ptr<Attempt>& attempt) {
  if (attempt->state() != Attempt::State::kWaiting ||
      attempt->stream() == nullptr) {
    return;
  }
  attempt->stream()->Cancel(absl::StatusCode::kDeadlineExceeded);
}

bool BrokerLink::Impl::Attempt::Received(
    std::shared_ptr<const v1::BrokerBatch> batch) {
  impl_->metrics_.link_frames_in.Increment(batch->frames_size());
  if (state_ == State::kDrained) return true;  // Its channels have ended.
  if (state_ == State::kWaiting && !Welcomed(*batch)) return true;
  switch (impl_->downlink_->Post(batch)) {
    case Downlink::Next::kRead:
      return true;
    case Downlink::Next::kWait:
      return false;
    case Downlink::Next::kDrain:
      break;
  }
  log::Info("edge link drained", {{"epoch", epoch_}});
  impl_->metrics_.link_drains.Increment();
  state_ = State::kDrained;
  impl_->SetUp(false);
  impl_->downlink_->Lost();
  stream_->Finish();
  impl_->strand_.Post([impl = impl_, up_ms = UpMs()] { impl->Retry(up_ms); });
  return true;
}

bool BrokerLink::Impl::Attempt::Welcomed(const v1::BrokerBatch& batch) {
  if (batch.frames_size() == 0 || !batch.frames(0).has_welcome() ||
      batch.frames(0).welcome().major() != v1::kLinkMajor) {
    stream_->Cancel(absl::StatusCode::kFailedPrecondition);
    return false;
  }
  const v1::Welcome& welcome = batch.frames(0).welcome();
  log::Info("edge link up", {{"epoch", epoch_},
                             {"broker", welcome.broker()},
                             {"version", welcome.version()}});
  impl_->metrics_.links_opened.Increment();
  up_at_ms_ = impl_->clock_.NowMs();
  impl_->reader_ = stream_;
  state_ = State::kUp;
  impl_->SetUp(true);
  impl_->downlink_->Up(epoch_, stream_);
  return true;
}

int64_t BrokerLink::Impl::Attempt::UpMs() const {
  return up_at_ms_ == 0 ? 0 : impl_->clock_.NowMs() - up_at_ms_;
}

void BrokerLink::Impl::Attempt::Ended(const absl::Status& status) {
  impl_->strand_.Post([self = shared_from_this(), status] {
    self->impl_->Ended(self, status);
  });
}

void BrokerLink::Impl::Ended(const std::shared_ptr<Attempt>& attempt,
                             const absl::Status& status) {
  attempts_.erase(attempt);
  // What this turn still posts comes before the stream is gone.
  const std::shared_ptr<LinkStream> stream = attempt->stream();
  attempt->set_stream(nullptr);
  const Attempt::State state = attempt->state();
  if (state == Attempt::State::kUp) {
    SetUp(false);
    downlink_->Lost();
  }
  // After a drain another one is under way.
  if (closing_ || state == Attempt::State::kDrained) return;
  const log::Fields fields = {{"epoch", attempt->epoch()},
                              {"target", options_.target},
                              {"reason", status.ToString()}};
  if (state == Attempt::State::kUp) {
    metrics_.links_lost.Increment();
    log::Warning("edge link lost", fields);
  } else {
    metrics_.link_attempts_failed.Increment();
    IsRefusal(status) ? log::Error("edge link refused", fields)
                      : log::Warning("edge link attempt failed", fields);
  }
  Retry(attempt->UpMs());
}

void BrokerLink::Impl::Retry(int64_t up_ms) {
  // A link that ends soon after its Welcome is no success.
  if (up_ms > options_.reconnect.max_ms) backoff_.Reset();
  After(backoff_.NextMs(absl::Uniform(random_, 0.0, 1.0)),
        [this] { Connect(); });
}

void BrokerLink::Impl::After(uint32_t ms, rpc::Strand::Turn turn) {
  if (closing_) return;
  // Destroying the alarm before it cancels it. An alarm keeps its function even
  // after it has run: no strong reference to its owner.
  const auto shared = std::make_shared<rpc::Strand::Turn>(std::move(turn));
  timer_ = std::make_unique<grpc::Alarm>();
  timer_->Set(std::chrono::system_clock::now() + std::chrono::milliseconds(ms),
              [weak = weak_from_this(), shared](bool due) {
                const std::shared_ptr<Impl> self = weak.lock();
                if (!due || self == nullptr) return;
                self->strand_.Post([self, shared] { (*shared)(); });
              });
}

void BrokerLink::Impl::SetUp(bool up) {
  up_ = up;
  metrics_.link_up.Set(up ? 1 : 0);
}

BrokerLink::BrokerLink(BrokerLinkOptions options, const Limits& limits,
                       Metrics& metrics, const Clock& clock)
    : impl_(
          std::make_shared<Impl>(std::move(options), limits, metrics, clock)) {}

BrokerLink::~BrokerLink() { Close(absl::ZeroDuration()); }

void BrokerLink::Start(const std::vector<LinkedThread*>& threads) {
  impl_->Start(threads);
}

void BrokerLink::Send(v1::EdgeFrame frame) { impl_->Send(std::move(frame)); }

bool BrokerLink::up() const { return impl_->up(); }

void BrokerLink::Close(absl::Duration flush_max) {
  if (impl_->running()) impl_->Close(flush_max);
}

}  // namespace aerie::edge
