// What clients and attached hosts say to each other.

#include "broker/hosts/attached/testing/attached_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AttachedMessagesTest : public AttachedFixture {};

TEST_F(AttachedMessagesTest, AJoinIsAnsweredByTheHost) {
  const PlayedHost host = Attach("h1");
  In("1", "1", "room:a", "phx_join", R"({"x":1})");
  EXPECT_THAT(Hear(host), ElementsAre(R"(join 1 room:a {"x":1})"));
  EXPECT_EQ(host.stream->last().join().pattern(), "room:*");
  EXPECT_THAT(Edge(), IsEmpty());
  Say(host, {JoinOk(1, R"({"hi":1})")});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 room:a join_reply 1/1 ok {"hi":1})",
                                  "1 room:a enlist 1 pid=1 group=0"));
}

TEST_F(AttachedMessagesTest, TheHostIsToldWhoJoins) {
  const PlayedHost host = Attach("h1");
  const auto ada =
      std::make_shared<Socket>(edge_, 7, "users:7", R"({"a":1})", Policy());
  InOf(ada, "1", "1", "room:a", "phx_join");
  Hear(host);
  const v1::SocketInfo& socket = host.stream->last().join().socket();
  EXPECT_EQ(socket.socket_id(), "users:7");
  EXPECT_EQ(socket.assigns(), R"({"a":1})");
  EXPECT_EQ(socket.key(), "/7") << "the fake edge has no name";
}

TEST_F(AttachedMessagesTest, AJoinMayBeRefusedOrCrash) {
  const PlayedHost host = Attach("h1");
  In("1", "1", "room:a", "phx_join");
  Say(host, {JoinError(1, R"({"reason":"no"})")});
  In("2", "2", "room:a", "phx_join");
  Say(host, {JoinCrash(2)});
  EXPECT_THAT(Edge(),
              ElementsAre(R"(1 room:a join_reply 1/1 error {"reason":"no"})",
                          "1 room:a join_crashed 2/2"));
  Hear(host);
  Gone(socket_, ExitReason::kClosed);
  EXPECT_THAT(Hear(host), IsEmpty()) << "there was no channel";
  EXPECT_EQ(host.host->channels(), 0u);
}

TEST_F(AttachedMessagesTest, EventsAndRepliesKeepTheirOrder) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "said", R"({"n":1})");
  In("1", "", "room:a", "said", R"({"n":2})");
  EXPECT_THAT(Hear(host),
              ElementsAre(R"(in 1 said "2" {"n":1})", R"(in 1 said  {"n":2})"));
  Say(host, {PushTo(1, "pushed", R"({"p":1})"), ReplyTo(1, "\"2\"", "[1]"),
             PushTo(1, "presence_state"), Done(2)});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 room:a push 1/- pushed {"p":1})",
                                  "1 room:a reply 1/2 ok [1]",
                                  "1 room:a push 1/- presence_state {}"));
}

TEST_F(AttachedMessagesTest, AReplyMayComeAtAnyLaterTime) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "said");
  Say(host, {Done(1)});
  Advance(60'000);
  Say(host, {ReplyTo(1, "\"2\"")});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a reply 1/2 ok {}"));
}

TEST_F(AttachedMessagesTest, BytesStayBytes) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  v1::HostFrame push = PushTo(1, "file");
  push.mutable_push()->mutable_payload()->set_binary("raw");
  Say(host, {push});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- file <raw>"));
}

TEST_F(AttachedMessagesTest, ABroadcastReachesTheTopicOrAllButItsSender) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  JoinOf(MakeSocket(2), host, "1", "room:a");
  Say(host, {BroadcastFrom(1, "tick"), BroadcastFrom(1, "tock", "", true)});
  EXPECT_THAT(Edge(), ElementsAre("fanout room:a tick {} groups=1 except=",
                                  "fanout room:a tock {} groups=1 except=1"));
}

TEST_F(AttachedMessagesTest, ABroadcastMayNameAnotherTopic) {
  UseShards(4);
  const PlayedHost host = Attach("h1");
  const uint64_t a = Join(host, "1", "room:a");
  Join(host, "2", "room:b");
  Say(host,
      {BroadcastFrom(a, "tick", "room:b"), BroadcastFrom(0, "tock", "room:a"),
       BroadcastFrom(a, "gone", "room:nobody")});
  EXPECT_THAT(Edge(), ::testing::UnorderedElementsAre(
                          "fanout room:b tick {} groups=1 except=",
                          "fanout room:a tock {} groups=1 except="));
}

TEST_F(AttachedMessagesTest, InterceptsOfThePatternAndOfTheJoinComeAsOut) {
  v1::HostFrame registration = Registration("h1", {"room:*"});
  registration.mutable_registration()->mutable_patterns(0)->add_intercepts(
      "tick");
  const PlayedHost host = Attach(registration);
  In("1", "1", "room:a", "phx_join");
  Say(host, {JoinOk(1, "", {"tock"})});
  Edge();
  Hear(host);
  Say(host, {BroadcastFrom(1, "tick"), BroadcastFrom(1, "tock"),
             BroadcastFrom(1, "free")});
  EXPECT_THAT(Hear(host), ElementsAre("out 1 tick {}", "out 1 tock {}"));
  EXPECT_THAT(Edge(), ElementsAre("fanout room:a free {} groups=3 except="));
  Say(host, {PushTo(1, "ticked"), Done(2)});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- ticked {}"));
}

TEST_F(AttachedMessagesTest, AMessageReachesAChannelOfAnyHost) {
  const PlayedHost rooms = Attach("h1");
  const PlayedHost games = Attach("h2", {"game:*"});
  Join(rooms, "1", "room:a");
  const uint64_t game = Join(games, "2", "game:a");
  Say(rooms, {SendTo(game, "hello"), SendTo(99, "nobody")});
  EXPECT_THAT(Hear(games), ElementsAre("info 2 hello {}"));
  EXPECT_THAT(Hear(rooms), IsEmpty());
}

