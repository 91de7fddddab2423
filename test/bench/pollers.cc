#include "test/bench/pollers.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace aerie::bench {
namespace {

// A poll and a POST may go to the same target.
constexpr size_t kConnectionsEach = 2;
// Servers end idle connections, ours after ten seconds: one that might be ended
// just then is not used again.
constexpr int64_t kIdleNs = 5'000'000'000;
// More lines of one body are dropped.
constexpr size_t kLinesMax = 100;

constexpr absl::string_view kAskNames[] = {"nothing", "opening", "poll",
                                           "post"};

}  // namespace

Pollers::Pollers(const Options& options, Workload& workload)
    : Crowd(options, workload),
      sessions_(options.sockets),
      connections_(kConnectionsEach * options.sockets *
                   options.targets.size()) {
  for (const Target& target : options.targets) {
    requests_.push_back(LongPollOf(target.request));
  }
}

Pollers::~Pollers() = default;

void Pollers::Open(uint32_t number) {
  Session& session = sessions_[number];
  session = {};
  Enter(session, State::kOpening);
  Get(number);
}

void Pollers::Drop(uint32_t number) {
  const size_t each = kConnectionsEach * targets();
  for (size_t id = number * each; id < (number + 1) * each; ++id) {
    Answered(connections_[id]);
    connections_[id].stream.Close();
  }
  Enter(sessions_[number], State::kClosed);
}

void Pollers::Push(uint32_t number, absl::string_view message) {
  Session& session = sessions_[number];
  if (session.state != State::kJoined) return;
  session.unsent.emplace_back(message);
  PostLater(number);
}

void Pollers::PostLater(uint32_t number) {
  if (std::exchange(sessions_[number].dirty, true)) return;
  dirty_.push_back(number);
}

void Pollers::Flush() {
  for (const uint32_t number : dirty_) {
    sessions_[number].dirty = false;
    Post(number);
  }
  dirty_.clear();
}

void Pollers::Keep(bool keep) {
  keep_ = keep;
  if (keep) return;
  for (Connection& connection : connections_) {
    if (connection.ask == Ask::kNothing) connection.stream.Close();
  }
}

uint32_t Pollers::connections() const {
  return static_cast<uint32_t>(absl::c_count_if(
      connections_,
      [](const Connection& connection) { return connection.stream.open(); }));
}

void Pollers::Enter(Session& session, State state) {
  const auto joining = [](State s) {
    return s == State::kOpening || s == State::kJoining;
  };
  Count(joining(state) - joining(session.state),
        (state == State::kJoined) - (session.state == State::kJoined));
  session.state = state;
}

void Pollers::Get(uint32_t number) {
  Session& session = sessions_[number];
  const size_t target = (number + session.gets++) % targets();
  ++polls_;
  Request(number, target, session.token.empty() ? Ask::kSession : Ask::kPoll,
          PollGet(TargetOf(target).host, requests_[target], session.token));
}

void Pollers::Post(uint32_t number) {
  Session& session = sessions_[number];
  if (session.posting || session.unsent.empty()) return;
  const size_t target = (number + session.posts++) % targets();
  const auto first = session.unsent.begin();
  const auto end = first + static_cast<ptrdiff_t>(
                               std::min(session.unsent.size(), kLinesMax));
  const std::string lines = absl::StrJoin(first, end, "\n");
  session.unsent.erase(first, end);
  session.posting = true;
  ++posts_;
  Request(
      number, target, Ask::kPost,
      PollPost(TargetOf(target).host, requests_[target], session.token, lines));
}

uint32_t Pollers::Free(uint32_t number, size_t target) const {
  const size_t first = kConnectionsEach * (number * targets() + target);
  const Connection& one = connections_[first];
  const Connection& other = connections_[first + 1];
  const bool take_other =
      one.ask != Ask::kNothing ||
      (!one.stream.open() && other.stream.open() && other.ask == Ask::kNothing);
  return static_cast<uint32_t>(take_other ? first + 1 : first);
}

