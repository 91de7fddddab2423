#include "test/rollout/numbers.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cpp/payload.h"

namespace aerie::rollout {
namespace {

client::ConnectionOptions At(const std::string& broker) {
  client::ConnectionOptions options;
  options.brokers = {broker};
  return options;
}

}  // namespace

Numbers::Numbers(const std::string& broker, std::vector<std::string> topics,
                 int64_t interval_ms)
    : topics_(std::move(topics)),
      interval_ms_(interval_ms),
      broker_(At(broker)),
      last_(topics_.size()),
      thread_([this] { Run(); }) {}

Numbers::~Numbers() {
  ends_ = true;
  thread_.join();
}

void Numbers::Run() {
  std::vector<int64_t> next(topics_.size(), 1);
  auto due = std::chrono::steady_clock::now();
  for (size_t topic = 0; !ends_; topic = (topic + 1) % topics_.size()) {
    due += std::chrono::milliseconds(interval_ms_);
    std::this_thread::sleep_until(due);
    if (speaks_) Broadcast(topic, next[topic]++);
  }
}

// A number that fails is not said again: it may have been heard.
void Numbers::Broadcast(size_t topic, int64_t number) {
  v1::BroadcastRequest request;
  request.set_topic(topics_[topic]);
  request.set_event(std::string(kNumberEvent));
  *request.mutable_payload() =
      client::Payload::Json(absl::StrCat("{\"n\":", number, "}")).ToProto();
  if (broker_.Broadcast(request, absl::Seconds(1)).ok()) {
    last_[topic] = number;
    ++sent_;
  } else {
    ++failed_;
  }
}

}  // namespace aerie::rollout
