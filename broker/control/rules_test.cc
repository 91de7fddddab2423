#include "broker/control/rules.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The fields that an INVALID_ARGUMENT names.
std::vector<std::string> WrongFields(const absl::Status& status) {
  std::vector<std::string> fields;
  if (status.ok()) return fields;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  google::rpc::BadRequest bad;
  EXPECT_TRUE(payload.has_value() &&
              bad.ParseFromString(std::string(*payload)));
  for (const auto& violation : bad.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

v1::BroadcastRequest Broadcast() {
  v1::BroadcastRequest request;
  request.set_topic("room:a");
  request.set_event("tick");
  request.mutable_payload()->set_json("{}");
  return request;
}

TEST(RulesTest, ABroadcastNeedsATopicAndAnEvent) {
  EXPECT_THAT(WrongFields(Check(Broadcast(), {})), IsEmpty());
  v1::BroadcastRequest nothing;
  EXPECT_THAT(WrongFields(Check(nothing, {})), ElementsAre("topic", "event"));
  v1::BroadcastRequest longest = Broadcast();
  longest.set_topic(std::string(1'024, 'a'));
  longest.set_event(std::string(1'024, 'a'));
  EXPECT_THAT(WrongFields(Check(longest, {})), IsEmpty());
  longest.mutable_topic()->push_back('a');
  longest.mutable_event()->push_back('a');
  EXPECT_THAT(WrongFields(Check(longest, {})), ElementsAre("topic", "event"));
}

TEST(RulesTest, TheChannelLayersEventsAreReserved) {
  for (const std::string event : {"phx_reply", "phx_close", "phx_"}) {
    v1::BroadcastRequest request = Broadcast();
    request.set_event(event);
    EXPECT_THAT(WrongFields(Check(request, {})), ElementsAre("event"));
  }
  v1::BroadcastRequest request = Broadcast();
  request.set_event("presence_diff");
  EXPECT_THAT(WrongFields(Check(request, {})), IsEmpty());
}

TEST(RulesTest, APayloadIsAnObjectOrBytesOfABoundedSize) {
  for (const std::string json : {"[]", "1", "", "{", "{\"a\":}", "{} {}"}) {
    v1::BroadcastRequest request = Broadcast();
    request.mutable_payload()->set_json(json);
    EXPECT_THAT(WrongFields(Check(request, {})), ElementsAre("payload"))
        << json;
  }
  v1::BroadcastRequest request = Broadcast();
  request.clear_payload();
  EXPECT_THAT(WrongFields(Check(request, {})), IsEmpty());
  request.mutable_payload()->set_binary("\xff");
  EXPECT_THAT(WrongFields(Check(request, {})), IsEmpty());
  Limits limits;
  limits.max_frame_size = 4;
  request.mutable_payload()->set_binary("12345");
  EXPECT_THAT(WrongFields(Check(request, limits)), ElementsAre("payload"));
}

TEST(RulesTest, ABroadcastsExceptionsAndKeyAreBounded) {
  v1::BroadcastRequest request = Broadcast();
  for (int i = 0; i < 100; ++i) request.add_except_socket_ids("users:1");
  request.set_idempotency_key(std::string(128, 'k'));
  EXPECT_THAT(WrongFields(Check(request, {})), IsEmpty());
  request.add_except_socket_ids("users:1");
  request.mutable_idempotency_key()->push_back('k');
  EXPECT_THAT(WrongFields(Check(request, {})),
              ElementsAre("except_socket_ids", "idempotency_key"));
}

TEST(RulesTest, ABatchHasOneToAThousand) {
  v1::BroadcastBatchRequest batch;
  EXPECT_THAT(WrongFields(Check(batch)), ElementsAre("broadcasts"));
  for (int i = 0; i < 1'000; ++i) batch.add_broadcasts();
  EXPECT_THAT(WrongFields(Check(batch)), IsEmpty());
  batch.add_broadcasts();
  EXPECT_THAT(WrongFields(Check(batch)), ElementsAre("broadcasts"));
}

TEST(RulesTest, APushNamesChannelsButNotAWholeTopic) {
  v1::PushRequest push;
  push.set_event("tick");
  EXPECT_THAT(WrongFields(Check(push, {})), ElementsAre("to"));
  push.mutable_to()->set_channel(0);
  EXPECT_THAT(WrongFields(Check(push, {})), ElementsAre("to.channel"));
  push.mutable_to()->set_channel(7);
  EXPECT_THAT(WrongFields(Check(push, {})), IsEmpty());
  push.mutable_to()->mutable_socket_topic();
  EXPECT_THAT(
      WrongFields(Check(push, {})),
      ElementsAre("to.socket_topic.socket_id", "to.socket_topic.topic"));
  push.mutable_to()->set_topic("room:a");
  EXPECT_THAT(WrongFields(Check(push, {})), ElementsAre("to.topic"));
}

TEST(RulesTest, ACloseCodeIsOneThatMayBeSentAndIsNoNormalEnd) {
  for (const uint32_t code :
       {0u, 1001u, 1003u, 1007u, 1012u, 1014u, 3000u, 4999u}) {
    v1::DisconnectRequest request;
    request.set_socket_id("users:1");
    request.set_code(code);
    EXPECT_THAT(WrongFields(Check(request)), IsEmpty()) << code;
  }
  for (const uint32_t code :
       {1u, 999u, 1000u, 1004u, 1005u, 1006u, 1015u, 2999u, 5000u}) {
    v1::DisconnectRequest request;
    request.set_socket_id("users:1");
    request.set_code(code);
    EXPECT_THAT(WrongFields(Check(request)), ElementsAre("code")) << code;
  }
  EXPECT_THAT(WrongFields(Check(v1::DisconnectRequest())),
              ElementsAre("socket_id"));
}

TEST(RulesTest, ACloseNamesChannelsAndAKnownReason) {
  v1::CloseChannelRequest request;
  request.mutable_channels()->set_topic("room:a");
  EXPECT_THAT(WrongFields(Check(request)), IsEmpty());
  request.set_reason(static_cast<v1::CloseChannelRequest::Reason>(9));
  EXPECT_THAT(WrongFields(Check(request)), ElementsAre("reason"));
}

TEST(RulesTest, ANewTokenNeedsASocketAndMaybeAMount) {
  v1::RenewTokenRequest request;
  EXPECT_THAT(WrongFields(Check(request)), ElementsAre("socket_key", "token"));
  request.set_socket_key("edge-1/7");
  request.set_token("t");
  EXPECT_THAT(WrongFields(Check(request)), IsEmpty());
  request.set_mount("socket");
  EXPECT_THAT(WrongFields(Check(request)), ElementsAre("mount"));
}

TEST(RulesTest, AWatchSaysWhat) {
  v1::WatchRequest request;
  EXPECT_THAT(WrongFields(Check(request)), ElementsAre("channels"));
  request.add_broadcasts("room:*");
  EXPECT_THAT(WrongFields(Check(request)), IsEmpty());
  request.add_broadcasts("");
  EXPECT_THAT(WrongFields(Check(request)), ElementsAre("broadcasts[1]"));
}

TEST(RulesTest, PagesFollowEachOther) {
  const absl::StatusOr<Page> first = ToPage(0, "");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->size, 100u);
  EXPECT_EQ(first->after, "");
  EXPECT_EQ(ToPage(5'000, "")->size, 1'000u);
  const absl::StatusOr<Page> next = ToPage(7, PageToken("room:ü/*"));
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->size, 7u);
  EXPECT_EQ(next->after, "room:ü/*");
  for (const std::string token : {"-", "room:a", "cm9vbTph"}) {
    EXPECT_THAT(WrongFields(ToPage(7, token).status()),
                ElementsAre("page_token"));
  }
}

}  // namespace
}  // namespace aerie::broker
