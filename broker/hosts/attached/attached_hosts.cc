#include "broker/hosts/attached/attached_hosts.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/host_rules.h"
#include "common/build_info.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

using Frame = v1::HostFrame;

// How often hosts that hang and patterns without a host are looked for.
constexpr int64_t kLookMs = 1'000;

// Batches up to this size are handled where they come in, if their loop sleeps.
constexpr size_t kHandledHereMax = 64;

}  // namespace

AttachedHosts::AttachedHosts(const Limits& limits, const Clock& clock,
                             Metrics& metrics, std::string broker)
    : limits_(limits),
      clock_(clock),
      metrics_(metrics),
      broker_(std::move(broker)) {}

AttachedHosts::~AttachedHosts() = default;

void AttachedHosts::Bind(Shards& shards, std::shared_ptr<const Router> base,
                         const std::vector<AttachedRoute>& routes) {
  shards_ = &shards;
  table_ = std::make_unique<HostTable>(*this, std::move(base), routes, limits_,
                                       metrics_);
  for (uint32_t i = 0; i < shards.count(); ++i) {
    channels_.push_back(std::make_unique<HostChannels>(
        HostContext{limits_, metrics_, clock_, broker_},
        static_cast<uint16_t>(i), shards.loop(i), shards.shard(i)));
  }
  connects_ = std::make_unique<HostConnects>(limits_, clock_, metrics_,
                                             shards.loop(0), shards.count());
  PostToTable([this] { UseMap([](HostChannels&) {}, [] {}); });
}

void AttachedHosts::Join(Pid pid, const SocketPtr& socket,
                         const v1::Message& join, Actions& out) {
  At(pid).Join(pid, socket, join, out);
}

void AttachedHosts::In(Pid pid, const v1::Message& message, Actions& out) {
  At(pid).In(pid, message, out);
}

void AttachedHosts::Out(Pid pid, const v1::Message& broadcast, Actions& out) {
  At(pid).Out(pid, broadcast, out);
}

void AttachedHosts::Info(Pid pid, const v1::Message& message, Actions& out) {
  At(pid).Info(pid, message, out);
}

std::string AttachedHosts::NameOf(Pid pid) const {
  return channels_[pid.shard]->NameOf(pid);
}

void AttachedHosts::Terminate(Pid pid, ExitReason reason, Actions& out) {
  At(pid).Terminate(pid, reason, out);
}

void AttachedHosts::PostToTable(Loop::Task task) {
  shards_->loop(0).PostAlways(std::move(task));
}

AttachedHostPtr AttachedHosts::Attach(HostRecord record,
                                      std::shared_ptr<HostStream> stream) {
  auto host =
      std::make_shared<AttachedHost>(std::move(record), std::move(stream),
                                     channels_.size() + 1, clock_, metrics_);
  PostToTable([this, host] { DoAttach(host); });
  return host;
}

void AttachedHosts::DoAttach(const AttachedHostPtr& host) {
  if (draining_) {
    return host->End(absl::UnavailableError("the broker is draining"));
  }
  absl::StatusOr<AttachedHostPtr> replaced =
      table_->Attach(host, clock_.NowMs());
  if (!replaced.ok()) return host->End(replaced.status());
  metrics_.hosts.Increment();
  metrics_.hosts_attached.Increment();
  if (*replaced != nullptr) {
    metrics_.hosts.Decrement();
    connects_->Lost(**replaced);
    (*replaced)->End(
        absl::AbortedError("a newer stream of this instance replaces it"));
  }
  // Until every shard knows it, it has no credits, and so gets no frames: the
  // first one is Attached.
  UseMap(
      [lost = *std::move(replaced)](HostChannels& channels) {
        if (lost != nullptr) channels.Lost(lost);
      },
      [this, host] {
        host->Send(AttachedFrame(*host));
        Loop::Current()->AtTurnEnd([this, host] {
          host->credits().Open();
          host->Attached();
          WakeWaiters(host);
        });
      });
  UseForConnects();
  LookLater();
}

