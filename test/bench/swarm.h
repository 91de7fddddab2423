#ifndef AERIE_TEST_BENCH_SWARM_H_
#define AERIE_TEST_BENCH_SWARM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "test/bench/options.h"
#include "test/bench/wire.h"

namespace aerie::bench {

// The clock of all latencies.
int64_t NowNs();

// What happens to sockets, by their numbers. What is sent from inside these
// travels at the end of the turn, per socket in one write.
class Workload {
 public:
  virtual ~Workload() = default;
  // A join was answered with ok.
  virtual void OnJoined(uint32_t socket) = 0;
  // A push was answered with ok.
  virtual void OnReply(uint32_t /*socket*/, uint64_t /*ref*/) {}
  // A broadcast has come.
  virtual void OnBroadcast(uint32_t /*socket*/, absl::string_view /*payload*/) {
  }
  // A socket that was closed by Swarm::Leave is gone.
  virtual void OnGone(uint32_t /*socket*/) {}
};

// Every socket of the generator: each connects, upgrades and joins its topic.
// One epoll instance, one thread.
//
// Anything that no workload wants (a refusal, an error reply, a connection that
// ends by itself) is a failure: counted, and the first one is kept in words.
class Swarm {
 public:
  Swarm(const Options& options, Workload& workload);
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;
  ~Swarm();

  // Connects a closed socket. Joined follows.
  void Open(uint32_t socket);
  // Ends a socket as a client does: a close frame, answered by the server.
  void Leave(uint32_t socket);
  // Ends a socket as a crash does: a TCP reset. Nothing follows.
  void Drop(uint32_t socket);
  // Sends frames on a joined socket at the end of the turn.
  void Send(uint32_t socket, absl::string_view frames);
  // Waits for something to happen, at most so long, and handles it.
  void Turn(int timeout_ms);

  // When what is being handled was received.
  int64_t now_ns() const { return now_ns_; }
  // Sockets on their way to a join, and those that have come there.
  uint32_t joining() const { return joining_; }
  uint32_t joined() const { return joined_; }
  int64_t bytes_in() const { return bytes_in_; }
  int64_t bytes_out() const { return bytes_out_; }
  uint64_t failures() const { return failures_; }
  const std::string& first_failure() const { return first_failure_; }
  void Fail(const std::string& what);

 private:
  enum class State : uint8_t {
    kClosed,
    kConnecting,
    kUpgrading,
    kJoining,
    kJoined,
    kLeaving,
  };
  struct Socket {
    int fd = -1;
    State state = State::kClosed;
    bool dirty = false;       // Listed in `dirty_`.
    uint32_t generation = 0;  // Of the connection, to know its events.
    std::string topic;
    std::string partial;  // Received, not yet a whole frame.
    std::string unsent;
  };

  int Connect(uint32_t number);
  void Enter(Socket& socket, State state);
  void OnEvent(uint32_t number, uint32_t events);
  void OnReadable(uint32_t number);
  // Takes what is whole of `bytes`; returns how much that was.
  size_t Take(uint32_t number, char* bytes, size_t size);
  size_t TakeUpgrade(uint32_t number, absl::string_view bytes);
  void OnFrame(uint32_t number, const FrameView& frame);
  void OnText(uint32_t number, absl::string_view text);
  void OnReply(uint32_t number, const Envelope& envelope);
  void OnEnd(uint32_t number, const std::string& why);
  void Queue(uint32_t number, absl::string_view bytes);
  void Flush();
  void Write(uint32_t number);
  void Close(Socket& socket);
  void SendHeartbeats();

  const Options& options_;
  Workload& workload_;
  const std::string broadcast_event_;  // As JSON text.
  const int epoll_;
  std::vector<Socket> sockets_;
  std::unique_ptr<char[]> buffer_;
  std::vector<uint32_t> dirty_;

  int64_t now_ns_ = 0;
  int64_t heartbeat_ns_ = 0;  // When the next of them is due.
  uint32_t heartbeat_socket_ = 0;
  uint32_t joining_ = 0;
  uint32_t joined_ = 0;
  int64_t bytes_in_ = 0;
  int64_t bytes_out_ = 0;
  uint64_t failures_ = 0;
  std::string first_failure_;
};

// Opens sockets [first, end), `parallel` at a time, and waits until all have
// joined. False when none does for long, or one fails.
bool JoinAll(Swarm& swarm, uint32_t first, uint32_t end, uint32_t parallel);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_SWARM_H_
