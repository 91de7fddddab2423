#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "test/bench/modes.h"
#include "test/bench/swarm.h"
#include "test/bench/wire.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

constexpr double kStallSeconds = 30;

// Socket 0 publishes and stays; the others are replaced, in turn, by new
// connections. Every other one goes with a close frame, the rest with a reset.
class Churn final : public Workload {
 public:
  Churn(const Options& options)
      : options_(options), expected_(options.sockets, kAny) {}

  void Attach(Swarm& swarm) { swarm_ = &swarm; }

  // Replaces every socket but the publisher. False when that stalls.
  bool Cycle() {
    uint32_t next = 1;
    uint32_t joined = 0;
    int64_t moved_ns = NowNs();
    while (swarm_->joined() < options_.sockets || next < options_.sockets) {
      while (next < options_.sockets && Away() < options_.parallel) {
        Replace(next++);
      }
      Turn();
      if (swarm_->failures() > 0) return false;
      if (swarm_->joined() != joined) {
        joined = swarm_->joined();
        moved_ns = NowNs();
      } else if (static_cast<double>(NowNs() - moved_ns) >
                 kStallSeconds * 1e9) {
        swarm_->Fail("replaced sockets do not join");
        return false;
      }
    }
    return true;
  }

  // A turn, and the broadcast that is due.
  void Turn() {
    if (NowNs() >= due_ns_ && published_ == received_) Publish();
    swarm_->Turn(1);
  }

  void OnJoined(uint32_t socket) override {
    ++joins_;
    expected_[socket] = kAny;
  }

  // Between its join and its end, a socket misses nothing.
  void OnBroadcast(uint32_t socket, absl::string_view payload) override {
    uint64_t number = 0;
    uint64_t& expected = expected_[socket];
    if (!NumberOf(payload, &number) ||
        (expected != kAny && number != expected)) {
      return swarm_->Fail(absl::StrCat("socket ", socket, " expects ", expected,
                                       ", got ", payload));
    }
    expected = number + 1;
    ++deliveries_;
    if (number + 1 == published_) latency_.Add(swarm_->now_ns() - sent_ns_);
    if (socket == 0) received_ = number + 1;
  }

  // Without the sender's own copy, the next one waits for nothing.
  void OnReply(uint32_t /*socket*/, uint64_t ref) override {
    if (!options_.to_sender) received_ = ref;
  }

  void OnGone(uint32_t socket) override { swarm_->Open(socket); }

  void Reset() {
    latency_.Clear();
    deliveries_ = 0;
    joins_ = 0;
  }
  uint64_t deliveries() const { return deliveries_; }
  uint64_t joins() const { return joins_; }
  const Histogram& latency() const { return latency_; }

 private:
  static constexpr uint64_t kAny = ~uint64_t{0};

  uint32_t Away() const { return options_.sockets - swarm_->joined(); }

  void Replace(uint32_t socket) {
    if (socket % 2 == 0) return swarm_->Leave(socket);
    swarm_->Drop(socket);
    swarm_->Open(socket);
  }

  void Publish() {
    sent_ns_ = NowNs();
    due_ns_ = sent_ns_ + int64_t{options_.interval_ms} * 1'000'000;
    const uint64_t number = published_++;
    swarm_->Send(
        0, testing::MaskedFrame(
               0x81, ClientMessage(
                         "0", number + 1, options_.TopicOf(0), options_.event,
                         NumberedPayload(number, options_.payload_bytes))));
  }

  const Options& options_;
  std::vector<uint64_t> expected_;  // By socket.
  Swarm* swarm_ = nullptr;
  uint64_t published_ = 0;
  uint64_t received_ = 0;  // By the publisher.
  int64_t sent_ns_ = 0;
  int64_t due_ns_ = 0;
  Histogram latency_;
  uint64_t deliveries_ = 0;
  uint64_t joins_ = 0;
};

int64_t SumOf(const Json& bytes) {
  int64_t sum = 0;
  for (const auto& [name, value] : bytes.items()) sum += value.get<int64_t>();
  return sum;
}

}  // namespace

Json RunChurn(const Options& options) {
  Churn churn(options);
  Swarm swarm(options, churn);
  churn.Attach(swarm);
  Meter meter(options, swarm);
  std::vector<Json> pss;
  if (JoinAll(swarm, 0, options.sockets, options.parallel)) {
    pss.push_back(PssOf(options, swarm));
    churn.Reset();
    meter.Start();
    while (pss.size() <= options.cycles && churn.Cycle()) {
      pss.push_back(PssOf(options, swarm));
    }
    meter.Stop();
  }
  Json result = Described(options, swarm);
  result["cycles"] = options.cycles;
  if (swarm.failures() > 0) return result;
  result.update(meter.PerMessage(churn.deliveries()));
  result["joins"] = churn.joins();
  result["cpu_us_per_join"] = meter.CpuUsPer(churn.joins());
  result["latency_us"] = LatencyUs(churn.latency());
  // The first is that of the sockets that came first, before any has gone.
  result["pss_by_cycle"] = pss;
  if (!options.pids.empty()) {
    result["pss_growth"] = static_cast<double>(SumOf(pss.back())) /
                           static_cast<double>(SumOf(pss[1]));
  }
  return result;
}

}  // namespace aerie::bench