v1::ChannelFrame AttachedHosts::AttachedFrame(const AttachedHost& host) const {
  v1::ChannelFrame frame;
  v1::ChannelFrame::Attached& attached = *frame.mutable_attached();
  attached.set_major(kHostMajor);
  attached.set_minor(kHostMinor);
  attached.set_broker(broker_);
  attached.set_version(std::string(Version().data(), Version().size()));
  attached.set_capacity(host.credits().capacity());
  attached.set_payload_bytes_max(limits_.max_frame_size);
  attached.set_join_deadline_ms(limits_.join_deadline_ms);
  return frame;
}

void AttachedHosts::Detach(const AttachedHostPtr& host) {
  PostToTable([this, host] { DoDetach(host); });
}

void AttachedHosts::DoDetach(const AttachedHostPtr& host) {
  if (!table_->Detach(*host, clock_.NowMs())) return;
  metrics_.hosts.Decrement();
  UseMap([host](HostChannels& channels) { channels.Lost(host); }, [] {});
  UseForConnects();
  connects_->Lost(*host);
}

void AttachedHosts::DoDrain(const AttachedHostPtr& host, uint32_t window_ms) {
  if (!host->StartDrain()) return;
  log::Info("host drains", {{"host", host->record().name},
                            {"instance", host->record().instance},
                            {"channels", host->channels()},
                            {"window_ms", window_ms}});
  UseMap([host, window_ms](
             HostChannels& channels) { channels.Drain(host, window_ms); },
         [host] { host->SettleDrain(); });
  UseForConnects();
}

void AttachedHosts::UseForConnects() {
  std::vector<AttachedHostPtr> hosts;
  for (const AttachedHostPtr& host : table_->hosts()) {
    if (host->record().connect && !host->draining()) hosts.push_back(host);
  }
  connect_hosts_ = hosts.size();
  connects_->Use(std::move(hosts));
}

void AttachedHosts::Connect(const v1::Connect& request,
                            absl::AnyInvocable<void(ConnectVerdict)> answer,
                            ConnectRule& otherwise) {
  PostToTable(
      [this, request, answer = std::move(answer), &otherwise]() mutable {
        if (connects_->empty())
          return otherwise.Decide(request, std::move(answer));
        connects_->Ask(request, std::move(answer));
      });
}

// Each shard and its channels learn of a new version in the same turn.
void AttachedHosts::UseMap(absl::AnyInvocable<void(HostChannels&) const> also,
                           absl::AnyInvocable<void()> then) {
  const std::shared_ptr<const HostMap> map = table_->Map();
  shards_->OnEach(
      [this, map, also = std::move(also)](uint32_t shard) {
        shards_->shard(shard).Use(map->router);
        channels_[shard]->Use(map);
        also(*channels_[shard]);
      },
      std::move(then));
}

absl::Status AttachedHosts::Answer(const AttachedHostPtr& host,
                                   v1::AttachRequest& batch) {
  metrics_.host_frames_in.Increment(batch.frames_size());
  absl::Status status;
  std::vector<Part> parts(channels_.size());
  for (Frame& frame : *batch.mutable_frames()) {
    status = CheckHostFrame(frame, limits_);
    if (status.ok() && !ReturnCredits(*host, frame)) {
      status =
          absl::InvalidArgumentError("more answers than there were callbacks");
    }
    if (status.ok()) status = Route(host, frame, parts);
    if (!status.ok()) break;
  }
  for (uint32_t i = 0; i < parts.size(); ++i) {
    if (parts[i].frames.empty()) continue;
    const bool here = parts[i].frames.size() <= kHandledHereMax;
    const uint64_t bytes = parts[i].bytes;
    host->Post(bytes);
    Loop::Task task = [this, i, host, part = std::move(parts[i])]() mutable {
      channels_[i]->Answer(host, std::move(part.frames));
      host->Taken(part.bytes, limits_.host_inbox_bytes_max);
    };
    Loop& loop = shards_->loop(i);
    // What a host has said is bounded by itself, and must not be lost.
    if (!here || !loop.PostHere(std::move(task), bytes)) {
      // NOLINTNEXTLINE(bugprone-use-after-move): untouched when it is refused.
      loop.PostAlways(std::move(task));
    }
  }
  WakeWaiters(host);
  return status;
}

