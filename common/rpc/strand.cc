#include "common/rpc/strand.h"

#include <mutex>
#include <utility>
#include <vector>

namespace aerie::rpc {

struct Strand::Inbox {
  std::mutex mutex;
  std::vector<Turn> turns;
  bool running = false;  // A thread is in Post's loop.
};

Strand::Strand() : inbox_(std::make_shared<Inbox>()) {}

void Strand::Post(Turn turn) {
  const std::shared_ptr<Inbox> inbox = inbox_;
  {
    std::lock_guard<std::mutex> lock(inbox->mutex);
    inbox->turns.push_back(std::move(turn));
    if (std::exchange(inbox->running, true)) return;
  }
  std::vector<Turn> turns;
  for (;;) {
    turns.clear();
    {
      std::lock_guard<std::mutex> lock(inbox->mutex);
      inbox->running = !inbox->turns.empty();
      if (!inbox->running) return;
      turns.swap(inbox->turns);
    }
    for (Turn& next : turns) {
      next();
      next = nullptr;  // What it held goes before the next turn.
    }
  }
}

}  // namespace aerie::rpc
