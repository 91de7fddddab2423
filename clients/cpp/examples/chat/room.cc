#include "clients/cpp/examples/chat/room.h"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace chat {
namespace {

using aerie::client::End;
using aerie::client::Event;
using aerie::client::JoinResult;
using aerie::client::Payload;
using aerie::client::Result;

constexpr size_t kHistoryMax = 50;

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

Payload Reason(const char* reason) { return ToPayload({{"reason", reason}}); }

bool IsTrue(const Json& object, const char* key) {
  return object.value(key, Json()) == Json(true);
}

}  // namespace

Payload ToPayload(const Json& json) { return Payload::Json(json.dump()); }

Json ToObject(const Payload& payload) {
  if (payload.binary()) return Json::object();
  Json json = Json::parse(payload.text(), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json::object();
}

Json Chat::History(const std::string& topic) {
  std::lock_guard<std::mutex> lock(mutex_);
  Json messages = Json::array();
  for (const Json& message : history_[topic]) messages.push_back(message);
  return messages;
}

void Chat::Say(const aerie::client::ChannelRef& room, Json message) {
  std::lock_guard<std::mutex> lock(mutex_);
  Must(room.Broadcast("new_msg", ToPayload(message)));
  std::deque<Json>& history = history_[room.topic()];
  history.push_back(std::move(message));
  if (history.size() > kHistoryMax) history.pop_front();
}

JoinResult Room::Join(const Payload& params) {
  const Json object = ToObject(params);
  if (chat_->conformance() && IsTrue(object, "fail")) {
    throw std::runtime_error("the join params ask for it");
  }
  const Json user = object.value("user", Json());
  if (user.is_string()) user_ = user.get<std::string>();
  if (user_.empty()) return JoinResult::Error(Reason("name required"));
  if (user_ == "banned") return JoinResult::Error(Reason("banned"));
  Json assigns = {{"user", user_}};
  if (chat_->conformance() && IsTrue(object, "bye")) assigns["bye"] = true;
  Must(Assign(assigns.dump()));
  return JoinResult::Ok(ToPayload({{"history", chat_->History(topic())}}));
}

Result Room::HandleIn(Event event) {
  if (event.name == "new_msg") {
    const Json body = ToObject(event.payload).value("body", Json());
    if (!body.is_string()) return Result::Error(Reason("body required"));
    chat_->Say(*this, {{"body", body}, {"user", user_}});
    return Result::Ok();
  }
  if (event.name == "typing") {
    Must(BroadcastFrom("typing", ToPayload({{"user", user_}})));
    return Result::NoReply();
  }
  if (chat_->conformance()) {
    if (std::optional<Result> result = TestEvent(event)) {
      return *std::move(result);
    }
  }
  return Result::Error(Reason("unknown event"));
}

void Room::Terminate(const End& end) {
  const Json object = Json::parse(assigns());
  if (chat_->conformance() && IsTrue(object, "bye")) Must(Push("bye"));
  if (!chat_->terminate_log().empty()) LogEnd(end);
}

void Room::LogEnd(const End& end) const {
  const std::string line = Json({{"topic", topic()},
                                 {"reason", Name(end.reason)},
                                 {"event_id", end.event_id},
                                 {"assigns", Json::parse(assigns())}})
                               .dump() +
                           "\n";
  const int file = open(chat_->terminate_log().c_str(),
                        O_APPEND | O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) throw std::runtime_error("cannot open the terminate log");
  const ssize_t written = write(file, line.data(), line.size());
  close(file);
  if (written != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("cannot write the terminate log");
  }
}

}  // namespace chat