bool AttachedHosts::ReturnCredits(AttachedHost& host, const Frame& frame) {
  switch (frame.frame_case()) {
    case Frame::kJoinReply:
      return host.credits().Return(HostCallback::kJoin);
    case Frame::kTerminated:
      return host.credits().Return(HostCallback::kTerminate);
    case Frame::kConnectReply:
      return host.credits().Return(HostCallback::kConnect);
    case Frame::kDone:
      return host.credits().ReturnEvents(frame.done().callbacks());
    default:
      return true;
  }
}

// To the shard that it is about, which keeps the order of what is said there.
absl::Status AttachedHosts::Route(const AttachedHostPtr& host, Frame& frame,
                                  std::vector<Part>& parts) {
  uint64_t shard = frame.channel() >> 48;
  switch (frame.frame_case()) {
    case Frame::FRAME_NOT_SET:  // Of a later minor version: may be ignored.
    case Frame::kDone:
    case Frame::kRegistration:
      return absl::OkStatus();
    case Frame::kDisconnect:
      shards_->Disconnect(frame.disconnect().socket_id());
      return absl::OkStatus();
    case Frame::kConnectReply:
      PostToTable(
          [this, host,
           reply = std::move(*frame.mutable_connect_reply())]() mutable {
            connects_->Reply(*host, std::move(reply));
          });
      return absl::OkStatus();
    case Frame::kDrain:
      PostToTable([this, host, window_ms = frame.drain().window_ms()] {
        DoDrain(host, window_ms);
      });
      return absl::OkStatus();
    case Frame::kSend:
      shard = frame.send().to() >> 48;
      break;
    case Frame::kBroadcast:
      if (!frame.broadcast().topic().empty()) {
        shard = shards_->ShardOf(frame.broadcast().topic());
      }
      break;
    default:
      break;
  }
  if (shard >= parts.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel ", frame.channel(), " has never been"));
  }
  parts[shard].bytes += frame.ByteSizeLong();
  parts[shard].frames.push_back(std::move(frame));
  return absl::OkStatus();
}

void AttachedHosts::WakeWaiters(const AttachedHostPtr& host) {
  for (const size_t shard : host->TakeWaiters()) {
    if (shard == channels_.size()) {
      PostToTable([this] { connects_->Serve(); });
      continue;
    }
    shards_->loop(static_cast<uint32_t>(shard)).PostAlways([this, shard, host] {
      channels_[shard]->Serve(host);
    });
  }
}

bool AttachedHosts::MayRead(AttachedHost& host) const {
  return host.MayRead(limits_.host_inbox_bytes_max);
}

// Once a second, for as long as there is something to look for.
void AttachedHosts::LookLater() {
  if (std::exchange(looking_, true)) return;
  shards_->loop(0).After(kLookMs, [this] {
    looking_ = false;
    Look();
    if (table_->patterns() > 0 || !table_->hosts().empty()) LookLater();
  });
}

void AttachedHosts::Look() {
  const int64_t now_ms = clock_.NowMs();
  for (const AttachedHostPtr& host : table_->hosts()) {
    if (!host->credits().Hung(now_ms, limits_.host_hang_ms)) continue;
    host->End(absl::DeadlineExceededError(
        absl::StrCat("no answer for ", limits_.host_hang_ms, " ms")));
  }
  if (table_->Forget(now_ms)) UseMap([](HostChannels&) {}, [] {});
}

void AttachedHosts::Drain() {
  PostToTable([this] {
    draining_ = true;
    for (const AttachedHostPtr& host : table_->hosts()) {
      v1::ChannelFrame frame;
      frame.mutable_draining();
      host->Send(std::move(frame));
    }
  });
}

void AttachedHosts::AwaitTerminates(absl::AnyInvocable<void()> done) {
  struct Waiting {
    std::atomic<size_t> shards;
    absl::AnyInvocable<void()> done;
  };
  const auto waiting = std::make_shared<Waiting>();
  waiting->shards = channels_.size();
  waiting->done = std::move(done);
  for (uint32_t i = 0; i < channels_.size(); ++i) {
    shards_->loop(i).PostAlways([this, i, waiting] {
      channels_[i]->AwaitTerminates([waiting] {
        if (--waiting->shards == 0) waiting->done();
      });
    });
  }
}

void AttachedHosts::List(
    absl::AnyInvocable<void(const std::vector<AttachedHostPtr>&)> to) {
  PostToTable([this, to = std::move(to)]() mutable { to(table_->hosts()); });
}

}  // namespace aerie::broker
