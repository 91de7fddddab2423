#include "broker/poll/poll_edge.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

// How late a window may end.
constexpr int64_t kTickMs = 100;
// What a message takes beside its bytes.
constexpr uint32_t kMessageOverhead = 64;

Counter* CounterOf(Metrics& metrics, PollSession::End end) {
  switch (end) {
    case PollSession::End::kInactive:
      return &metrics.poll_ends_inactive;
    case PollSession::End::kSlow:
      return &metrics.poll_ends_slow;
    case PollSession::End::kMalformed:
      return &metrics.poll_ends_malformed;
    case PollSession::End::kClosed:
      return &metrics.poll_ends_closed;
    case PollSession::End::kNot:
      return nullptr;
  }
  return nullptr;
}

uint64_t BytesOf(const std::vector<v1::BrokerFrame>& frames) {
  uint64_t bytes = 0;
  for (const v1::BrokerFrame& frame : frames) bytes += frame.ByteSizeLong();
  return bytes;
}

}  // namespace

PollEdge::PollEdge(std::string name, Shards& shards, Loop& loop,
                   const Limits& limits, Metrics& metrics)
    : name_(std::move(name)),
      shards_(shards),
      loop_(loop),
      limits_(limits),
      metrics_(metrics),
      home_{limits, metrics,
            [&shards](const SocketPtr& socket, v1::Message message) {
              std::vector<SocketMessage> batch;
              batch.push_back({socket, std::move(message)});
              shards.In(std::move(batch));
            }},
      gathered_(shards.count()) {}

// What a turn says comes in one turn of this loop.
void PollEdge::Send(v1::BrokerFrame frame) {
  Loop* const loop = Loop::Current();
  if (loop == nullptr) {
    return loop_.PostAlways(
        [self = shared_from_this(), frame = std::move(frame)]() mutable {
          self->Apply(frame);
        });
  }
  std::vector<v1::BrokerFrame>& gathered = gathered_[loop->number()];
  gathered.push_back(std::move(frame));
  if (gathered.size() > 1) return;
  loop->AtTurnEnd([self = shared_from_this(), loop] {
    auto frames = std::make_unique<std::vector<v1::BrokerFrame>>(
        std::move(self->gathered_[loop->number()]));
    self->gathered_[loop->number()].clear();
    if (loop == &self->loop_) return self->Apply(*frames);
    const uint64_t bytes = BytesOf(*frames);
    Loop::Task task = [self, frames = std::move(frames)] {
      self->Apply(*frames);
    };
    if (!self->loop_.Post(std::move(task), bytes)) self->Overflowed();
  });
}

// What a session should have heard is lost: as when an edge does not read.
void PollEdge::Overflowed() {
  loop_.PostAlways([self = shared_from_this()] {
    log::Error("sessions of long polls ended: their loop is overloaded",
               {{"sessions", self->sessions_.size()}});
    std::vector<uint64_t> all;
    all.reserve(self->sessions_.size());
    for (const auto& [number, session] : self->sessions_) {
      all.push_back(number);
    }
    for (const uint64_t number : all) self->Finish(number, End::kSlow);
  });
}

void PollEdge::Apply(std::vector<v1::BrokerFrame>& frames) {
  for (v1::BrokerFrame& frame : frames) Apply(frame);
}

void PollEdge::Apply(v1::BrokerFrame& frame) {
  if (frame.has_fanout()) return Fanout(*frame.mutable_fanout());
  const uint64_t number = frame.socket();
  Session* const session = Lookup(number);
  if (session == nullptr) return;  // It has ended meanwhile.
  switch (frame.frame_case()) {
    case v1::BrokerFrame::kMessage: {
      const auto bytes = static_cast<uint32_t>(frame.message().ByteSizeLong());
      return Push(number, *session,
                  std::make_shared<const v1::Message>(
                      std::move(*frame.mutable_message())),
                  bytes + kMessageOverhead);
    }
    case v1::BrokerFrame::kEnlist:
      return Enlist(*session, number, frame.enlist());
    case v1::BrokerFrame::kDelist:
      return Delist(*session, frame.delist());
    case v1::BrokerFrame::kCredit:
      return GoOn(number, *session, session->state.Taken());
    case v1::BrokerFrame::kClose:
      return Finish(number, End::kClosed);
    default:
      return;  // Of what outlives a broker: a session does not.
  }
}

