#include "test/rollout/member.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "test/rollout/numbers.h"

namespace aerie::rollout {

using client::Payload;
namespace phx = client::phx;

Member::Member(const std::string& endpoint, const std::string& topic,
               size_t number, const phx::SocketOptions& options,
               const std::shared_ptr<phx::Loop>& loop, Tally& tally)
    : tally_(tally), topic_(number), client_(endpoint, options, loop) {
  client_.Run([this, &topic](phx::Socket& socket) { Start(socket, topic); });
}

void Member::Start(phx::Socket& socket, const std::string& topic) {
  socket.OnOpen([this] {
    open_ = true;
    ++tally_.open;
    ++tally_.opened;
  });
  socket.OnClose([this](const phx::CloseEvent& event) { Closed(event); });
  channel_ = socket.MakeChannel(topic);
  channel_->OnError([this](const Payload& reason) { Lost(reason); });
  channel_->On(kNumberEvent,
               [this](const Payload& payload) { Heard(payload); });
  channel_->Join()
      .Receive("ok", [this](const Payload&) { Joined(); })
      .Receive("error",
               [this](const Payload& response) { JoinFailed(response); })
      .Receive("timeout", [this](const Payload&) { ++tally_.joins_late; });
  socket.Connect().IgnoreError();
}

void Member::Closed(const phx::CloseEvent& event) {
  if (open_) {
    open_ = false;
    --tally_.open;
    ++tally_.closed[event.code];
  } else if (absl::StrContains(event.error.message(), "answered 503")) {
    ++tally_.refused;
  } else {
    ++tally_.failed;
  }
}

void Member::Joined() {
  ++tally_.joins;
  ++tally_.joined;
  joined_ = true;
  last_ = 0;
}

void Member::Lost(const Payload& reason) {
  if (!absl::StrContains(reason.text(), R"("source":"transport")")) {
    ++tally_.crashes;
  }
  if (!joined_) return;
  joined_ = false;
  --tally_.joined;
}

void Member::JoinFailed(const Payload& response) {
  const bool unavailable = absl::StrContains(response.text(), "unavailable");
  ++(unavailable ? tally_.joins_unavailable : tally_.joins_refused);
}

void Member::Heard(const Payload& payload) {
  absl::string_view text = payload.text();
  int64_t number = 0;
  if (!absl::ConsumePrefix(&text, "{\"n\":") ||
      !absl::ConsumeSuffix(&text, "}") || !absl::SimpleAtoi(text, &number)) {
    return;
  }
  ++tally_.heard;
  if (last_ != 0 && number <= last_) {
    ++tally_.repeated;
    return;
  }
  if (last_ != 0) tally_.missed += static_cast<uint64_t>(number - last_ - 1);
  last_ = number;
}

}  // namespace aerie::rollout
