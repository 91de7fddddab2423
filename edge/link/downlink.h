#ifndef AERIE_EDGE_LINK_DOWNLINK_H_
#define AERIE_EDGE_LINK_DOWNLINK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "edge/link/frame_sink.h"
#include "edge/link/linked_thread.h"
#include "edge/metrics.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// The way between the link and the io threads, and each thread's view of the
// link. A batch is shared by the threads that it concerns; each gets one turn
// with its own frames, in the link's order. What is posted and not yet applied
// is bounded: over the bound, the link is not read. In the other direction, the
// frames of a thread's turn travel together.
//
// Up, Post and Lost: one thread at a time, the link's reader. Send: the io
// thread of the frame's socket.
class Downlink {
 public:
  enum class Next {
    kRead,   // Go on.
    kWait,   // Some thread has enough; Room is called when all have caught up.
    kDrain,  // The broker drains: frames behind that count no more.
  };

  // `room` is called on an io thread.
  Downlink(const std::vector<LinkedThread*>& threads, uint64_t inbox_bytes_max,
           Metrics& metrics, std::function<void()> room);

  // From here on each thread, once told, sends to `link`, while there is one.
  void Up(uint64_t epoch, const std::weak_ptr<FrameSink>& link);
  Next Post(const std::shared_ptr<const v1::BrokerBatch>& batch);
  // Each thread, once told, sends nowhere.
  void Lost();

  // Queues a frame for the link that the frame's thread knows; it leaves when
  // everything that is ready to run on the thread now has run, or, while the
  // thread is busy, a millisecond later.
  void Send(v1::EdgeFrame frame);

  // Sends what the threads have gathered. After their last turn only.
  void Flush();

  // Calls Room now if it is waited for: the threads may never catch up.
  void Abandon();

 private:
  struct Inbox {
    explicit Inbox(LinkedThread& thread) : thread(thread) {}

    LinkedThread& thread;
    // On the thread only.
    std::weak_ptr<FrameSink> link;
    std::vector<v1::EdgeFrame> gathered;
    bool busy = false;  // It has just sent many.
    // Posted, not yet applied.
    std::atomic<uint64_t> bytes{0};
  };
  using FrameIndices = std::vector<int>;

  // The frames of each thread, up to a Drain.
  std::vector<FrameIndices> Partition(const v1::BrokerBatch& batch,
                                      bool& drain) const;
  void Applied(Inbox& inbox, uint64_t bytes);
  void Flush(Inbox& inbox);
  bool HaveRoom() const;

  const std::vector<std::shared_ptr<Inbox>> inboxes_;
  const uint64_t inbox_bytes_max_;
  Metrics& metrics_;
  const std::function<void()> room_;
  std::atomic<bool> waiting_{false};
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_DOWNLINK_H_