void PollEdge::Enlist(Session& session, uint64_t number,
                      const v1::Enlist& enlist) {
  seats_[enlist.topic()][enlist.pid()] = {enlist.group(), number};
  session.seats.emplace_back(enlist.topic(), enlist.pid());
  session.state.Joined(enlist.topic());
}

void PollEdge::Delist(Session& session, const v1::Delist& delist) {
  const auto found =
      absl::c_find(session.seats, std::make_pair(delist.topic(), delist.pid()));
  if (found == session.seats.end()) return;
  session.seats.erase(found);
  session.state.Left(delist.topic());
  Unseat(delist.topic(), delist.pid());
}

void PollEdge::Unseat(const std::string& topic, uint64_t pid) {
  const auto seats = seats_.find(topic);
  if (seats == seats_.end()) return;
  seats->second.erase(pid);
  if (seats->second.empty()) seats_.erase(seats);
}

void PollEdge::Fanout(v1::Fanout& fanout) {
  const auto seats = seats_.find(fanout.message().topic());
  if (seats == seats_.end()) return;
  const auto bytes =
      static_cast<uint32_t>(fanout.message().ByteSizeLong()) + kMessageOverhead;
  const PollMessage message =
      std::make_shared<const v1::Message>(std::move(*fanout.mutable_message()));
  // A session that ends takes its seats along.
  std::vector<uint64_t> sessions;
  sessions.reserve(seats->second.size());
  for (const auto& [pid, seat] : seats->second) {
    const bool hears = (fanout.groups() >> seat.group & 1) != 0 &&
                       !absl::c_linear_search(fanout.except(), pid);
    if (hears) sessions.push_back(seat.session);
  }
  for (const uint64_t number : sessions) {
    if (Session* session = Lookup(number)) {
      Push(number, *session, message, bytes);
    }
  }
}

void PollEdge::Push(uint64_t number, Session& session,
                    const PollMessage& message, uint32_t bytes) {
  GoOn(number, session, session.state.Push(message, bytes));
}

void PollEdge::GoOn(uint64_t number, Session& session, End end) {
  if (end != End::kNot) return Finish(number, end);
  DeliverLater(number, session);
}

// What comes in one turn travels in one response.
void PollEdge::DeliverLater(uint64_t number, Session& session) {
  if (std::exchange(session.to_deliver, true)) return;
  to_deliver_.push_back(number);
  if (to_deliver_.size() > 1) return;
  loop_.AtTurnEnd([self = shared_from_this()] { self->DeliverAll(); });
}

void PollEdge::DeliverAll() {
  for (const uint64_t number : std::exchange(to_deliver_, {})) {
    Session* const session = Lookup(number);
    if (session == nullptr) continue;
    session->to_deliver = false;
    session->state.Deliver();
  }
}

void PollEdge::Open(const SocketPtr& socket, const PollAsker& opener,
                    std::string token) {
  const uint64_t number = socket->number();
  const int64_t now_ms = loop_.clock().NowMs();
  // Of the metric of all sockets as well.
  metrics_.sockets.Increment();
  metrics_.poll_opens.Increment();
  sessions_[number] = std::make_unique<Session>(home_, socket, now_ms);
  activity_.push_back(
      {now_ms + int64_t{limits_.poll_window_ms} * 3 / 2, number});
  StartTicks();
  shards_.SocketOpened(socket);
  v1::PollAnswer answer;
  answer.set_result(v1::PollAnswer::RESULT_OPENED);
  answer.set_token(std::move(token));
  opener.Answer(std::move(answer));
}

