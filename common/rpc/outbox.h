#ifndef AERIE_COMMON_RPC_OUTBOX_H_
#define AERIE_COMMON_RPC_OUTBOX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/metrics.h"

namespace aerie::rpc {

struct OutboxOptions {
  // Queued, not yet handed to a write. Then: Overflowed.
  uint64_t bytes_max = 64 << 20;
  // One message, unless one frame alone is larger.
  uint64_t batch_bytes_max = 1 << 20;
};

// Shared by all outboxes of one kind; null where nobody counts.
struct OutboxMetrics {
  Gauge* bytes = nullptr;
  Counter* frames = nullptr;
  Counter* dropped_frames = nullptr;
  Counter* overflows = nullptr;
  Histogram* frames_per_write = nullptr;
  Counter* lost_frames = nullptr;
};

// Where a batch has its frames: by default in the field `frames`.
template <typename Batch>
struct BatchFrames {
  static auto* Of(Batch& batch) { return batch.mutable_frames(); }
};

// What one direction of a gRPC stream still has to send. Whatever queues while
// a write is in flight goes out as one message with the next.
//
// Any thread sends; the lock is held for a push or a swap. The thread that
// finds the outbox idle becomes its writer, until a write ends (OnWritten) and
// finds nothing more: only the writer touches what is on its way out. Lives
// inside its stream.
template <typename Batch>
class Outbox {
 public:
  using Frame = typename std::decay_t<decltype(*BatchFrames<Batch>::Of(
      std::declval<Batch&>()))>::value_type;
  // A frame that says how many are missing where it stands. Called with the
  // lock held.
  using Lost = std::function<Frame(uint64_t frames)>;

  // What the outbox needs of its stream. None of these is called with the lock
  // held, nor after Closed.
  class Stream {
   public:
    virtual ~Stream() = default;

    // Starts a write; OnWritten follows. The batch keeps still until then.
    virtual void Write(const Batch& batch) = 0;
    // The other side does not read; said at most once, on the thread that sent
    // too much. Everything queued is lost, Closed follows when the write in
    // flight has ended.
    virtual void Overflowed() = 0;
    // Nothing more will be written; once.
    virtual void Closed() = 0;
  };

  // With `lost`, what finds no room is dropped, told in its place, and the
  // stream goes on; without, the outbox overflows.
  Outbox(Stream& stream, const OutboxOptions& options,
         const OutboxMetrics& metrics, Lost lost = nullptr)
      : stream_(stream),
        options_(options),
        metrics_(metrics),
        lost_(std::move(lost)) {}
  ~Outbox() { Add(metrics_.bytes, -static_cast<double>(queued_bytes_)); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Queues a frame; dropped after Close.
  void Send(Frame frame) {
    const uint64_t bytes = Weight(frame);
    Push(1, bytes, [&] { queue_.push_back({std::move(frame), bytes}); });
  }

  // Queues frames under one lock; `frames` is empty afterwards and keeps its
  // capacity.
  void Send(std::vector<Frame>& frames) {
    if (frames.empty()) return;
    std::vector<Item> items;
    items.reserve(frames.size());
    uint64_t bytes = 0;
    for (Frame& frame : frames) {
      const uint64_t weight = Weight(frame);
      bytes += weight;
      items.push_back({std::move(frame), weight});
    }
    frames.clear();
    Push(items.size(), bytes, [&] {
      if (queue_.empty()) return queue_.swap(items);
      for (Item& item : items) queue_.push_back(std::move(item));
    });
  }

  // Takes no more frames, sends those it has; then Closed.
  void Finish() { End(/*drop=*/false); }
  // Takes no more frames, drops those it has; Closed follows as soon as no
  // write is in flight. May follow Finish.
  void Close() { End(/*drop=*/true); }

  // From the stream: the write has ended; not `ok` means that none will succeed
  // any more.
  void OnWritten(bool ok) {
    const int frames = FramesOf(batch_)->size();
    frames > kKeptFrames ? void(batch_ = Batch()) : batch_.Clear();
    if (!ok) Close();
    WriteNext();
  }

  // Queued, not yet handed to a write.
  uint64_t queued_bytes() const { return queued_bytes_; }

 private:
  struct Item {
    Frame frame;
    uint64_t bytes;
  };

  static auto* FramesOf(Batch& batch) { return BatchFrames<Batch>::Of(batch); }

  // Frames whose memory is kept for the next batch.
  static constexpr int kKeptFrames = 4096;

  // The bytes of a frame in its batch: with its tag and length.
  static uint64_t Weight(const Frame& frame) {
    const uint64_t bytes = frame.ByteSizeLong();
    return bytes + (bytes < 128 ? 2 : 6);
  }

  template <typename Metric>
  static void Add(Metric* metric, double amount) {
    if (metric != nullptr && amount != 0) metric->Increment(amount);
  }

  template <typename PushItems>
  void Push(size_t frames, uint64_t bytes, PushItems push) {
    bool dropped = false;
    bool full = false;
    bool overflowed = false;
    bool idle = false;
    std::vector<Item> lost;  // Freed without the lock.
    {
      std::lock_guard<std::mutex> lock(mutex_);
      const uint64_t queued = queued_bytes_;
      dropped = closing_;
      full = !closing_ && queued > 0 && bytes > Room(queued);
      overflowed = full && lost_ == nullptr;
      if (overflowed) {
        closing_ = dropping_ = telling_overflow_ = true;
        lost.swap(queue_);
      } else if (full) {
        lost_frames_ += frames;
      } else if (!dropped) {
        TellLost(queue_);
        push();
        queued_bytes_ += bytes;
        idle = !std::exchange(writing_, true);
      }
    }
    if (overflowed) {
      Forget(lost);
      Add(metrics_.overflows, 1);
      TellOverflow();
    }
    if (full && !overflowed) return Add(metrics_.lost_frames, frames);
    if (dropped || overflowed) return Add(metrics_.dropped_frames, frames);
    Add(metrics_.bytes, bytes);
    if (idle) WriteNext();
  }

  // A write that ends meanwhile on another thread leaves Closed to this one:
  // the stream must know why before it knows that.
  void TellOverflow() {
    stream_.Overflowed();
    bool closed = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      telling_overflow_ = false;
      closed = CloseIsDue();
    }
    if (closed) stream_.Closed();
  }

