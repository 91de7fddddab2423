#include "absl/time/time.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/service_payload.h"
#include "broker/channel/socket_info.h"
#include "broker/shard/shard.h"
#include "google/protobuf/util/time_util.h"

// Which channels a topic has, and who wants to know.
namespace aerie::broker {
namespace {

using Happening = v1::WatchResponse::Event;

}  // namespace

// From here on the channel counts for its topic.
void Shard::Arrived(Channel& channel) {
  ++joined_by_host_[&channel.host];
  if (!channel.topic.occupied) {
    channel.topic.occupied = true;
    ++occupied_topics_;
    TellTopic(Happening::KIND_OCCUPIED, channel.topic_name);
  }
  TellChannel(Happening::KIND_JOINED, channel, v1::EXIT_REASON_UNSPECIFIED);
}

// Behind its Delist.
void Shard::Departed(Channel& channel, ExitReason reason) {
  const auto by_host = joined_by_host_.find(&channel.host);
  if (--by_host->second == 0) joined_by_host_.erase(by_host);
  TellChannel(Happening::KIND_LEFT, channel, ToProto(reason));
  if (channel.topic.occupied && channel.topic.fastlane.empty()) {
    channel.topic.occupied = false;
    --occupied_topics_;
    TellTopic(Happening::KIND_VACATED, channel.topic_name);
  }
}

void Shard::TellChannel(Happening::Kind kind, const Channel& channel,
                        v1::ExitReason reason) {
  if (!watchers_.Wanted(kind)) return;
  Happening event = NewEvent(kind, channel.topic_name);
  event.set_channel(channel.pid.number());
  Describe(*channel.socket, event.mutable_socket());
  event.set_reason(reason);
  watchers_.Tell(event);
}

void Shard::TellTopic(Happening::Kind kind, const std::string& topic) {
  if (watchers_.Wanted(kind)) watchers_.Tell(NewEvent(kind, topic));
}

void Shard::TellBroadcast(const v1::Message& broadcast) {
  if (!watchers_.Wanted(Happening::KIND_BROADCAST)) return;
  Happening event = NewEvent(Happening::KIND_BROADCAST, broadcast.topic());
  event.set_event(broadcast.event());
  SetPayload(broadcast, event.mutable_payload());
  watchers_.Tell(event);
}

Happening Shard::NewEvent(Happening::Kind kind,
                          const std::string& topic) const {
  Happening event;
  event.set_kind(kind);
  event.set_topic(topic);
  *event.mutable_time() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
          absl::ToUnixMillis(loop_.clock().Now()));
  return event;
}

}  // namespace aerie::broker
