#include "test/bench/fanout.h"

#include "absl/strings/str_cat.h"
#include "test/bench/modes.h"
#include "test/bench/swarm.h"
#include "test/bench/wire.h"

namespace aerie::bench {
namespace {

// Without a delivery: what is outstanding will not come any more.
constexpr double kStallSeconds = 3;

// Waits until everybody has all that was published; a failure when that stalls.
void Finish(Fanout& fanout, Crowd& crowd) {
  fanout.Stop();
  while (crowd.failures() == 0 && !fanout.complete()) {
    const uint64_t before = fanout.deliveries();
    TurnFor(crowd, kStallSeconds, [&] { return fanout.complete(); });
    if (crowd.failures() == 0 && fanout.deliveries() == before) {
      crowd.Fail("a broadcast is missing");
    }
  }
}

}  // namespace

Fanout::Fanout(const Options& options)
    : options_(options),
      topics_(options.topics),
      expected_(options.sockets, 0) {
  for (Topic& topic : topics_) topic.outstanding.resize(options.window);
}

void Fanout::Start(Crowd& crowd) {
  crowd_ = &crowd;
  for (uint32_t topic = 0; topic < options_.topics; ++topic) {
    topics_[topic].allowed = options_.window;
    PublishAllowed(topic);
  }
}

void Fanout::PublishDue() {
  if (options_.interval_ms == 0) return;
  for (uint32_t topic = 0; topic < options_.topics; ++topic) {
    PublishAllowed(topic);
  }
}

void Fanout::OnBroadcast(uint32_t client, absl::string_view payload) {
  const uint32_t index = client % options_.topics;
  Topic& topic = topics_[index];
  uint64_t number = 0;
  if (!NumberOf(payload, &number) || number != expected_[client] ||
      number >= topic.published) {
    return crowd_->Fail(absl::StrCat("client ", client, " expects ",
                                     expected_[client], ", got ", payload));
  }
  ++expected_[client];
  Outstanding& it = topic.outstanding[number % topic.outstanding.size()];
  latency_.Add(crowd_->now_ns() - it.sent_ns);
  ++deliveries_;
  // Clients get them in order, so the one `window` later may start now.
  if (--it.missing > 0) return;
  --outstanding_;
  ++topic.allowed;
  PublishAllowed(index);
}

void Fanout::Reset() {
  latency_.Clear();
  deliveries_ = 0;
  broadcasts_ = 0;
}

void Fanout::PublishAllowed(uint32_t index) {
  Topic& topic = topics_[index];
  while (!stopped_ && topic.published < topic.allowed &&
         topic.due_ns <= NowNs()) {
    Publish(index, topic);
  }
}

void Fanout::Publish(uint32_t index, Topic& topic) {
  const uint64_t number = topic.published++;
  Outstanding& it = topic.outstanding[number % topic.outstanding.size()];
  it.sent_ns = NowNs();
  topic.due_ns = it.sent_ns + int64_t{options_.interval_ms} * 1'000'000;
  it.missing = options_.SocketsOf(index) - (options_.to_sender ? 0 : 1);
  ++outstanding_;
  ++broadcasts_;
  // The first client of a topic bears its number.
  crowd_->Push(
      index,
      ClientMessage("0", number + 1, options_.TopicOf(index), options_.event,
                    NumberedPayload(number, options_.payload_bytes)));
}

Json Measure(const Options& options, Fanout& fanout, Crowd& crowd) {
  Meter meter(options, crowd);
  if (crowd.failures() == 0) {
    fanout.Start(crowd);
    TurnFor(crowd, options.warmup_seconds, [&] {
      fanout.PublishDue();
      return false;
    });
    fanout.Reset();
    meter.Start();
    TurnFor(crowd, options.seconds, [&] {
      fanout.PublishDue();
      return options.messages > 0 && fanout.deliveries() >= options.messages;
    });
    meter.Stop();
  }
  const uint64_t deliveries = fanout.deliveries();
  const uint64_t broadcasts = fanout.broadcasts();
  const Histogram latency = fanout.latency();
  if (crowd.failures() == 0 && deliveries == 0) crowd.Fail("no deliveries");
  Finish(fanout, crowd);
  Json result = Described(options, crowd);
  if (crowd.failures() > 0) return result;
  result.update(meter.PerMessage(deliveries));
  result["broadcasts"] = broadcasts;
  result["cpu_us_per_broadcast"] = meter.CpuUsPer(broadcasts);
  result["latency_us"] = LatencyUs(latency);
  return result;
}

Json RunFanout(const Options& options) {
  Fanout fanout(options);
  Swarm swarm(options, fanout);
  JoinAll(swarm, 0, options.sockets, options.parallel);
  return Measure(options, fanout, swarm);
}

}  // namespace aerie::bench