void Pollers::Request(uint32_t number, size_t target, Ask ask,
                      absl::string_view bytes) {
  const uint32_t id = Free(number, target);
  Connection& connection = connections_[id];
  connection.ask = ask;
  Stream& stream = connection.stream;
  if (!stream.open() || now_ns() - connection.idle_since_ns > kIdleNs) {
    Connect(stream, options().targets[target], number, id);
  }
  stream.Queue(bytes);
  Write(stream);
}

void Pollers::Answered(Connection& connection) {
  const Ask ask = std::exchange(connection.ask, Ask::kNothing);
  polls_ -= ask == Ask::kSession || ask == Ask::kPoll;
  posts_ -= ask == Ask::kPost;
}

void Pollers::OnEvent(uint32_t id, uint32_t generation, uint32_t events) {
  Stream& stream = connections_[id].stream;
  if (!stream.open() || stream.generation() != generation) return;
  if ((events & EPOLLOUT) != 0) Write(stream);
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  const std::string end = Receive(stream, [this, id](absl::Span<char> bytes) {
    return Take(id, {bytes.data(), bytes.size()});
  });
  if (!end.empty()) OnEnd(id, end);
}

void Pollers::OnEnd(uint32_t id, const std::string& why) {
  Connection& connection = connections_[id];
  connection.stream.Close();
  const Ask ask = connection.ask;
  Answered(connection);
  if (ask == Ask::kNothing) return;
  Fail(absl::StrCat(kAskNames[static_cast<size_t>(ask)],
                    ": connection ended: ", why));
}

size_t Pollers::Take(uint32_t id, absl::string_view bytes) {
  Connection& connection = connections_[id];
  HttpResponse response;
  const absl::StatusOr<size_t> size = TakeResponse(bytes, &response);
  if (!size.ok()) {
    OnEnd(id, std::string(size.status().message()));
    return 0;
  }
  if (*size == 0) return 0;
  const Ask ask = connection.ask;
  Answered(connection);
  connection.idle_since_ns = now_ns();
  if (ask == Ask::kNothing || *size < bytes.size()) {
    Fail("more responses than requests");
  }
  if (response.close) connection.stream.Close();
  OnResponse(static_cast<uint32_t>(id / (kConnectionsEach * targets())), ask,
             response);
  if (!keep_ && connection.ask == Ask::kNothing) connection.stream.Close();
  return *size;
}

void Pollers::OnResponse(uint32_t number, Ask ask,
                         const HttpResponse& response) {
  const absl::string_view name = kAskNames[static_cast<size_t>(ask)];
  PollAnswer answer;
  if (response.status != 200 || !ParsePollAnswer(response.body, &answer)) {
    return Fail(absl::StrCat(name, ": HTTP ", response.status, ": ",
                             response.body.substr(0, 100)));
  }
  const uint32_t status = answer.status;
  switch (ask) {
    case Ask::kSession:
      if (status == 410 && !answer.token.empty()) {
        return OnSession(number, answer);
      }
      break;
    case Ask::kPoll:
      if (status == 200 || status == 204) return OnPoll(number, answer);
      break;
    case Ask::kPost:
      if (status == 200) return OnPost(number);
      break;
    case Ask::kNothing:
      return;
  }
  Fail(absl::StrCat(name, ": status ", status));
}

void Pollers::OnSession(uint32_t number, const PollAnswer& answer) {
  Session& session = sessions_[number];
  session.token = answer.token;
  Enter(session, State::kJoining);
  session.unsent.push_back(JoinMessage(number));
  Get(number);
  PostLater(number);
}

void Pollers::OnPoll(uint32_t number, const PollAnswer& answer) {
  for (const std::string& message : answer.messages) OnText(number, message);
  if (sessions_[number].state != State::kClosed) Get(number);
}

void Pollers::OnPost(uint32_t number) {
  sessions_[number].posting = false;
  PostLater(number);
}

void Pollers::OnJoinReply(uint32_t number) {
  Session& session = sessions_[number];
  if (session.state != State::kJoining) return Fail("a join answered twice");
  Enter(session, State::kJoined);
  workload().OnJoined(number);
}

}  // namespace aerie::bench
