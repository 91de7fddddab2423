#ifndef AERIE_CLIENTS_CPP_ENDS_H_
#define AERIE_CLIENTS_CPP_ENDS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "common/clock.h"

namespace aerie::client {

// The end of one channel: whether its terminate has run. Any thread.
class Ending {
 public:
  // Runs `then` when the terminate has run: at once if it has.
  void WhenOver(absl::AnyInvocable<void()> then);
  void SetOver();

 private:
  std::mutex mutex_;
  bool over_ = false;
  std::vector<absl::AnyInvocable<void()>> waiting_;
};

// The ends that this process has seen, so that one which is delivered again is
// answered without running it twice. Bounded by number and age. Any thread.
class Ends {
 public:
  explicit Ends(const Clock& clock) : clock_(clock) {}

  static std::string ChannelKey(const std::string& broker, uint64_t id);
  static std::string EventKey(const std::string& event_id);

  void Add(const std::string& key, const std::shared_ptr<Ending>& ending);
  // Null if it is not known.
  std::shared_ptr<Ending> Find(const std::string& key);

 private:
  const Clock& clock_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Ending>> known_;
  std::deque<std::pair<std::string, int64_t>> order_;  // Oldest first.
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_ENDS_H_
