#ifndef AERIE_TEST_BENCH_CROWD_H_
#define AERIE_TEST_BENCH_CROWD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "test/bench/options.h"
#include "test/bench/stream.h"
#include "test/bench/wire.h"

namespace aerie::bench {

// The clock of all latencies.
int64_t NowNs();

// What happens to clients, by their numbers. What is sent from inside these
// travels at the end of the turn, per client in one write.
class Workload {
 public:
  virtual ~Workload() = default;
  // A join was answered with ok.
  virtual void OnJoined(uint32_t client) = 0;
  // A push was answered with ok.
  virtual void OnReply(uint32_t /*client*/, uint64_t /*ref*/) {}
  // A broadcast has come.
  virtual void OnBroadcast(uint32_t /*client*/, absl::string_view /*payload*/) {
  }
  // A client that has left is gone.
  virtual void OnGone(uint32_t /*client*/) {}
};

// Every client of the generator, of one transport: each opens and joins its
// topic. One epoll instance, one thread.
//
// Anything that no workload wants (a refusal, an error reply, a connection that
// ends by itself) is a failure: counted, and the first one is kept in words.
class Crowd {
 public:
  Crowd(const Options& options, Workload& workload);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  virtual ~Crowd();

  // Opens a closed client. Joined follows.
  virtual void Open(uint32_t client) = 0;
  // Ends one as a crash does: a TCP reset. Nothing follows.
  virtual void Drop(uint32_t client) = 0;
  // Sends a message of a joined client at the end of the turn.
  virtual void Push(uint32_t client, absl::string_view message) = 0;
  // Waits for something to happen, at most so long, and handles it.
  void Turn(int timeout_ms);

  // When what is being handled was received.
  int64_t now_ns() const { return now_ns_; }
  // Clients on their way to a join, and those that have come there.
  uint32_t joining() const { return joining_; }
  uint32_t joined() const { return joined_; }
  int64_t bytes_in() const { return bytes_in_; }
  int64_t bytes_out() const { return bytes_out_; }
  uint64_t failures() const { return failures_; }
  const std::string& first_failure() const { return first_failure_; }
  void Fail(const std::string& what);

 protected:
  const Options& options() const { return options_; }
  Workload& workload() { return workload_; }
  const Target& TargetOf(uint32_t number) const {
    return options_.targets[number % options_.targets.size()];
  }

  // Clients have come on their way, and to their join; less than 0: have left.
  void Count(int joining, int joined);

  // What joins a client to its topic; answered with OnJoinReply.
  std::string JoinMessage(uint32_t client) const;
  // A message of the server.
  void OnText(uint32_t client, absl::string_view text);

  // Starts to connect. What happens is told by OnEvent; what makes that
  // impossible is a failure.
  void Connect(Stream& stream, const Target& target, uint32_t caller,
               uint32_t id);
  void Write(Stream& stream);
  // Gives `take` what has come, all that is not taken yet; it says how much it
  // takes, and may close the stream. Returns why the stream has ended, or
  // nothing.
  std::string Receive(Stream& stream,
                      absl::FunctionRef<size_t(absl::Span<char>)> take);

 private:
  // An event of epoll_ctl(2) on a stream, which may be one of an earlier
  // generation.
  virtual void OnEvent(uint32_t id, uint32_t generation, uint32_t events) = 0;
  // Sends what was queued in the turn, and what is due.
  virtual void Flush() = 0;
  virtual void OnJoinReply(uint32_t client) = 0;

  void OnReply(uint32_t client, const Envelope& envelope);

  const Options& options_;
  Workload& workload_;
  const std::string broadcast_event_;  // As JSON text.
  const int epoll_;
  const std::unique_ptr<char[]> buffer_;

  int64_t now_ns_ = 0;
  uint32_t joining_ = 0;
  uint32_t joined_ = 0;
  int64_t bytes_in_ = 0;
  int64_t bytes_out_ = 0;
  uint64_t failures_ = 0;
  std::string first_failure_;
};

// The ref of heartbeats, whose replies are nobody's.
inline constexpr absl::string_view kHeartbeatRef = "hb";

// Opens clients [first, end), `parallel` at a time, and waits until all have
// joined. False when none does for long, or one fails.
bool JoinAll(Crowd& crowd, uint32_t first, uint32_t end, uint32_t parallel);

// Turns until `seconds` have passed, a client fails, or `done` says so.
template <typename Done>
void TurnFor(Crowd& crowd, double seconds, Done&& done) {
  const int64_t end_ns = NowNs() + static_cast<int64_t>(seconds * 1e9);
  while (NowNs() < end_ns && crowd.failures() == 0 && !done()) crowd.Turn(10);
}

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_CROWD_H_
