#ifndef AERIE_BROKER_DASHBOARD_LOOKS_H_
#define AERIE_BROKER_DASHBOARD_LOOKS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/types/optional.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "common/admin.h"
#include "common/clock.h"

namespace aerie::broker {

// What pages want to know of shards and edges. The same question is asked once,
// however many pages want to know, and its answer is given to all who ask
// within a moment; all questions together have a rate. So a hundred open pages
// cost as much as one, and a hostile one no more than that rate. One thread:
// the admin server's.
class Looks {
 public:
  using Reply = AdminSection::Reply;

  // How dear a look is.
  enum class Kind {
    kOwn,   // At what this thread has; `ask` answers within the call.
    kOne,   // At one thing, or at a page of them.
    kScan,  // At every topic.
  };

  Looks(const Limits& limits, const Clock& clock, Metrics& metrics);

  // Answers `reply` with what `ask` says, or has said to somebody else. `ask`
  // gets what to call with its answer, once, on this thread; it may be never.
  //
  // `key` names the question. 429 when too much is asked; 503 when the answer
  // does not come in time.
  void Want(const std::string& key, Kind kind,
            absl::AnyInvocable<void(Reply done)> ask, Reply reply);

  // Now and then: gives up waiting, and forgets.
  void Step();

  // Answers kept, and looks under way.
  size_t size() const { return looks_.size(); }

 private:
  struct Look {
    uint64_t number = 0;
    int64_t asked_ms = 0;
    int64_t keep_until_ms = 0;
    // Nobody who asks now is to wait for it.
    bool late = false;
    absl::optional<AdminAnswer> answer;
    std::vector<Reply> waiting;
  };

  bool Afford(Kind kind);
  void Wait(Look& look, Reply reply);
  void Refuse(Reply reply);
  void Late(Reply reply);
  void MakeRoom();
  void Done(const std::string& key, uint64_t number, Kind kind,
            const AdminAnswer& answer);

  const Limits& limits_;
  const Clock& clock_;
  Metrics& metrics_;
  absl::flat_hash_map<std::string, Look> looks_;
  uint64_t made_ = 0;
  size_t under_way_ = 0;
  size_t waiting_ = 0;
  // What may be spent now.
  double savings_;
  int64_t saved_ms_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_LOOKS_H_