bool PollEdge::Poll(uint64_t session, const PollAsker& asker) {
  Session* const found = Lookup(session);
  if (found == nullptr) return false;
  const int64_t now_ms = loop_.clock().NowMs();
  found->state.Poll(asker, now_ms);
  windows_.push_back({now_ms + limits_.poll_window_ms, session});
  DeliverLater(session, *found);
  return true;
}

void PollEdge::Done(uint64_t session, const PollAsker& asker, bool written) {
  Session* const found = Lookup(session);
  if (found == nullptr) return;
  found->state.Done(asker, written);
  DeliverLater(session, *found);
}

void PollEdge::Send(uint64_t session, const PollAsker& asker,
                    v1::PollSend request) {
  Session* const found = Lookup(session);
  if (found == nullptr) return asker.Answer(v1::PollAnswer::RESULT_GONE);
  const int64_t now_ms = loop_.clock().NowMs();
  windows_.push_back({now_ms + limits_.poll_window_ms, session});
  GoOn(session, *found, found->state.Send(asker, std::move(request), now_ms));
}

void PollEdge::LinkLost(const Edge* link) {
  for (const auto& [number, session] : sessions_) {
    session->state.LinkLost(link);
    DeliverLater(number, *session);
  }
}

// Its channels end as those of a connection that is gone.
void PollEdge::Finish(uint64_t number, End end) {
  const auto found = sessions_.find(number);
  if (found == sessions_.end()) return;
  const std::unique_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  metrics_.sockets.Decrement();
  if (Counter* counter = CounterOf(metrics_, end)) counter->Increment();
  for (const auto& [topic, pid] : session->seats) Unseat(topic, pid);
  shards_.SocketGone(session->state.socket(), ExitReason::kClosed);
  session->state.Finish();
}

PollEdge::Session* PollEdge::Lookup(uint64_t number) {
  const auto found = sessions_.find(number);
  return found == sessions_.end() ? nullptr : found->second.get();
}

std::vector<SocketPtr> PollEdge::List(uint64_t after, size_t max) const {
  std::vector<SocketPtr> sockets;
  for (const auto& [number, session] : sessions_) {
    if (number > after) sockets.push_back(session->state.socket());
  }
  const size_t size = std::min(max, sockets.size());
  std::partial_sort(
      sockets.begin(), sockets.begin() + static_cast<ptrdiff_t>(size),
      sockets.end(),
      [](const auto& a, const auto& b) { return a->number() < b->number(); });
  sockets.resize(size);
  return sockets;
}

SocketPtr PollEdge::Find(uint64_t session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second->state.socket();
}

void PollEdge::StartTicks() {
  if (std::exchange(ticking_, true)) return;
  loop_.After(kTickMs, [self = shared_from_this()] { self->Tick(); });
}

void PollEdge::Tick() {
  ticking_ = false;
  const int64_t now_ms = loop_.clock().NowMs();
  while (!windows_.empty() && windows_.front().at_ms <= now_ms) {
    const uint64_t number = windows_.front().session;
    windows_.pop_front();
    if (Session* session = Lookup(number)) {
      GoOn(number, *session, session->state.Expire(now_ms));
    }
  }
  while (!activity_.empty() && activity_.front().at_ms <= now_ms) {
    const uint64_t number = activity_.front().session;
    activity_.pop_front();
    Session* const session = Lookup(number);
    if (session == nullptr) continue;
    const End end = session->state.CheckActive(now_ms);
    if (end != End::kNot) {
      Finish(number, end);
      continue;
    }
    activity_.push_back(
        {now_ms + int64_t{limits_.poll_window_ms} * 3 / 2, number});
  }
  if (!sessions_.empty()) return StartTicks();
  windows_.clear();
  activity_.clear();
}

}  // namespace aerie::broker