  // With the lock: whether Closed is to be said now.
  bool CloseIsDue() {
    return closing_ && !writing_ && !telling_overflow_ &&
           !std::exchange(closed_, true);
  }

  // With the lock: what is missing before the next frame, or at the end.
  void TellLost(std::vector<Item>& to) {
    if (lost_frames_ == 0) return;
    Frame frame = lost_(std::exchange(lost_frames_, 0));
    const uint64_t bytes = Weight(frame);
    to.push_back({std::move(frame), bytes});
    queued_bytes_ += bytes;
    Add(metrics_.bytes, bytes);
  }

  uint64_t Room(uint64_t queued) const {
    return options_.bytes_max > queued ? options_.bytes_max - queued : 0;
  }

  void End(bool drop) {
    std::vector<Item> lost;
    bool closed = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      closing_ = true;
      dropping_ |= drop;
      if (dropping_) lost.swap(queue_);
      closed = CloseIsDue();
    }
    Forget(lost);
    if (closed) stream_.Closed();
  }

  // The writer's turn: one batch, or rest.
  void WriteNext() {
    uint64_t bytes = 0;
    while (Refill()) {
      Item& item = outgoing_[next_];
      if (FramesOf(batch_)->size() > 0 &&
          bytes + item.bytes > options_.batch_bytes_max) {
        break;
      }
      bytes += item.bytes;
      *FramesOf(batch_)->Add() = std::move(item.frame);
      ++next_;
    }
    if (bytes == 0) return;  // Another thread may be the writer by now.
    queued_bytes_ -= bytes;
    Add(metrics_.bytes, -static_cast<double>(bytes));
    const int frames = FramesOf(batch_)->size();
    Add(metrics_.frames, frames);
    if (metrics_.frames_per_write != nullptr) {
      metrics_.frames_per_write->Observe(frames);
    }
    stream_.Write(batch_);
  }

  // Whether another frame is on its way out. Without one, and with nothing in
  // the batch, the writer's turn has ended.
  bool Refill() {
    bool closed = false;
    std::vector<Item> lost;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (dropping_ && next_ < outgoing_.size()) {
        lost.assign(std::make_move_iterator(outgoing_.begin() + next_),
                    std::make_move_iterator(outgoing_.end()));
        next_ = outgoing_.size();
      }
      if (next_ < outgoing_.size()) return true;
      outgoing_.clear();
      if (outgoing_.capacity() > kKeptFrames) outgoing_ = {};
      next_ = 0;
      outgoing_.swap(queue_);
      if (outgoing_.empty() && !dropping_) TellLost(outgoing_);
      if (!outgoing_.empty()) return true;
      if (FramesOf(batch_)->size() == 0) {
        writing_ = false;
        closed = CloseIsDue();
      }
    }
    Forget(lost);
    if (closed) stream_.Closed();
    return false;
  }

  // Counts frames that were queued and will not be sent.
  void Forget(const std::vector<Item>& lost) {
    uint64_t bytes = 0;
    for (const Item& item : lost) bytes += item.bytes;
    queued_bytes_ -= bytes;
    Add(metrics_.bytes, -static_cast<double>(bytes));
    Add(metrics_.dropped_frames, lost.size());
  }

  Stream& stream_;
  const OutboxOptions options_;
  const OutboxMetrics metrics_;
  const Lost lost_;  // Null: the outbox overflows.
  std::atomic<uint64_t> queued_bytes_{0};

  std::mutex mutex_;
  std::vector<Item> queue_;        // By mutex_, as the flags are.
  bool writing_ = false;           // There is a writer.
  bool closing_ = false;           // Takes no more frames.
  bool dropping_ = false;          // Sends no more either.
  bool telling_overflow_ = false;  // Overflowed is being said.
  bool closed_ = false;            // Closed was said.
  uint64_t lost_frames_ = 0;       // Since the last one that was queued.

  std::vector<Item> outgoing_;  // The writer's, as what follows.
  size_t next_ = 0;             // First of outgoing_ that is not in a batch.
  Batch batch_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_OUTBOX_H_
