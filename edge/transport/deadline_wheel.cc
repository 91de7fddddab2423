#include "edge/transport/deadline_wheel.h"

#include <algorithm>

namespace aerie::edge {

void DeadlineWheel::Slot::Insert(Entry& entry) {
  entry.next_ = this;
  entry.previous_ = previous_;
  previous_->next_ = &entry;
  previous_ = &entry;
}

void DeadlineWheel::Slot::TakeAll(Slot& other) {
  if (other.empty()) return;
  next_ = other.next_;
  previous_ = other.previous_;
  next_->previous_ = this;
  previous_->next_ = this;
  other.next_ = other.previous_ = &other;
}

DeadlineWheel::DeadlineWheel(int64_t now_ms) : tick_(now_ms / kTickMs) {}

void DeadlineWheel::Unlink(Entry& entry) {
  entry.next_->previous_ = entry.previous_;
  entry.previous_->next_ = entry.next_;
  entry.next_ = entry.previous_ = nullptr;
}

void DeadlineWheel::Link(Entry& entry) {
  // The first tick that does not begin before the deadline.
  int64_t tick = (entry.deadline_ms_ + kTickMs - 1) / kTickMs;
  tick = std::clamp<int64_t>(tick, tick_ + 1, tick_ + kSlots - 1);
  slots_[tick % kSlots].Insert(entry);
}

void DeadlineWheel::Set(Entry& entry, int64_t deadline_ms) {
  const bool linked = entry.next_ != nullptr;
  const bool later = deadline_ms >= entry.deadline_ms_;
  entry.deadline_ms_ = deadline_ms;
  if (linked && later) return;  // It is put on again when its slot comes.
  if (linked) Unlink(entry);
  Link(entry);
}

void DeadlineWheel::Clear(Entry& entry) {
  if (entry.next_ != nullptr) Unlink(entry);
}

void DeadlineWheel::Advance(int64_t now_ms) {
  const int64_t now_tick = now_ms / kTickMs;
  // After a long pause every slot is looked at once.
  tick_ = std::max(tick_, now_tick - kSlots);
  while (tick_ < now_tick) {
    ++tick_;
    // Entries that are set meanwhile go to other slots; those that are cleared
    // leave this ring.
    Slot due;
    due.TakeAll(slots_[tick_ % kSlots]);
    while (!due.empty()) {
      Entry& entry = *due.first();
      Unlink(entry);
      if (entry.deadline_ms_ <= now_ms) {
        entry.OnDeadline(now_ms);
      } else {
        Link(entry);
      }
    }
  }
}

}  // namespace aerie::edge
