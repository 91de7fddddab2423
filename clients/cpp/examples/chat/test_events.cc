// The events of the conformance tests (clients/SPEC.md, "The chat example").
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "clients/cpp/examples/chat/room.h"

namespace chat {
namespace {

using aerie::client::Event;
using aerie::client::ExitReason;
using aerie::client::Next;
using aerie::client::Payload;
using aerie::client::Result;

constexpr std::chrono::milliseconds kLater{200};

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

Result Later(const Event& event) {
  std::thread([ref = event.ref] {
    std::this_thread::sleep_for(kLater);
    ref.Ok(ToPayload({{"late", true}})).IgnoreError();
  }).detach();
  return Result::NoReply();
}

Result Slow(const Event& event) {
  const int ms = ToObject(event.payload).at("ms").get<int>();
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  return Result::Ok(ToPayload({{"slept", ms}}));
}

}  // namespace

std::optional<Result> Room::TestEvent(Event& event) {
  const std::string& name = event.name;
  if (name == "echo") return Result::Ok(std::move(event.payload));
  if (name == "who") return Result::Ok(ToPayload({{"pid", getpid()}}));
  if (name == "later") return Later(event);
  if (name == "slow") return Slow(event);
  if (name == "raise") throw std::runtime_error("the client asks for it");
  if (name == "stop_normal") {
    return Result::StopWith(ExitReason::kStopNormal, "ok");
  }
  if (name == "stop_shutdown") {
    return Result::StopWith(ExitReason::kStopShutdown, "ok");
  }
  if (name == "stop_crash") return Result::StopWith(ExitReason::kCrash, "ok");
  if (name == "push_me") {
    Must(Push("pushed", std::move(event.payload)));
  } else if (name == "after") {
    Must(SendSelf("after"));
  } else if (name == "secret") {
    Must(Broadcast("secret", ToPayload({{"by", user_}})));
  } else {
    return std::nullopt;
  }
  return Result::Ok();
}

// Tells each client its own name instead of the secret's author.
Next Room::HandleOut(const std::string& event, Payload payload) {
  if (event == "secret") payload = ToPayload({{"seen_by", user_}});
  Must(Push(event, std::move(payload)));
  return Next::Continue();
}

Next Room::HandleInfo(const std::string& event, Payload /*payload*/) {
  if (event == "after" && chat_->conformance()) Must(Push("after"));
  return Next::Continue();
}

}  // namespace chat
