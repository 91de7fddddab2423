#ifndef AERIE_TEST_BENCH_POLLERS_H_
#define AERIE_TEST_BENCH_POLLERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "test/bench/crowd.h"
#include "test/bench/options.h"
#include "test/bench/poll_wire.h"
#include "test/bench/stream.h"

namespace aerie::bench {

// A crowd of long polls, as the stock client does them: a session always waits
// in one poll, and what it sends goes beside it, one POST at a time, which
// carries all that has been pushed since the one before. The requests of a
// session go to the targets in turn, each over a connection that is kept for
// the next request to the same target. One thread.
//
// A server may end a connection on which it owes nothing.
class Pollers final : public Crowd {
 public:
  Pollers(const Options& options, Workload& workload);
  ~Pollers() override;

  // Asks for a session.
  void Open(uint32_t session) override;
  // Ends its connections; the server notices when no poll comes.
  void Drop(uint32_t session) override;
  void Push(uint32_t session, absl::string_view message) override;

  // Whether connections are kept, true at first; else they end with the
  // response.
  void Keep(bool keep);

  // Requests that have no answer yet; of polls, one for each joined session.
  uint32_t polls() const { return polls_; }
  uint32_t posts() const { return posts_; }
  uint32_t connections() const;

 private:
  enum class State : uint8_t { kClosed, kOpening, kJoining, kJoined };
  enum class Ask : uint8_t { kNothing, kSession, kPoll, kPost };
  struct Session {
    State state = State::kClosed;
    bool dirty = false;  // Listed in `dirty_`.
    bool posting = false;
    uint32_t gets = 0;
    uint32_t posts = 0;
    std::string token;
    std::vector<std::string> unsent;  // Messages, for the next POST.
  };
  struct Connection {
    Ask ask = Ask::kNothing;  // What has no answer yet.
    int64_t idle_since_ns = 0;
    Stream stream;
  };

  void OnEvent(uint32_t id, uint32_t generation, uint32_t events) override;
  void Flush() override;
  void OnJoinReply(uint32_t number) override;

  void Enter(Session& session, State state);
  void Get(uint32_t number);
  void Post(uint32_t number);
  // At the end of the turn.
  void PostLater(uint32_t number);
  // A connection of a session to a target that has nothing to answer, open if
  // there is one.
  uint32_t Free(uint32_t number, size_t target) const;
  void Request(uint32_t number, size_t target, Ask ask,
               absl::string_view bytes);
  void Answered(Connection& connection);
  // Takes a response, once it is whole; returns how much that was.
  size_t Take(uint32_t id, absl::string_view bytes);
  void OnResponse(uint32_t number, Ask ask, const HttpResponse& response);
  void OnSession(uint32_t number, const PollAnswer& answer);
  void OnPoll(uint32_t number, const PollAnswer& answer);
  void OnPost(uint32_t number);
  void OnEnd(uint32_t id, const std::string& why);

  size_t targets() const { return options().targets.size(); }

  std::vector<std::string> requests_;  // By target: what is polled there.
  std::vector<Session> sessions_;
  // Two for each session and target, by session, then target.
  std::vector<Connection> connections_;
  std::vector<uint32_t> dirty_;
  bool keep_ = true;
  uint32_t polls_ = 0;
  uint32_t posts_ = 0;
};

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_POLLERS_H_
