#ifndef AERIE_CLIENTS_CPP_ATTACHMENT_H_
#define AERIE_CLIENTS_CPP_ATTACHMENT_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "clients/cpp/attach_stream.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/ends.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/membership.h"
#include "clients/cpp/uplink.h"
#include "clients/cpp/workers.h"

namespace aerie::client {

// What all streams of a host share; lives as long as any of its channels is
// referred to.
struct HostState {
  explicit HostState(size_t threads) : ends(Clock::Real()), workers(threads) {}

  std::shared_ptr<const Route> Find(const std::string& pattern) const;

  // Not changed any more once the host runs.
  std::vector<std::shared_ptr<const Route>> routes;
  ConnectCallback connect;

  Ends ends;
  Workers workers;

  std::mutex mutex;
  std::condition_variable changed;  // Whatever follows, and attachments.
  size_t channels = 0;              // By mutex, as what follows.
  bool draining = false;
  bool stopping = false;
};

// One Attach stream and the channels on it. Frames are taken on the queue's
// thread; the host waits for what becomes of it.
class Attachment final : public Uplink,
                         public AttachStream::Listener,
                         public std::enable_shared_from_this<Attachment> {
 public:
  explicit Attachment(std::shared_ptr<HostState> state)
      : state_(std::move(state)), stream_(std::make_shared<AttachStream>()) {}

  AttachStream& stream() { return *stream_; }

  // By HostState::mutex.
  bool attached() const { return attached_; }
  bool drained() const { return drained_; }
  bool ended() const { return ended_; }
  const absl::Status& status() const { return status_; }

  // Of Uplink.
  void Say(v1::HostFrame frame) override { stream_->Send(std::move(frame)); }
  void Schedule(std::shared_ptr<Membership> membership) override;
  void Forget(const Membership& membership) override;
  bool lost() const override { return lost_; }
  const std::string& broker() const override { return broker_; }
  uint64_t payload_bytes_max() const override { return payload_bytes_max_; }
  Ends& ends() override { return state_->ends; }

 private:
  // Of AttachStream::Listener.
  void Received(v1::AttachResponse batch) override;
  void Ended(const absl::Status& status) override;

  bool Attached(const v1::ChannelFrame& frame);
  void Take(v1::ChannelFrame frame);
  void Join(v1::ChannelFrame frame);
  void Terminate(v1::ChannelFrame frame);
  void Redelivered(v1::ChannelFrame frame, std::shared_ptr<const Route> route);
  void Event(v1::ChannelFrame frame);
  void Drained();
  void Terminated(uint64_t channel, const std::string& event_id);
  std::shared_ptr<Membership> Open(uint64_t id, Membership::Facts facts);
  std::shared_ptr<Membership> Find(uint64_t id);

  const std::shared_ptr<HostState> state_;
  const std::shared_ptr<AttachStream> stream_;

  // Of the queue's thread until `welcomed_`; then they keep still.
  bool welcomed_ = false;
  std::string broker_;
  uint64_t payload_bytes_max_ = limits::kPayloadBytesMax;

  std::atomic<bool> lost_{false};
  std::mutex mutex_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Membership>> channels_;

  bool attached_ = false;  // By HostState::mutex, as what follows.
  bool drained_ = false;
  bool ended_ = false;
  absl::Status status_;
};

// Asks the callback, and puts its answer into words.
v1::HostFrame AnswerConnect(const ConnectCallback& callback,
                            const v1::ChannelFrame::Connect& connect);

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_ATTACHMENT_H_
