#include "clients/cpp/ends.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/limits.h"

namespace aerie::client {

void Ending::WhenOver(absl::AnyInvocable<void()> then) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!over_) return waiting_.push_back(std::move(then));
  }
  then();
}

void Ending::SetOver() {
  std::vector<absl::AnyInvocable<void()>> waiting;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
    waiting.swap(waiting_);
  }
  for (auto& then : waiting) then();
}

std::string Ends::ChannelKey(const std::string& broker, uint64_t id) {
  return absl::StrCat("channel/", broker, "/", id);
}

std::string Ends::EventKey(const std::string& event_id) {
  return absl::StrCat("event/", event_id);
}

void Ends::Add(const std::string& key, const std::shared_ptr<Ending>& ending) {
  const int64_t now = clock_.NowMs();
  std::lock_guard<std::mutex> lock(mutex_);
  if (known_.contains(key)) return;
  while (!order_.empty() &&
         (order_.size() >= limits::kEndsMax ||
          now - order_.front().second > limits::kEndsKeptMs)) {
    known_.erase(order_.front().first);
    order_.pop_front();
  }
  known_.emplace(key, ending);
  order_.emplace_back(key, now);
}

std::shared_ptr<Ending> Ends::Find(const std::string& key) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto it = known_.find(key);
  return it == known_.end() ? nullptr : it->second;
}

}  // namespace aerie::client
