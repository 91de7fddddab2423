#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/setup.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "proto/aerie/v1/control.grpc.pb.h"
#include "proto/aerie/v1/control.pb.h"
#include "test/bench/modes.h"
#include "test/bench/swarm.h"
#include "test/bench/wire.h"

namespace aerie::bench {
namespace {

// No socket of the swarm joins anything.
class Nobody final : public Workload {
 public:
  void OnJoined(uint32_t /*socket*/) override {}
};

// Keeps `window` broadcasts of one stream unacknowledged, to `topics` topics in
// turn. What was acknowledged since is sent as one message.
class Publisher {
 public:
  explicit Publisher(const Options& options)
      : options_(options),
        stub_(v1::Control::NewStub(grpc::CreateCustomChannel(
            options.control, grpc::InsecureChannelCredentials(),
            rpc::ClientArguments()))),
        stream_(stub_->BroadcastStream(&context_)),
        reader_([this] { Read(); }) {
    message_.set_event(options.event);
    message_.mutable_payload()->set_json(
        NumberedPayload(0, options.payload_bytes));
  }

  ~Publisher() {
    stream_->WritesDone();
    reader_.join();
  }

  // Sends until `seconds` are over, or the stream is.
  void Run(double seconds) {
    const int64_t end_ns = NowNs() + static_cast<int64_t>(seconds * 1e9);
    while (NowNs() < end_ns && Send()) {
    }
  }

  uint64_t acknowledged() const { return acknowledged_; }
  // Waits for the last ones.
  void Drain() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || acknowledged_ == sent_; });
  }
  uint64_t failures() const { return failures_; }
  bool ended() const { return ended_; }

 private:
  bool Send() {
    uint64_t room;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] {
        return ended_ || sent_ - acknowledged_ < options_.window;
      });
      if (ended_) return false;
      room = options_.window - (sent_ - acknowledged_);
    }
    v1::BroadcastStreamRequest request;
    request.set_first_sequence(sent_ + 1);
    for (uint64_t i = 0; i < room; ++i) {
      message_.set_topic(
          absl::StrCat(options_.topic, ":", sent_++ % options_.topics));
      *request.add_broadcasts() = message_;
    }
    return stream_->Write(request);
  }

  void Read() {
    v1::BroadcastStreamResponse response;
    while (stream_->Read(&response)) {
      std::lock_guard<std::mutex> lock(mutex_);
      acknowledged_ = response.acknowledged();
      failures_ += response.failures_size();
      changed_.notify_all();
    }
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  const Options& options_;
  grpc::ClientContext context_;
  const std::unique_ptr<v1::Control::Stub> stub_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::BroadcastStreamRequest,
                                                 v1::BroadcastStreamResponse>>
      stream_;
  v1::BroadcastRequest message_;
  uint64_t sent_ = 0;  // Of the sender.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<uint64_t> acknowledged_{0};
  std::atomic<uint64_t> failures_{0};
  std::atomic<bool> ended_{false};
  std::thread reader_;
};

}  // namespace

Json RunPublish(const Options& options) {
  Nobody nobody;
  Swarm swarm(options, nobody);
  Meter meter(options, swarm);
  uint64_t count = 0;
  if (options.control.empty()) {
    swarm.Fail("--control is missing");
  } else {
    Publisher publisher(options);
    publisher.Run(options.warmup_seconds);
    publisher.Drain();
    const uint64_t before = publisher.acknowledged();
    meter.Start();
    publisher.Run(options.seconds);
    publisher.Drain();
    meter.Stop();
    count = publisher.acknowledged() - before;
    if (publisher.failures() > 0) {
      swarm.Fail(absl::StrCat(publisher.failures(), " broadcasts failed"));
    }
    if (publisher.ended()) swarm.Fail("the broker has ended the stream");
  }
  if (swarm.failures() == 0 && count == 0) swarm.Fail("nothing acknowledged");
  Json result = Described(options, swarm);
  if (swarm.failures() > 0) return result;
  result.update(meter.PerMessage(count));
  return result;
}

}  // namespace aerie::bench
