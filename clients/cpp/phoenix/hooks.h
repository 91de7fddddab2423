#ifndef AERIE_CLIENTS_CPP_PHOENIX_HOOKS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_HOOKS_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace aerie::client::phx {

// Callbacks for one thing that happens. A callback may add and remove others:
// what is added is not called in that round, what is removed is called no more.
// One thread.
template <typename... Args>
class Hooks {
 public:
  using Callback = std::function<void(Args...)>;

  void Add(uint64_t id, Callback callback) {
    hooks_.push_back(
        std::make_shared<Hook>(Hook{id, std::move(callback), true}));
  }

  void Remove(uint64_t id) {
    const auto hook =
        std::find_if(hooks_.begin(), hooks_.end(),
                     [id](const auto& one) { return one->id == id; });
    if (hook == hooks_.end()) return;
    (*hook)->wanted = false;
    hooks_.erase(hook);
  }

  void Clear() {
    for (const auto& hook : hooks_) hook->wanted = false;
    hooks_.clear();
  }

  bool empty() const { return hooks_.empty(); }

  // In the order in which they were added. The hooks may be gone when it
  // returns.
  void Call(Args... args) const {
    const std::vector<std::shared_ptr<Hook>> hooks = hooks_;
    for (const auto& hook : hooks) {
      if (hook->wanted) hook->callback(args...);
    }
  }

 private:
  struct Hook {
    uint64_t id;
    Callback callback;
    bool wanted;
  };

  std::vector<std::shared_ptr<Hook>> hooks_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_HOOKS_H_
