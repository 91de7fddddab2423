#include "edge/link/downlink.h"

#include <chrono>
#include <utility>

namespace aerie::edge {
namespace {

// So that the broker begins before a very long turn has ended.
constexpr size_t kGatheredMax = 256;
// A message of the link costs as much as a hundred frames in it: a thread whose
// last one held this many gathers for a while before the next.
constexpr size_t kBusyFrames = 4;
constexpr std::chrono::milliseconds kGatherFor{1};

}  // namespace

Downlink::Downlink(const std::vector<LinkedThread*>& threads,
                   uint64_t inbox_bytes_max, Metrics& metrics,
                   std::function<void()> room)
    : inboxes_([&threads] {
        std::vector<std::shared_ptr<Inbox>> inboxes;
        inboxes.reserve(threads.size());
        for (LinkedThread* thread : threads) {
          inboxes.push_back(std::make_shared<Inbox>(*thread));
        }
        return inboxes;
      }()),
      inbox_bytes_max_(inbox_bytes_max),
      metrics_(metrics),
      room_(std::move(room)) {}

void Downlink::Up(uint64_t epoch, const std::weak_ptr<FrameSink>& link) {
  for (const std::shared_ptr<Inbox>& inbox : inboxes_) {
    inbox->thread.Post([this, inbox, epoch, link] {
      Flush(*inbox);
      inbox->link = link;
      inbox->thread.LinkUp(epoch);
    });
  }
}

void Downlink::Lost() {
  for (const std::shared_ptr<Inbox>& inbox : inboxes_) {
    inbox->thread.Post([this, inbox] {
      Flush(*inbox);
      inbox->link.reset();
      inbox->thread.LinkLost();
    });
  }
}

Downlink::Next Downlink::Post(
    const std::shared_ptr<const v1::BrokerBatch>& batch) {
  bool drain = false;
  std::vector<FrameIndices> indices = Partition(*batch, drain);
  // Each thread keeps the whole batch alive.
  const uint64_t bytes = batch->ByteSizeLong();
  for (size_t i = 0; i < inboxes_.size(); ++i) {
    if (indices[i].empty()) continue;
    Inbox& inbox = *inboxes_[i];
    inbox.bytes += bytes;
    metrics_.thread_inbox_bytes.Increment(static_cast<double>(bytes));
    inbox.thread.Post([this, inbox = inboxes_[i], batch, bytes,
                       frames = std::move(indices[i])] {
      for (const int index : frames) inbox->thread.Apply(batch->frames(index));
      Applied(*inbox, bytes);
    });
  }
  if (drain) return Next::kDrain;
  if (HaveRoom()) return Next::kRead;
  metrics_.link_reader_pauses.Increment();
  waiting_ = true;
  // The threads may have caught up before they could see that somebody waits.
  return HaveRoom() && waiting_.exchange(false) ? Next::kRead : Next::kWait;
}

std::vector<Downlink::FrameIndices> Downlink::Partition(
    const v1::BrokerBatch& batch, bool& drain) const {
  std::vector<FrameIndices> indices(inboxes_.size());
  for (int i = 0; i < batch.frames_size(); ++i) {
    const v1::BrokerFrame& frame = batch.frames(i);
    if (frame.socket() != 0) {
      indices[frame.socket() % inboxes_.size()].push_back(i);
    } else if (frame.has_fanout() || frame.has_welcome()) {
      for (FrameIndices& thread : indices) thread.push_back(i);
    } else if (frame.has_drain()) {
      drain = true;
      break;
    }
  }
  return indices;
}

void Downlink::Applied(Inbox& inbox, uint64_t bytes) {
  inbox.bytes -= bytes;
  metrics_.thread_inbox_bytes.Decrement(static_cast<double>(bytes));
  if (waiting_ && HaveRoom() && waiting_.exchange(false)) room_();
}

bool Downlink::HaveRoom() const {
  for (const std::shared_ptr<Inbox>& inbox : inboxes_) {
    if (inbox->bytes > inbox_bytes_max_) return false;
  }
  return true;
}

void Downlink::Send(v1::EdgeFrame frame) {
  const std::shared_ptr<Inbox>& inbox =
      inboxes_[frame.socket() % inboxes_.size()];
  if (inbox->gathered.empty()) {
    auto flush = [this, inbox] { Flush(*inbox); };
    inbox->busy ? inbox->thread.PostAfter(kGatherFor, std::move(flush))
                : inbox->thread.Post(std::move(flush));
  }
  inbox->gathered.push_back(std::move(frame));
  if (inbox->gathered.size() >= kGatheredMax) Flush(*inbox);
}

void Downlink::Flush(Inbox& inbox) {
  if (inbox.gathered.empty()) return;
  inbox.busy = inbox.gathered.size() >= kBusyFrames;
  const std::shared_ptr<FrameSink> link = inbox.link.lock();
  if (link != nullptr) return link->Send(inbox.gathered);
  metrics_.link_frames_dropped.Increment(
      static_cast<double>(inbox.gathered.size()));
  inbox.gathered.clear();
}

void Downlink::Flush() {
  for (const std::shared_ptr<Inbox>& inbox : inboxes_) Flush(*inbox);
}

void Downlink::Abandon() {
  if (waiting_.exchange(false)) room_();
}

}  // namespace aerie::edge
