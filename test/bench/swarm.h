#ifndef AERIE_TEST_BENCH_SWARM_H_
#define AERIE_TEST_BENCH_SWARM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "test/bench/crowd.h"
#include "test/bench/options.h"
#include "test/bench/stream.h"
#include "test/bench/wire.h"

namespace aerie::bench {

// A crowd of WebSockets: each connects, upgrades and joins its topic. One
// thread.
class Swarm final : public Crowd {
 public:
  Swarm(const Options& options, Workload& workload);
  ~Swarm() override;

  void Open(uint32_t socket) override;
  void Drop(uint32_t socket) override;
  void Push(uint32_t socket, absl::string_view message) override;
  // Ends a socket as a client does: a close frame, answered by the server.
  void Leave(uint32_t socket);
  // Sends frames on a joined socket at the end of the turn.
  void Send(uint32_t socket, absl::string_view frames);

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
    State state = State::kClosed;
    bool dirty = false;  // Listed in `dirty_`.
    Stream stream;
  };

  void OnEvent(uint32_t number, uint32_t generation, uint32_t events) override;
  void Flush() override;
  void OnJoinReply(uint32_t number) override;

  void Enter(Socket& socket, State state);
  // Takes what is whole of `bytes`; returns how much that was.
  size_t Take(uint32_t number, absl::Span<char> bytes);
  size_t TakeUpgrade(uint32_t number, absl::string_view bytes);
  void OnFrame(uint32_t number, const FrameView& frame);
  void OnEnd(uint32_t number, const std::string& why);
  void Queue(uint32_t number, absl::string_view bytes);
  void Close(Socket& socket);
  void SendHeartbeats();

  std::vector<Socket> sockets_;
  std::vector<uint32_t> dirty_;
  int64_t heartbeat_ns_ = 0;  // When the next of them is due.
  uint32_t heartbeat_socket_ = 0;
};

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_SWARM_H_
