#include "test/bench/swarm.h"

#include <sys/epoll.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// Each socket's heartbeats come at this distance, as phoenix.js sends them.
constexpr int64_t kHeartbeatNs = 30 * kSecondNs;

std::string UpgradeRequest(const Target& target) {
  return absl::StrCat("GET ", target.request,
                      " HTTP/1.1\r\nHost: ", target.host,
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n");
}

}  // namespace

Swarm::Swarm(const Options& options, Workload& workload)
    : Crowd(options, workload),
      sockets_(options.sockets),
      heartbeat_ns_(now_ns() + kHeartbeatNs / 2) {}

Swarm::~Swarm() = default;

void Swarm::Open(uint32_t number) {
  Socket& socket = sockets_[number];
  Connect(socket.stream, TargetOf(number), number, number);
  if (socket.stream.open()) Enter(socket, State::kConnecting);
}

void Swarm::Leave(uint32_t number) {
  Socket& socket = sockets_[number];
  if (socket.state != State::kJoined) return;
  static const std::string close_frame =
      testing::MaskedFrame(0x88, absl::string_view("\x03\xe8", 2));
  Queue(number, close_frame);
  Enter(socket, State::kLeaving);
}

void Swarm::Drop(uint32_t number) { Close(sockets_[number]); }

void Swarm::Push(uint32_t number, absl::string_view message) {
  Send(number, testing::MaskedFrame(0x81, message));
}

void Swarm::Send(uint32_t number, absl::string_view frames) {
  if (sockets_[number].state == State::kJoined) Queue(number, frames);
}

void Swarm::Enter(Socket& socket, State state) {
  const auto joining = [](State s) {
    return s == State::kConnecting || s == State::kUpgrading ||
           s == State::kJoining;
  };
  Count(joining(state) - joining(socket.state),
        (state == State::kJoined) - (socket.state == State::kJoined));
  socket.state = state;
}

void Swarm::OnEvent(uint32_t number, uint32_t generation, uint32_t events) {
  Socket& socket = sockets_[number];
  if (!socket.stream.open() || socket.stream.generation() != generation) return;
  if (socket.state == State::kConnecting) {
    if ((events & EPOLLOUT) == 0) return;
    Enter(socket, State::kUpgrading);
    Queue(number, UpgradeRequest(TargetOf(number)));
  }
  if ((events & EPOLLOUT) != 0) Write(socket.stream);
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    const std::string end = Receive(
        socket.stream,
        [this, number](absl::Span<char> bytes) { return Take(number, bytes); });
    if (!end.empty()) OnEnd(number, end);
  }
}

size_t Swarm::Take(uint32_t number, absl::Span<char> bytes) {
  Socket& socket = sockets_[number];
  const uint32_t generation = socket.stream.generation();
  size_t taken = 0;
  if (socket.state == State::kUpgrading) {
    taken = TakeUpgrade(number, {bytes.data(), bytes.size()});
    if (taken == 0) return 0;
  }
  FrameView frame;
  while (socket.stream.open() && socket.stream.generation() == generation) {
    const size_t part =
        TakeFrame(bytes.data() + taken, bytes.size() - taken, &frame);
    if (part == 0) break;
    taken += part;
    OnFrame(number, frame);
  }
  return taken;
}

size_t Swarm::TakeUpgrade(uint32_t number, absl::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == absl::string_view::npos) return 0;
  if (!absl::StartsWith(bytes, "HTTP/1.1 101 ")) {
    OnEnd(number, absl::StrCat("refused: ", bytes.substr(0, bytes.find('\r'))));
    return 0;
  }
  Enter(sockets_[number], State::kJoining);
  Queue(number, testing::MaskedFrame(0x81, JoinMessage(number)));
  return end + 4;
}

void Swarm::OnFrame(uint32_t number, const FrameView& frame) {
  switch (frame.head) {
    case 0x81:
      return OnText(number, frame.payload);
    case 0x88:
      return OnEnd(number, "close frame");
    case 0x89:
      return Queue(number, testing::MaskedFrame(0x8a, frame.payload));
    case 0x8a:
      return;
    default:
      return Fail(absl::StrCat("frame with head ", int{frame.head}));
  }
}

void Swarm::OnJoinReply(uint32_t number) {
  Socket& socket = sockets_[number];
  if (socket.state != State::kJoining) return Fail("a join answered twice");
  Enter(socket, State::kJoined);
  workload().OnJoined(number);
}

void Swarm::OnEnd(uint32_t number, const std::string& why) {
  Socket& socket = sockets_[number];
  const bool wanted = socket.state == State::kLeaving;
  Close(socket);
  if (wanted) return workload().OnGone(number);
  Fail(absl::StrCat("socket ended: ", why));
}

void Swarm::Queue(uint32_t number, absl::string_view bytes) {
  Socket& socket = sockets_[number];
  socket.stream.Queue(bytes);
  if (socket.dirty) return;
  socket.dirty = true;
  dirty_.push_back(number);
}

void Swarm::Flush() {
  SendHeartbeats();
  // Writing makes nothing dirty.
  for (const uint32_t number : dirty_) {
    sockets_[number].dirty = false;
    Write(sockets_[number].stream);
  }
  dirty_.clear();
}

void Swarm::Close(Socket& socket) {
  if (socket.state == State::kClosed) return;
  socket.stream.Close();
  Enter(socket, State::kClosed);
}

// One socket after the other, so that they do not come at once.
void Swarm::SendHeartbeats() {
  static const std::string frame = testing::MaskedFrame(
      0x81, absl::StrCat("[null,\"", kHeartbeatRef,
                         "\",\"phoenix\",\"heartbeat\",{}]"));
  const auto step = kHeartbeatNs / static_cast<int64_t>(sockets_.size());
  while (heartbeat_ns_ < now_ns()) {
    Send(heartbeat_socket_, frame);
    heartbeat_socket_ =
        (heartbeat_socket_ + 1) % static_cast<uint32_t>(sockets_.size());
    heartbeat_ns_ += step;
  }
}

}  // namespace aerie::bench
