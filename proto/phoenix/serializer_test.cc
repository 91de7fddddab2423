#include "proto/phoenix/serializer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::phoenix {
namespace {

using v1::Message;

constexpr v1::Dialect kDialects[] = {v1::DIALECT_FOUNDING, v1::DIALECT_V1,
                                     v1::DIALECT_V2, v1::DIALECT_BRIDGE};

absl::Status Decode(v1::Dialect dialect, absl::string_view text,
                    Message* message) {
  return SerializerOf(dialect).Decode(Opcode::kText, text, message);
}

Message Decoded(v1::Dialect dialect, absl::string_view text) {
  Message message;
  EXPECT_EQ(Decode(dialect, text, &message), absl::OkStatus());
  return message;
}

std::string Encoded(v1::Dialect dialect, const Message& message) {
  const auto frame = SerializerOf(dialect).Encode(message);
  if (!frame.ok()) return frame.status().ToString();
  return frame->silent() ? "silence" : *frame->bytes;
}

absl::StatusCode EncodeError(v1::Dialect dialect, const Message& message) {
  return SerializerOf(dialect).Encode(message).status().code();
}

Message Made(Message::Kind kind, absl::string_view event,
             absl::string_view payload) {
  Message message;
  message.set_kind(kind);
  message.set_topic("room:1");
  message.set_event(std::string(event));
  message.set_json(std::string(payload));
  message.set_status("ok");
  message.set_ref("\"2\"");
  message.set_join_ref("\"1\"");
  return message;
}

TEST(Decode, ThePayloadIsTheTextThatWasSent) {
  const absl::string_view payload =
      "{ \"a\" : 1.50,\t\"a\":1e3, \"b\":\"\\/\"}";
  EXPECT_EQ(Decoded(v1::DIALECT_V2,
                    absl::StrCat("[\"1\",\"2\",\"t\",\"e\",", payload, " ]"))
                .json(),
            payload);
  for (const v1::Dialect dialect :
       {v1::DIALECT_FOUNDING, v1::DIALECT_V1, v1::DIALECT_BRIDGE}) {
    EXPECT_EQ(Decoded(dialect, absl::StrCat(R"({"payload": )", payload,
                                            R"( ,"topic":"t","event":"e",)",
                                            R"("ref":null})"))
                  .json(),
              payload);
  }
}

TEST(Decode, EqualRefsHaveEqualTexts) {
  const auto ref = [](absl::string_view text) {
    return Decoded(v1::DIALECT_V2,
                   absl::StrCat("[ ", text, " , ", text, " ,\"t\",\"e\",{}]"));
  };
  EXPECT_EQ(ref(R"("\u0031\/")").ref(), R"("1/")");
  EXPECT_EQ(ref(R"("\u0031\/")").join_ref(), R"("1/")");
  EXPECT_EQ(ref(R"("\u0001\u00e9")").ref(), "\"\\u0001é\"");
  EXPECT_EQ(ref("\"\"").ref(), "\"\"");
  EXPECT_EQ(ref("1").ref(), "1");
  EXPECT_EQ(ref("[1, 2]").ref(), "[1, 2]");
  EXPECT_EQ(ref("null").ref(), "");
}

TEST(Decode, ANameThatIsNoStringIsKeptAsJson) {
  const Message message =
      Decoded(v1::DIALECT_V2, R"([null,"1", {"a": 1} , 5 ,{}])");
  EXPECT_TRUE(message.topic_is_json());
  EXPECT_EQ(message.topic(), R"({"a": 1})");
  EXPECT_TRUE(message.event_is_json());
  EXPECT_EQ(message.event(), "5");
  EXPECT_EQ(Decoded(v1::DIALECT_V1,
                    R"({"topic":null,"event":"e","payload":1,"ref":1})")
                .topic(),
            "null");
}

TEST(Decode, WhatIsIgnoredMustStillBeJson) {
  Message message;
  EXPECT_TRUE(
      Decode(v1::DIALECT_V2, R"([null,"1","t","e",{},7,[8]])", &message).ok());
  EXPECT_FALSE(
      Decode(v1::DIALECT_V2, R"([null,"1","t","e",{},7,x])", &message).ok());
  EXPECT_FALSE(Decode(v1::DIALECT_V1,
                      R"({"topic":"t","event":"e","payload":1,"ref":1,"x":y})",
                      &message)
                   .ok());
}

TEST(Decode, OverwritesTheMessage) {
  Message message = Made(Message::KIND_EXIT, "old", "{}");
  message.set_binary("old");
  message.set_topic_is_json(true);
  message.set_announced(true);
  ASSERT_TRUE(
      Decode(v1::DIALECT_V2, R"([null,null,"t","e",{}])", &message).ok());
  Message expected;
  expected.set_topic("t");
  expected.set_event("e");
  expected.set_json("{}");
  EXPECT_EQ(message.SerializeAsString(), expected.SerializeAsString());
}

TEST(Decode, APayloadMayNestToTheLimitInEveryDialect) {
  const std::string deep = std::string(128, '[') + std::string(128, ']');
  for (const int more : {0, 1}) {
    const std::string payload =
        std::string(more, '[') + deep + std::string(more, ']');
    const std::string object = absl::StrCat(
        R"({"topic":"t","event":"e","ref":"1","payload":)", payload, "}");
    const std::string array =
        absl::StrCat(R"([null,"1","t","e",)", payload, "]");
    for (const v1::Dialect dialect : kDialects) {
      Message message;
      EXPECT_EQ(
          Decode(dialect, dialect == v1::DIALECT_V2 ? array : object, &message)
              .ok(),
          more == 0);
    }
  }
}

TEST(Decode, OnlyFoundingKnowsNoBinaryFramesAndNoJoinRef) {
  const absl::string_view text =
      R"({"topic":"t","event":"e","payload":{},"ref":"2","join_ref":"1"})";
  Message message;
  for (const v1::Dialect dialect : {v1::DIALECT_V1, v1::DIALECT_BRIDGE}) {
    ASSERT_TRUE(
        SerializerOf(dialect).Decode(Opcode::kBinary, text, &message).ok());
    EXPECT_EQ(message.join_ref(), "\"1\"");
    EXPECT_EQ(message.json(), "{}");
  }
  EXPECT_FALSE(SerializerOf(v1::DIALECT_FOUNDING)
                   .Decode(Opcode::kBinary, text, &message)
                   .ok());
  EXPECT_EQ(Decoded(v1::DIALECT_FOUNDING, text).join_ref(), "");
}

TEST(Decode, BinaryFramesMustBeUtf8InTheirFieldsOnly) {
  const auto decode = [](absl::string_view bytes) {
    Message message;
    return SerializerOf(v1::DIALECT_V2)
        .Decode(Opcode::kBinary, bytes, &message)
        .ok();
  };
  EXPECT_TRUE(decode(absl::string_view("\0\1\1\1\1jrte\xff", 10)));
  EXPECT_FALSE(decode(absl::string_view("\0\1\1\1\1\xffrte", 9)));
  EXPECT_FALSE(decode(absl::string_view("\0\1\1\1\1j\xffte", 9)));
  EXPECT_FALSE(
      decode(absl::string_view("\0\1\1\1\1jr\xff"
                               "e",
                               9)));
  EXPECT_FALSE(decode(absl::string_view("\0\1\1\1\1jrt\xff", 9)));
  // In 1.0.0 the whole frame is text.
  Message message;
  EXPECT_FALSE(SerializerOf(v1::DIALECT_V1)
                   .Decode(Opcode::kBinary,
                           "{\"topic\":\"\xff\",\"event\":\"e\",\"payload\":{},"
                           "\"ref\":null}",
                           &message)
                   .ok());
}

TEST(Decode, RefsOfBinaryFramesAreStrings) {
  Message message;
  ASSERT_TRUE(SerializerOf(v1::DIALECT_V2)
                  .Decode(Opcode::kBinary,
                          absl::string_view("\0\0\1\1\1\"te", 8), &message)
                  .ok());
  EXPECT_EQ(message.join_ref(), "\"\"");
  EXPECT_EQ(message.ref(), R"("\"")");
  EXPECT_TRUE(message.has_binary());
}

TEST(Encode, RepliesPutTheRefWhereTheDialectLooksForIt) {
  const Message reply = Made(Message::KIND_REPLY, "", "{\"x\": 1}");
  EXPECT_EQ(Encoded(v1::DIALECT_FOUNDING, reply),
            R"({"topic":"room:1","event":"phx_reply","ref":null,)"
            R"("payload":{"status":"ok","response":{"x": 1},"ref":"2"}})");
  EXPECT_EQ(Encoded(v1::DIALECT_V1, reply),
            R"({"topic":"room:1","event":"phx_reply","ref":"2",)"
            R"("payload":{"status":"ok","response":{"x": 1}}})");
  EXPECT_EQ(Encoded(v1::DIALECT_BRIDGE, reply),
            R"({"topic":"room:1","event":"phx_reply","ref":"2",)"
            R"("payload":{"status":"ok","response":{"x": 1},"ref":"2"}})");
  EXPECT_EQ(
      Encoded(v1::DIALECT_V2, reply),
      R"(["1","2","room:1","phx_reply",{"status":"ok","response":{"x": 1}}])");
}

TEST(Encode, AFoundingAndABridgedHeartbeatComeBackAsTheyWere) {
  const absl::string_view text =
      R"({"topic":"phoenix","event":"heartbeat","ref":"7","payload":{}})";
  for (const v1::Dialect dialect : {v1::DIALECT_FOUNDING, v1::DIALECT_BRIDGE}) {
    Message message = Decoded(dialect, text);
    message.set_kind(Message::KIND_HEARTBEAT);
    EXPECT_EQ(Encoded(dialect, message), text);
  }
}

TEST(Encode, SilenceIsNoFrame) {
  EXPECT_EQ(
      Encoded(v1::DIALECT_FOUNDING, Made(Message::KIND_UNMATCHED, "", "{}")),
      "silence");
  EXPECT_EQ(
      Encoded(v1::DIALECT_FOUNDING, Made(Message::KIND_JOIN_CRASHED, "", "{}")),
      "silence");
}

TEST(Encode, NamesAreEscapedAndPayloadsAreNot) {
  Message push = Made(Message::KIND_PUSH, "a\"b/\u2028", "{\"k\":\"\\/\"}");
  push.set_topic("é\n");
  EXPECT_EQ(Encoded(v1::DIALECT_V2, push),
            "[\"1\",null,\"é\\n\",\"a\\\"b/\u2028\",{\"k\":\"\\/\"}]");
}

TEST(Encode, NoPayloadIsAnEmptyObject) {
  Message push = Made(Message::KIND_PUSH, "e", "");
  EXPECT_EQ(Encoded(v1::DIALECT_V2, push), R"(["1",null,"room:1","e",{}])");
  push.clear_payload();
  EXPECT_EQ(Encoded(v1::DIALECT_V2, push), R"(["1",null,"room:1","e",{}])");
}

TEST(Encode, OnlyRepliesMayCarryAnyValueIn200) {
  for (const absl::string_view payload : {"1", "[{}]", "null", "\"{}\""}) {
    for (const Message::Kind kind :
         {Message::KIND_PUSH, Message::KIND_BROADCAST}) {
      const Message message = Made(kind, "e", payload);
      EXPECT_EQ(EncodeError(v1::DIALECT_V2, message),
                absl::StatusCode::kFailedPrecondition);
      EXPECT_EQ(EncodeError(v1::DIALECT_V1, message), absl::StatusCode::kOk);
      EXPECT_EQ(EncodeError(v1::DIALECT_FOUNDING, message),
                absl::StatusCode::kOk);
    }
    EXPECT_EQ(
        EncodeError(v1::DIALECT_V2, Made(Message::KIND_REPLY, "", payload)),
        absl::StatusCode::kOk);
  }
  EXPECT_EQ(EncodeError(v1::DIALECT_V2,
                        Made(Message::KIND_PUSH, "e", "\n {\"a\":1}")),
            absl::StatusCode::kOk);
}

TEST(Encode, BinaryPayloadsAreFor200Only) {
  for (const Message::Kind kind :
       {Message::KIND_PUSH, Message::KIND_BROADCAST, Message::KIND_REPLY}) {
    Message message = Made(kind, "e", "");
    message.set_binary("bytes");
    for (const v1::Dialect dialect :
         {v1::DIALECT_FOUNDING, v1::DIALECT_V1, v1::DIALECT_BRIDGE}) {
      EXPECT_EQ(EncodeError(dialect, message),
                absl::StatusCode::kFailedPrecondition);
    }
    EXPECT_EQ(SerializerOf(v1::DIALECT_V2).Encode(message)->opcode,
              Opcode::kBinary);
  }
}

// The founding answer to a join has no payload to be binary.
TEST(Encode, AFoundingJoinReplyNeedsNoPayload) {
  Message reply = Made(Message::KIND_JOIN_REPLY, "", "");
  reply.set_binary("bytes");
  EXPECT_EQ(EncodeError(v1::DIALECT_FOUNDING, reply), absl::StatusCode::kOk);
}

TEST(Encode, RefsInBinaryFramesAreText) {
  Message reply = Made(Message::KIND_REPLY, "", "");
  reply.set_binary("!");
  reply.set_join_ref(R"("\u0001\"")");
  reply.set_ref("[7]");
  EXPECT_EQ(Encoded(v1::DIALECT_V2, reply),
            absl::string_view("\1\2\3\6\2\1\"[7]room:1ok!", 19));
}

TEST(Encode, SizesOfBinaryFieldsCountTheContentOfRefs) {
  Message push = Made(Message::KIND_PUSH, "e", "");
  push.set_binary("!");
  push.set_join_ref("\"" + std::string(255, 'j') + "\"");
  EXPECT_EQ(EncodeError(v1::DIALECT_V2, push), absl::StatusCode::kOk);
  push.set_join_ref("\"" + std::string(256, 'j') + "\"");
  EXPECT_EQ(EncodeError(v1::DIALECT_V2, push),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Encode, ATopicThatIsNoStringIsEchoed) {
  Message message = Decoded(v1::DIALECT_V2, R"([null,"1",[5, "x"],"e",{}])");
  message.set_kind(Message::KIND_UNMATCHED);
  EXPECT_EQ(Encoded(v1::DIALECT_V2, message),
            R"([null,"1",[5, "x"],"phx_reply",{"status":"error",)"
            R"("response":{"reason":"unmatched topic"}}])");
}

TEST(Encode, AClientsMessageIsRefused) {
  for (const v1::Dialect dialect : kDialects) {
    EXPECT_EQ(EncodeError(dialect, Made(Message::KIND_CLIENT, "e", "{}")),
              absl::StatusCode::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace aerie::phoenix
