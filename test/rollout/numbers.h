#ifndef AERIE_TEST_ROLLOUT_NUMBERS_H_
#define AERIE_TEST_ROLLOUT_NUMBERS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cpp/control_client.h"

namespace aerie::rollout {

inline constexpr absl::string_view kNumberEvent = "number";

// A service that broadcasts numbers to topics in turn, `{"n":1}`, `{"n":2}`, …
// in each. A thread of its own; any thread asks.
class Numbers {
 public:
  // `broker`: host and port of its gRPC.
  Numbers(const std::string& broker, std::vector<std::string> topics,
          int64_t interval_ms);
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;
  // Ends, when what is under way is done.
  ~Numbers();

  // Speaks or is silent from here on.
  void Speak(bool speak) { speaks_ = speak; }

  // The last number that the broker has taken for a topic; 0: none.
  int64_t LastOf(size_t topic) const { return last_[topic]; }
  uint64_t sent() const { return sent_; }
  uint64_t failed() const { return failed_; }

 private:
  void Run();
  void Broadcast(size_t topic, int64_t number);

  const std::vector<std::string> topics_;
  const int64_t interval_ms_;
  client::ControlClient broker_;
  std::vector<std::atomic<int64_t>> last_;
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> failed_{0};
  std::atomic<bool> speaks_{false};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace aerie::rollout

#endif  // AERIE_TEST_ROLLOUT_NUMBERS_H_
