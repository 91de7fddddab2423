#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "test/bench/modes.h"
#include "test/bench/swarm.h"
#include "test/bench/wire.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

// Each socket has `window` slots; the ref of a push is its slot's number and 1.
// The frames are made once.
class Echo final : public Workload {
 public:
  explicit Echo(const Options& options)
      : window_(options.window),
        slots_(size_t{options.sockets} * options.window) {
    for (uint32_t socket = 0; socket < options.sockets; ++socket) {
      for (uint32_t slot = 0; slot < window_; ++slot) {
        slots_[size_t{socket} * window_ + slot].frame = testing::MaskedFrame(
            0x81,
            ClientMessage("0", slot + 1, options.TopicOf(socket), options.event,
                          NumberedPayload(slot, options.payload_bytes)));
      }
    }
  }

  void Start(Swarm& swarm, uint32_t sockets) {
    swarm_ = &swarm;
    for (uint32_t socket = 0; socket < sockets; ++socket) {
      for (uint32_t slot = 0; slot < window_; ++slot) Push(socket, slot);
    }
  }

  void OnJoined(uint32_t /*socket*/) override {}

  void OnReply(uint32_t socket, uint64_t ref) override {
    if (ref == 0 || ref > window_) {
      return swarm_->Fail(absl::StrCat("reply to push ", ref));
    }
    const auto slot = static_cast<uint32_t>(ref - 1);
    latency_.Add(swarm_->now_ns() - At(socket, slot).sent_ns);
    ++replies_;
    Push(socket, slot);
  }

  void Reset() {
    latency_.Clear();
    replies_ = 0;
  }
  uint64_t replies() const { return replies_; }
  const Histogram& latency() const { return latency_; }

 private:
  struct Slot {
    std::string frame;
    int64_t sent_ns = 0;
  };

  Slot& At(uint32_t socket, uint32_t slot) {
    return slots_[size_t{socket} * window_ + slot];
  }

  void Push(uint32_t socket, uint32_t number) {
    Slot& slot = At(socket, number);
    slot.sent_ns = NowNs();
    swarm_->Send(socket, slot.frame);
  }

  const uint32_t window_;
  std::vector<Slot> slots_;
  Swarm* swarm_ = nullptr;
  Histogram latency_;
  uint64_t replies_ = 0;
};

}  // namespace

Json RunEcho(const Options& options) {
  Echo echo(options);
  Swarm swarm(options, echo);
  Meter meter(options, swarm);
  const auto enough = [&] {
    return options.messages > 0 && echo.replies() >= options.messages;
  };
  if (JoinAll(swarm, 0, options.sockets, options.parallel)) {
    echo.Start(swarm, options.sockets);
    TurnFor(swarm, options.warmup_seconds, [] { return false; });
    echo.Reset();
    meter.Start();
    TurnFor(swarm, options.seconds, enough);
    meter.Stop();
  }
  if (swarm.failures() == 0 && echo.replies() == 0) swarm.Fail("no replies");
  Json result = Described(options, swarm);
  if (swarm.failures() > 0) return result;
  result.update(meter.PerMessage(echo.replies()));
  result["latency_us"] = LatencyUs(echo.latency());
  return result;
}

}  // namespace aerie::bench