TEST_F(AttachedMessagesTest, AHostMayDisconnectASocketId) {
  const PlayedHost host = Attach("h1");
  const SocketPtr ada = MakeSocket(7, {}, "users:7");
  shards().SocketOpened(ada);
  Say(host, {Disconnects("users:7")});
  EXPECT_THAT(Edge(), ElementsAre("7 close 1001"));
}

TEST_F(AttachedMessagesTest, WhatComesTooLateIsDroppedAndCounted) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  Say(host, {PushTo(99, "nobody"), ReplyTo(97, "\"1\"")});
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_host_answers_dropped_total"), 2);
}

TEST_F(AttachedMessagesTest, AHostCannotSpeakForTheChannelOfAnother) {
  const PlayedHost rooms = Attach("h1");
  const PlayedHost games = Attach("h2", {"game:*"});
  Join(rooms, "1", "room:a");
  Say(games, {PushTo(1, "mine"), StopWith(1, v1::EXIT_REASON_STOP_NORMAL)});
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(AttachedMessagesTest, AnEventThatIsNoStringCrashesTheChannel) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  v1::Message message;
  message.set_topic("room:a");
  message.set_event("5");
  message.set_event_is_json(true);
  std::vector<SocketMessage> batch;
  batch.push_back({socket_, message});
  shards().In(std::move(batch));
  Run();
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 crash room:a {}"));
}

TEST_F(AttachedMessagesTest, AJoinIsAnsweredOnce) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("2", "2", "room:b", "phx_join");  // So that a JoinReply is owed.
  Say(host, {JoinOk(1)});
  EXPECT_EQ(host.stream->end().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(host.stream->end().message(), HasSubstr("has been answered"));
}

TEST_F(AttachedMessagesTest, MoreAnswersThanCallbacksBreakTheContract) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "said");
  EXPECT_EQ(TrySay(host, {Done(2)}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(TrySay(host, {Terminates(1)}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(AttachedMessagesTest, PatternsPrecedeRoutesAndLongerOnesShorter) {
  const PlayedHost all = Attach("h1", {"*"});
  const PlayedHost rooms = Attach("h2", {"room:*", "local:1"});
  const PlayedHost lobby = Attach("h3", {"room:lobby", "room:lo*"});
  In("1", "1", "room:a", "phx_join");
  EXPECT_THAT(Hear(rooms), ElementsAre("join 1 room:a {}"));
  In("2", "2", "room:lobby", "phx_join");
  In("3", "3", "room:lonely", "phx_join");
  EXPECT_THAT(Hear(lobby),
              ElementsAre("join 2 room:lobby {}", "join 3 room:lonely {}"));
  In("4", "4", "local:1", "phx_join");
  EXPECT_THAT(Hear(rooms), ElementsAre("join 4 local:1 {}"));
  In("5", "5", "anything", "phx_join");
  EXPECT_THAT(Hear(all), ElementsAre("join 5 anything {}"));
}

TEST_F(AttachedMessagesTest, AKnownPatternWithoutAHostIsUnavailable) {
  UseRoutes({{"chat:*", Spread::kTopic}});
  In("1", "1", "room:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/1"));
  const PlayedHost host = Attach("h1");
  Lose(host);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "chat:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unavailable 1/1",
                                  "1 chat:a unavailable 2/2"));
  const PlayedHost again = Attach("h2");
  Join(again, "1", "room:a");
}

TEST_F(AttachedMessagesTest, APatternWithoutAHostIsForgottenInTheEnd) {
  limits_.host_pattern_ttl_ms = 60'000;
  Lose(Attach("h1"));
  Advance(59'000);
  In("1", "1", "room:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unavailable 1/1"));
  Advance(2'000);
  In("1", "1", "room:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/1"));
}

TEST_F(AttachedMessagesTest, AChannelOutlivesTheRouteThatItCameBy) {
  const SocketPtr other = MakeSocket(2);
  InOf(other, "1", "1", "local:a", "phx_join");
  const PlayedHost host = Attach("h1", {"local:*"});
  Edge();
  local_->Take();
  // Its join is still the first host's.
  Actions actions;
  actions.push_back({Pid{0, 0, 1}, Joined{}});
  ASSERT_TRUE(shards().Post(std::move(actions)));
  Run();
  InOf(other, "1", "2", "local:a", "said");
  EXPECT_THAT(local_->Take(), ElementsAre(R"(in 1 said "2" {})"));
  // A second join is the new one's.
  InOf(other, "3", "3", "local:a", "phx_join");
  EXPECT_THAT(local_->Take(), ElementsAre("terminate 1 duplicate_join"));
  EXPECT_THAT(Hear(host), ElementsAre("join 2 local:a {}"));
}

TEST_F(AttachedMessagesTest, WhatShardsHaveYetToTakeStopsTheReader) {
  limits_.host_inbox_bytes_max = 1'000;
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  v1::AttachRequest batch;
  *batch.add_frames() = PushTo(
      1, "big", absl::StrCat("{\"x\":\"", std::string(2'000, 'x'), "\"}"));
  EXPECT_TRUE(hosts().Answer(host.host, batch).ok());
  EXPECT_FALSE(hosts().MayRead(*host.host));
  EXPECT_EQ(host.stream->resumed(), 0);
  Run();
  EXPECT_EQ(host.stream->resumed(), 1);
  EXPECT_TRUE(hosts().MayRead(*host.host));
  EXPECT_EQ(Metric("aerie_broker_host_reader_pauses_total"), 1);
}

}  // namespace
}  // namespace aerie::broker
