#ifndef AERIE_CLIENTS_CPP_EXAMPLES_CHAT_ROOM_H_
#define AERIE_CLIENTS_CPP_EXAMPLES_CHAT_ROOM_H_

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clients/cpp/channel_host.h"
#include "nlohmann/json.hpp"

namespace chat {

using Json = nlohmann::json;

aerie::client::Payload ToPayload(const Json& json);
// What is no JSON object has no members.
Json ToObject(const aerie::client::Payload& payload);

// What all rooms of the process share. Any thread.
class Chat {
 public:
  Chat(bool conformance, std::string terminate_log)
      : conformance_(conformance), terminate_log_(std::move(terminate_log)) {}

  bool conformance() const { return conformance_; }
  const std::string& terminate_log() const { return terminate_log_; }

  // The last 50 of a topic, oldest first.
  Json History(const std::string& topic);
  // Remembers a message and broadcasts it: the history keeps the order in which
  // clients get them.
  void Say(const aerie::client::ChannelRef& room, Json message);

 private:
  const bool conformance_;
  const std::string terminate_log_;
  std::mutex mutex_;
  std::map<std::string, std::deque<Json>> history_;
};

// One client in one room.
class Room final : public aerie::client::Channel {
 public:
  explicit Room(std::shared_ptr<Chat> chat) : chat_(std::move(chat)) {}

  aerie::client::JoinResult Join(const aerie::client::Payload& params) override;
  aerie::client::Result HandleIn(aerie::client::Event event) override;
  aerie::client::Next HandleOut(const std::string& event,
                                aerie::client::Payload payload) override;
  aerie::client::Next HandleInfo(const std::string& event,
                                 aerie::client::Payload payload) override;
  void Terminate(const aerie::client::End& end) override;

 private:
  // What the conformance tests ask for; empty: the event is none of theirs.
  std::optional<aerie::client::Result> TestEvent(aerie::client::Event& event);
  void LogEnd(const aerie::client::End& end) const;

  const std::shared_ptr<Chat> chat_;
  std::string user_;
};

}  // namespace chat

#endif  // AERIE_CLIENTS_CPP_EXAMPLES_CHAT_ROOM_H_
