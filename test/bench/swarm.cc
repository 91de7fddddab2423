#include "test/bench/swarm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

constexpr size_t kBufferSize = 256 << 10;
constexpr int kEventsMax = 1'024;
constexpr int64_t kSecondNs = 1'000'000'000;
// Each socket's heartbeats come at this distance, as phoenix.js sends them.
constexpr int64_t kHeartbeatNs = 30 * kSecondNs;
// Local addresses that sockets are spread over, so that the ports of one do not
// run out.
constexpr uint32_t kSourceAddresses = 16;
constexpr int64_t kStallNs = 20 * kSecondNs;

constexpr absl::string_view kJoinRef = "0";
constexpr absl::string_view kJoinRefJson = "\"0\"";
constexpr absl::string_view kHeartbeat =
    R"([null,"hb","phoenix","heartbeat",{}])";
constexpr absl::string_view kReplyEvent = "\"phx_reply\"";

std::string UpgradeRequest(const Target& target) {
  return absl::StrCat("GET ", target.request,
                      " HTTP/1.1\r\nHost: ", target.host,
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n");
}

// Calls from 127.0.0.1, 127.0.0.2, … in turn.
void BindSource(int fd, uint32_t number) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % kSourceAddresses);
  // Where this is not possible, the kernel's own choice is as good.
  (void)bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof(source));
}

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Swarm::Swarm(const Options& options, Workload& workload)
    : options_(options),
      workload_(workload),
      broadcast_event_(absl::StrCat("\"", options.broadcast_event, "\"")),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      sockets_(options.sockets),
      buffer_(new char[kBufferSize]),
      now_ns_(NowNs()),
      heartbeat_ns_(now_ns_ + kHeartbeatNs / 2) {}

Swarm::~Swarm() {
  for (Socket& socket : sockets_) Close(socket);
  close(epoll_);
}

void Swarm::Fail(const std::string& what) {
  if (failures_++ == 0) first_failure_ = what;
}

int Swarm::Connect(uint32_t number) {
  const Target& target = options_.targets[number % options_.targets.size()];
  const int fd = socket(target.address.ss_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (target.loopback) BindSource(fd, number);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target.address),
              target.address_size) != 0 &&
      errno != EINPROGRESS) {
    close(fd);
    return -1;
  }
  return fd;
}

void Swarm::Open(uint32_t number) {
  Socket& socket = sockets_[number];
  socket.fd = Connect(number);
  if (socket.fd < 0) {
    Fail(absl::StrCat("connect: ", std::strerror(errno)));
    return;
  }
  if (socket.topic.empty()) socket.topic = options_.TopicOf(number);
  ++socket.generation;
  Enter(socket, State::kConnecting);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = uint64_t{socket.generation} << 32 | number;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.fd, &event) != 0) {
    Fail(absl::StrCat("epoll: ", std::strerror(errno)));
  }
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

void Swarm::Send(uint32_t number, absl::string_view frames) {
  if (sockets_[number].state == State::kJoined) Queue(number, frames);
}

void Swarm::Turn(int timeout_ms) {
  Flush();
  epoll_event events[kEventsMax];
  const int count = epoll_wait(epoll_, events, kEventsMax, timeout_ms);
  now_ns_ = NowNs();
  for (int i = 0; i < count; ++i) {
    const auto number = static_cast<uint32_t>(events[i].data.u64);
    const auto generation = static_cast<uint32_t>(events[i].data.u64 >> 32);
    if (sockets_[number].generation == generation) {
      OnEvent(number, events[i].events);
    }
  }
  SendHeartbeats();
  Flush();
}

void Swarm::Enter(Socket& socket, State state) {
  const auto joining = [](State s) {
    return s == State::kConnecting || s == State::kUpgrading ||
           s == State::kJoining;
  };
  joining_ += joining(state) - joining(socket.state);
  joined_ += (state == State::kJoined) - (socket.state == State::kJoined);
  socket.state = state;
}

void Swarm::OnEvent(uint32_t number, uint32_t events) {
  Socket& socket = sockets_[number];
  if (socket.state == State::kClosed) return;
  if (socket.state == State::kConnecting) {
    if ((events & EPOLLOUT) == 0) return;
    Enter(socket, State::kUpgrading);
    Queue(number,
          UpgradeRequest(options_.targets[number % options_.targets.size()]));
  }
  if ((events & EPOLLOUT) != 0 && !socket.unsent.empty()) Write(number);
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    OnReadable(number);
  }
}

