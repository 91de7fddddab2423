#ifndef AERIE_BROKER_SHARD_INBOX_H_
#define AERIE_BROKER_SHARD_INBOX_H_

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "common/clock.h"

namespace aerie::broker {

// What a Loop has yet to do, and the sleep of its thread in between: the one
// place where threads meet. The lock is held for a push or a swap.
class Inbox {
 public:
  using Task = absl::AnyInvocable<void()>;
  // When the next timer is due; called with the lock held, by who has the turn.
  using NextTimer = absl::FunctionRef<int64_t()>;
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  enum class Pushed { kFull, kAwake, kAsleep };

  explicit Inbox(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Any thread.

  // Queues a task that holds `bytes`; says whether the loop's thread sleeps.
  // When it is full already, `task` is untouched.
  Pushed Push(Task&& task, uint64_t bytes);
  // Queues a task that must not be lost. Never kFull.
  Pushed PushAlways(Task task);
  void Wake() { wake_.notify_one(); }
  // Has the loop's thread end.
  void Stop();

  // Takes the turn of the thread that sleeps; false when it does not, or when
  // another has the turn. GiveBack follows, and wakes the thread if there is
  // something for it.
  bool Borrow();
  void GiveBack(NextTimer next_timer);

  // Who has the turn.

  // Swaps what is queued with `tasks`, which is empty; how many bytes it holds.
  uint64_t Take(std::vector<Task>& tasks);

  // The loop's thread: waits until there is something to do; false to end.
  bool Wait(NextTimer next_timer, const Clock& clock);

 private:
  const uint64_t bytes_max_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::vector<Task> tasks_;
  uint64_t bytes_ = 0;
  bool sleeping_ = false;
  bool lent_ = false;  // Another thread has the turn.
  bool stopping_ = false;
  // When the sleeping thread looks up by itself.
  int64_t wakes_at_ms_ = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_INBOX_H_
