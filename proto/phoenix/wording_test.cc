#include "proto/phoenix/wording.h"

#include <ostream>

#include "gtest/gtest.h"

namespace aerie::phoenix {

std::ostream& operator<<(std::ostream& out, const Wording& wording) {
  switch (wording.form) {
    case Wording::Form::kSilence:
      return out << "silence";
    case Wording::Form::kReply:
      out << "reply " << wording.status;
      break;
    case Wording::Form::kEvent:
      out << "event " << wording.event;
  }
  return out << " " << wording.payload << " ref=" << wording.ref
             << " join_ref=" << wording.join_ref;
}

namespace {

using v1::Message;

// A message with something in every field.
Message Full(Message::Kind kind) {
  Message message;
  message.set_kind(kind);
  message.set_topic("room:1");
  message.set_event("event");
  message.set_json("[1]");
  message.set_status("ok");
  message.set_ref("2");
  message.set_join_ref("1");
  return message;
}

std::string Words(const Message& message, v1::Dialect dialect) {
  const auto wording = WordingOf(message, dialect);
  if (!wording.ok()) return wording.status().ToString();
  return testing::PrintToString(*wording);
}

std::string Modern(const Message& message) {
  std::string words = Words(message, v1::DIALECT_V2);
  EXPECT_EQ(Words(message, v1::DIALECT_V1), words);
  return words;
}

std::string Founding(const Message& message) {
  return Words(message, v1::DIALECT_FOUNDING);
}

struct Row {
  Message::Kind kind;
  const char* modern;
  const char* founding;
};

TEST(Wording, EveryKindHasItsWordsInEveryDialect) {
  const Row kRows[] = {
      {Message::KIND_JOIN_REPLY, "reply ok [1] ref=2 join_ref=1",
       "reply ok {} ref=2 join_ref=1"},
      {Message::KIND_JOIN_CRASHED,
       R"(reply error {"reason":"join crashed"} ref=2 join_ref=1)", "silence"},
      {Message::KIND_TOPIC_LIMIT,
       R"(reply error {"reason":"too many channels joined"} ref=2 join_ref=1)",
       "silence"},
      {Message::KIND_UNAVAILABLE,
       R"(reply error {"reason":"unavailable"} ref=2 join_ref=1)",
       "event phx_error {} ref= join_ref="},
      {Message::KIND_UNMATCHED,
       R"(reply error {"reason":"unmatched topic"} ref=2 join_ref=)",
       "silence"},
      {Message::KIND_REPLY, "reply ok [1] ref=2 join_ref=1",
       "reply ok [1] ref=2 join_ref=1"},
      {Message::KIND_LEAVE_REPLY, "reply ok {} ref=2 join_ref=1",
       "reply ok {} ref=2 join_ref=1"},
      {Message::KIND_LEAVE_UNJOINED, "reply ok {} ref=2 join_ref=1", "silence"},
      {Message::KIND_PUSH, "event event [1] ref= join_ref=1",
       "event event [1] ref= join_ref="},
      {Message::KIND_BROADCAST,
       "event event [1] ref= join_ref=", "event event [1] ref= join_ref="},
      {Message::KIND_HEARTBEAT,
       "reply ok {} ref=2 join_ref=", "event heartbeat {} ref=2 join_ref="},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Modern(Full(row.kind)), row.modern);
    EXPECT_EQ(Founding(Full(row.kind)), row.founding);
  }
}

TEST(Wording, ExitsAreClosesOrErrors) {
  const std::string close = "event phx_close {} ref=1 join_ref=1";
  const std::string error =
      R"(event phx_error {"reason":"channel_crash"} ref=1 join_ref=1)";
  Message exit = Full(Message::KIND_EXIT);
  exit.set_exit(Message::EXIT_CLASS_GRACEFUL);
  exit.set_announced(true);
  EXPECT_EQ(Modern(exit), close);
  EXPECT_EQ(Founding(exit), "event phx_close {} ref= join_ref=");
  exit.set_announced(false);
  EXPECT_EQ(Modern(exit), error);
  EXPECT_EQ(Founding(exit), "event phx_close {} ref= join_ref=");
  exit.set_exit(Message::EXIT_CLASS_CRASH);
  EXPECT_EQ(Modern(exit), error);
  EXPECT_EQ(Founding(exit), "event phx_error {} ref= join_ref=");
  exit.set_announced(true);
  EXPECT_EQ(Modern(exit), error);
  EXPECT_EQ(Founding(exit), "event phx_error {} ref= join_ref=");
}

TEST(Wording, RefusedJoinsKeepTheirReasonExceptInFounding) {
  Message refused = Full(Message::KIND_JOIN_REPLY);
  refused.set_status("error");
  EXPECT_EQ(Modern(refused), "reply error [1] ref=2 join_ref=1");
  EXPECT_EQ(Founding(refused), "reply ignore {} ref=2 join_ref=1");
}

TEST(Wording, StatusesOfRepliesAreTheChannelsOwn) {
  Message reply = Full(Message::KIND_REPLY);
  reply.set_status("teapot");
  EXPECT_EQ(Modern(reply), "reply teapot [1] ref=2 join_ref=1");
  EXPECT_EQ(Founding(reply), "reply teapot [1] ref=2 join_ref=1");
}

TEST(Wording, TheBridgeIsModernButForItsHeartbeat) {
  for (int kind = Message::KIND_JOIN_REPLY; kind <= Message::Kind_MAX; ++kind) {
    const Message message = Full(static_cast<Message::Kind>(kind));
    EXPECT_EQ(
        Words(message, v1::DIALECT_BRIDGE),
        kind == Message::KIND_HEARTBEAT ? Founding(message) : Modern(message));
  }
}

TEST(Wording, NoPayloadIsAnEmptyObject) {
  Message push = Full(Message::KIND_PUSH);
  push.clear_payload();
  EXPECT_EQ(WordingOf(push, v1::DIALECT_V2)->payload, "{}");
  push.set_json("");
  EXPECT_EQ(WordingOf(push, v1::DIALECT_V2)->payload, "{}");
  push.set_binary("");
  EXPECT_EQ(WordingOf(push, v1::DIALECT_V2)->payload, "");
  EXPECT_TRUE(WordingOf(push, v1::DIALECT_V2)->binary);
}

// An edge answers by giving the client's own message another kind.
TEST(Wording, FixedWordsIgnoreThePayloadAndTheEvent) {
  Message heartbeat = Full(Message::KIND_HEARTBEAT);
  heartbeat.set_binary("bytes");
  heartbeat.set_event_is_json(true);
  const auto wording = WordingOf(heartbeat, v1::DIALECT_FOUNDING);
  EXPECT_FALSE(wording->binary);
  EXPECT_FALSE(wording->event_is_json);
}

TEST(Wording, NoClientIsToldOfAClientsMessageOrAnUnknownKind) {
  for (const int kind : {0, Message::Kind_MAX + 1}) {
    EXPECT_EQ(WordingOf(Full(static_cast<Message::Kind>(kind)), v1::DIALECT_V2)
                  .status()
                  .code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace aerie::phoenix
