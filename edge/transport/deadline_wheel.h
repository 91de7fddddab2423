#ifndef AERIE_EDGE_TRANSPORT_DEADLINE_WHEEL_H_
#define AERIE_EDGE_TRANSPORT_DEADLINE_WHEEL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aerie::edge {

// Coarse timers for very many connections: one deadline each, 32 bytes, no
// allocation. Moving a deadline back costs nothing, and an entry is looked at
// about once per deadline. Lives on one io thread.
class DeadlineWheel {
 public:
  static constexpr int64_t kTickMs = 50;

  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // The deadline has passed; it is not set any more. May Set and Clear any
    // entry, and destroy any but this one.
    virtual void OnDeadline(int64_t now_ms) = 0;

   protected:
    // Not destroyed while set: Clear first.
    ~Entry() = default;

   private:
    friend class DeadlineWheel;

    Entry* next_ = nullptr;
    Entry* previous_ = nullptr;
    int64_t deadline_ms_ = 0;
  };

  explicit DeadlineWheel(int64_t now_ms);
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Sets the deadline, in place of an earlier one.
  void Set(Entry& entry, int64_t deadline_ms);
  void Clear(Entry& entry);

  // Calls the entries whose deadline has passed, each at most a tick late, if
  // this is called once per tick.
  void Advance(int64_t now_ms);

 private:
  // The head of a ring of entries.
  struct Slot final : Entry {
    Slot() { next_ = previous_ = this; }
    void OnDeadline(int64_t) override {}

    Entry*& first() { return next_; }
    bool empty() const { return next_ == this; }
    void Insert(Entry& entry);
    void TakeAll(Slot& other);
  };

  // 102 s; what lies beyond is put on again when its slot comes.
  static constexpr int64_t kSlots = 2048;

  static void Unlink(Entry& entry);
  void Link(Entry& entry);

  std::vector<Slot> slots_{kSlots};
  int64_t tick_;  // The last one that was handled.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_DEADLINE_WHEEL_H_