void Swarm::OnReadable(uint32_t number) {
  Socket& socket = sockets_[number];
  while (socket.state != State::kClosed) {
    const size_t kept = socket.partial.size();
    std::memcpy(buffer_.get(), socket.partial.data(), kept);
    const size_t room = kBufferSize - kept;
    const ssize_t received = recv(socket.fd, buffer_.get() + kept, room, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (received <= 0) {
      return OnEnd(number,
                   received == 0 ? "end of stream" : std::strerror(errno));
    }
    now_ns_ = NowNs();
    bytes_in_ += received;
    const uint32_t generation = socket.generation;
    const size_t size = kept + static_cast<size_t>(received);
    const size_t taken = Take(number, buffer_.get(), size);
    if (socket.state == State::kClosed || socket.generation != generation) {
      return;
    }
    socket.partial.assign(buffer_.get() + taken, size - taken);
    if (socket.partial.size() == kBufferSize) {
      return OnEnd(number, "a frame larger than the buffer");
    }
    // Edge triggered: less than there was room for is all there is.
    if (static_cast<size_t>(received) < room) return;
  }
}

size_t Swarm::Take(uint32_t number, char* bytes, size_t size) {
  Socket& socket = sockets_[number];
  const uint32_t generation = socket.generation;
  size_t taken = 0;
  if (socket.state == State::kUpgrading) {
    taken = TakeUpgrade(number, absl::string_view(bytes, size));
    if (taken == 0) return 0;
  }
  FrameView frame;
  while (socket.state != State::kClosed && socket.generation == generation) {
    const size_t part = TakeFrame(bytes + taken, size - taken, &frame);
    if (part == 0) break;
    taken += part;
    OnFrame(number, frame);
  }
  return taken;
}

size_t Swarm::TakeUpgrade(uint32_t number, absl::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == absl::string_view::npos) return 0;
  Socket& socket = sockets_[number];
  if (!absl::StartsWith(bytes, "HTTP/1.1 101 ")) {
    OnEnd(number, absl::StrCat("refused: ", bytes.substr(0, bytes.find('\r'))));
    return 0;
  }
  Enter(socket, State::kJoining);
  Queue(number, testing::MaskedFrame(
                    0x81, ClientMessage(kJoinRef, 0, socket.topic, "phx_join",
                                        options_.join_payload)));
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

void Swarm::OnText(uint32_t number, absl::string_view text) {
  Envelope envelope;
  if (!ParseEnvelope(text, &envelope)) {
    return Fail(absl::StrCat("not an envelope: ", text));
  }
  if (envelope.event == kReplyEvent) return OnReply(number, envelope);
  // Others (presence, say) are not what is measured.
  if (envelope.event == broadcast_event_) {
    return workload_.OnBroadcast(number, envelope.payload);
  }
  if (envelope.event == "\"phx_error\"" || envelope.event == "\"phx_close\"") {
    Fail(std::string(text));
  }
}

void Swarm::OnReply(uint32_t number, const Envelope& envelope) {
  if (envelope.ref == "\"hb\"") return;
  if (!absl::StrContains(envelope.payload, R"("status":"ok")")) {
    return Fail(absl::StrCat("not ok: ", envelope.payload));
  }
  Socket& socket = sockets_[number];
  if (socket.state == State::kJoining && envelope.ref == kJoinRefJson) {
    Enter(socket, State::kJoined);
    return workload_.OnJoined(number);
  }
  uint64_t ref = 0;
  absl::string_view digits = envelope.ref;
  if (digits.size() < 3 ||
      !absl::SimpleAtoi(digits.substr(1, digits.size() - 2), &ref)) {
    return Fail(absl::StrCat("reply to ", envelope.ref));
  }
  workload_.OnReply(number, ref);
}

void Swarm::OnEnd(uint32_t number, const std::string& why) {
  Socket& socket = sockets_[number];
  const bool wanted = socket.state == State::kLeaving;
  Close(socket);
  if (wanted) return workload_.OnGone(number);
  Fail(absl::StrCat("socket ended: ", why));
}

void Swarm::Queue(uint32_t number, absl::string_view bytes) {
  Socket& socket = sockets_[number];
  socket.unsent.append(bytes.data(), bytes.size());
  if (socket.dirty) return;
  socket.dirty = true;
  dirty_.push_back(number);
}

void Swarm::Flush() {
  // Writing may close sockets, which makes nothing dirty.
  for (const uint32_t number : dirty_) {
    sockets_[number].dirty = false;
    if (!sockets_[number].unsent.empty()) Write(number);
  }
  dirty_.clear();
}

void Swarm::Write(uint32_t number) {
  Socket& socket = sockets_[number];
  if (socket.state == State::kConnecting) return;
  const ssize_t sent =
      send(socket.fd, socket.unsent.data(), socket.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    // What ended the connection is told by reading.
    if (errno != EAGAIN) socket.unsent.clear();
    return;
  }
  bytes_out_ += sent;
  socket.unsent.erase(0, static_cast<size_t>(sent));
}

// With a reset: the many connections of a run leave nothing in TIME_WAIT.
void Swarm::Close(Socket& socket) {
  if (socket.state == State::kClosed) return;
  const linger now{1, 0};
  setsockopt(socket.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(socket.fd);
  socket.fd = -1;
  socket.partial.clear();
  socket.unsent.clear();
  Enter(socket, State::kClosed);
}

// One socket after the other, so that they do not come at once.
void Swarm::SendHeartbeats() {
  static const std::string frame = testing::MaskedFrame(0x81, kHeartbeat);
  const auto step = kHeartbeatNs / static_cast<int64_t>(sockets_.size());
  while (heartbeat_ns_ < now_ns_) {
    Send(heartbeat_socket_, frame);
    heartbeat_socket_ =
        (heartbeat_socket_ + 1) % static_cast<uint32_t>(sockets_.size());
    heartbeat_ns_ += step;
  }
}

bool JoinAll(Swarm& swarm, uint32_t first, uint32_t end, uint32_t parallel) {
  const uint32_t wanted = swarm.joined() + swarm.joining() + end - first;
  int64_t deadline_ns = NowNs() + kStallNs;
  uint32_t joined = swarm.joined();
  while (swarm.joined() < wanted) {
    while (first < end && swarm.joining() < parallel) swarm.Open(first++);
    swarm.Turn(100);
    if (swarm.failures() > 0) return false;
    if (swarm.joined() > joined) {
      joined = swarm.joined();
      deadline_ns = swarm.now_ns() + kStallNs;
    } else if (swarm.now_ns() > deadline_ns) {
      swarm.Fail("no join was answered for long");
      return false;
    }
  }
  return true;
}

}  // namespace aerie::bench
