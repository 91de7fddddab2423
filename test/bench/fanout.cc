#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "test/bench/modes.h"
#include "test/bench/swarm.h"
#include "test/bench/wire.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

class Fanout final : public Workload {
 public:
  explicit Fanout(const Options& options)
      : options_(options),
        topics_(options.topics),
        expected_(options.sockets, 0) {
    for (Topic& topic : topics_) topic.outstanding.resize(options.window);
  }

  void Start(Swarm& swarm) {
    swarm_ = &swarm;
    for (uint32_t topic = 0; topic < options_.topics; ++topic) {
      topics_[topic].allowed = options_.window;
      PublishAllowed(topic);
    }
  }

  void OnJoined(uint32_t /*socket*/) override {}

  void OnBroadcast(uint32_t socket, absl::string_view payload) override {
    uint64_t number = 0;
    if (!NumberOf(payload, &number) || number != expected_[socket]) {
      return swarm_->Fail(absl::StrCat("socket ", socket, " expects ",
                                       expected_[socket], ", got ", payload));
    }
    ++expected_[socket];
    const uint32_t index = socket % options_.topics;
    Outstanding& it =
        topics_[index].outstanding[number % topics_[index].outstanding.size()];
    latency_.Add(swarm_->now_ns() - it.sent_ns);
    ++deliveries_;
    // Sockets get them in order, so the one `window` later may start now.
    if (--it.missing > 0) return;
    ++topics_[index].allowed;
    PublishAllowed(index);
  }

  // Publishes what waited for its time.
  void PublishDue() {
    if (options_.interval_ms == 0) return;
    for (uint32_t topic = 0; topic < options_.topics; ++topic) {
      PublishAllowed(topic);
    }
  }

  void Reset() {
    latency_.Clear();
    deliveries_ = 0;
    broadcasts_ = 0;
  }
  uint64_t deliveries() const { return deliveries_; }
  uint64_t broadcasts() const { return broadcasts_; }
  const Histogram& latency() const { return latency_; }

 private:
  // A broadcast that some have not got yet.
  struct Outstanding {
    int64_t sent_ns = 0;
    uint32_t missing = 0;
  };
  struct Topic {
    uint64_t published = 0;
    uint64_t allowed = 0;                  // So many may have been published.
    int64_t due_ns = 0;                    // When the next one may be.
    std::vector<Outstanding> outstanding;  // By number, in a ring.
  };

  void PublishAllowed(uint32_t index) {
    Topic& topic = topics_[index];
    while (topic.published < topic.allowed && topic.due_ns <= NowNs()) {
      Publish(index, topic);
    }
  }

  void Publish(uint32_t index, Topic& topic) {
    const uint64_t number = topic.published++;
    Outstanding& it = topic.outstanding[number % topic.outstanding.size()];
    it.sent_ns = NowNs();
    topic.due_ns = it.sent_ns + int64_t{options_.interval_ms} * 1'000'000;
    it.missing = options_.SocketsOf(index) - (options_.to_sender ? 0 : 1);
    ++broadcasts_;
    // The first socket of a topic bears its number.
    swarm_->Send(
        index,
        testing::MaskedFrame(
            0x81, ClientMessage(
                      "0", number + 1, options_.TopicOf(index), options_.event,
                      NumberedPayload(number, options_.payload_bytes))));
  }

  const Options& options_;
  std::vector<Topic> topics_;
  std::vector<uint64_t> expected_;  // By socket.
  Swarm* swarm_ = nullptr;
  Histogram latency_;
  uint64_t deliveries_ = 0;
  uint64_t broadcasts_ = 0;
};

}  // namespace

Json RunFanout(const Options& options) {
  Fanout fanout(options);
  Swarm swarm(options, fanout);
  Meter meter(options, swarm);
  const auto enough = [&] {
    fanout.PublishDue();
    return options.messages > 0 && fanout.deliveries() >= options.messages;
  };
  if (JoinAll(swarm, 0, options.sockets, options.parallel)) {
    fanout.Start(swarm);
    TurnFor(swarm, options.warmup_seconds, [&] {
      fanout.PublishDue();
      return false;
    });
    fanout.Reset();
    meter.Start();
    TurnFor(swarm, options.seconds, enough);
    meter.Stop();
  }
  if (swarm.failures() == 0 && fanout.deliveries() == 0) {
    swarm.Fail("no deliveries");
  }
  Json result = Described(options, swarm);
  if (swarm.failures() > 0) return result;
  result.update(meter.PerMessage(fanout.deliveries()));
  result["broadcasts"] = fanout.broadcasts();
  result["cpu_us_per_broadcast"] = meter.CpuUsPer(fanout.broadcasts());
  result["latency_us"] = LatencyUs(fanout.latency());
  return result;
}

}  // namespace aerie::bench
