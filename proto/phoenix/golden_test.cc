// The serializers against the golden wire data of test/data.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "proto/phoenix/serializer.h"

namespace aerie::phoenix {
namespace {

using Json = nlohmann::json;
using v1::Message;

Json Golden(const std::string& name) {
  std::ifstream file("test/data/" + name + ".json");
  Json entries = Json::parse(file);
  EXPECT_FALSE(entries.empty());
  return entries;
}

v1::Dialect DialectOf(const Json& entry) {
  static const std::map<std::string, v1::Dialect> kDialects = {
      {"founding", v1::DIALECT_FOUNDING},
      {"1.0.0", v1::DIALECT_V1},
      {"2.0.0", v1::DIALECT_V2},
  };
  return kDialects.at(entry["dialect"]);
}

const Serializer& SerializerFor(const Json& entry) {
  return SerializerOf(DialectOf(entry));
}

Opcode OpcodeOf(const Json& entry) {
  return entry["opcode"] == "binary" ? Opcode::kBinary : Opcode::kText;
}

std::string FromBase64(const std::string& text) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(text, &bytes)) << text;
  return bytes;
}

std::string WireOf(const Json& entry) {
  const std::string wire = entry["wire"];
  return entry["wire_encoding"] == "base64" ? FromBase64(wire) : wire;
}

bool IsBinary(const Json& payload) {
  return payload.is_object() && payload.contains("$binary");
}

std::string RefOf(const Json& ref) { return ref.is_null() ? "" : ref.dump(); }

// The message of an entry, but for its kind.
Message MessageOf(const Json& golden) {
  Message message;
  message.set_topic(golden["topic"].get<std::string>());
  message.set_event(golden["event"].get<std::string>());
  message.set_ref(RefOf(golden["ref"]));
  message.set_join_ref(RefOf(golden["join_ref"]));
  if (!golden["status"].is_null()) {
    message.set_status(golden["status"].get<std::string>());
  }
  const Json& payload = golden["payload"];
  if (IsBinary(payload)) {
    message.set_binary(FromBase64(payload["$binary"]));
  } else {
    message.set_json(payload.dump());
  }
  return message;
}

Message WithKind(Message message, Message::Kind kind) {
  message.set_kind(kind);
  return message;
}

Message Exit(Message message, Message::ExitClass how, bool announced) {
  message.set_kind(Message::KIND_EXIT);
  message.set_exit(how);
  message.set_announced(announced);
  return message;
}

// A message whose kind alone must find the words.
Message Wordless(const Message& message, Message::Kind kind) {
  Message wordless;
  wordless.set_kind(kind);
  wordless.set_topic(message.topic());
  wordless.set_ref(message.ref());
  wordless.set_join_ref(message.join_ref());
  return wordless;
}

// The kinds, besides KIND_REPLY, that are told as the reply of this name.
std::vector<Message> OtherReplies(const std::string& name,
                                  const Message& reply) {
  const auto has = [&name](absl::string_view part) {
    return absl::StrContains(name, part);
  };
  if (has("unmatched")) {
    Message unmatched = Wordless(reply, Message::KIND_UNMATCHED);
    unmatched.set_join_ref("\"1\"");
    return {unmatched};
  }
  if (has("join-ignore")) {
    Message refused = WithKind(reply, Message::KIND_JOIN_REPLY);
    refused.set_status("error");
    refused.set_json(R"({"reason":"no"})");
    return {refused};
  }
  if (has("join-crashed")) return {Wordless(reply, Message::KIND_JOIN_CRASHED)};
  if (has("join-too-many")) return {Wordless(reply, Message::KIND_TOPIC_LIMIT)};
  if (has("join")) return {WithKind(reply, Message::KIND_JOIN_REPLY)};
  if (has("heartbeat")) return {Wordless(reply, Message::KIND_HEARTBEAT)};
  if (has("not-joined")) return {Wordless(reply, Message::KIND_LEAVE_UNJOINED)};
  if (has("leave")) return {Wordless(reply, Message::KIND_LEAVE_REPLY)};
  return {};
}

// Every Message that a server may have for the entry.
std::vector<Message> MessagesOf(const Json& entry) {
  const Message message = MessageOf(entry["message"]);
  const std::string kind = entry["message"]["kind"];
  if (kind == "push") return {WithKind(message, Message::KIND_PUSH)};
  if (kind == "broadcast") return {WithKind(message, Message::KIND_BROADCAST)};
  if (kind == "heartbeat") return {WithKind(message, Message::KIND_HEARTBEAT)};
  if (kind == "reply") {
    std::vector<Message> messages = OtherReplies(entry["name"], message);
    messages.push_back(WithKind(message, Message::KIND_REPLY));
    return messages;
  }
  const bool founding = DialectOf(entry) == v1::DIALECT_FOUNDING;
  std::vector<Message> exits = {
      kind == "close" ? Exit(message, Message::EXIT_CLASS_GRACEFUL, true)
                      : Exit(message, Message::EXIT_CLASS_CRASH, false)};
  if (founding == (kind == "close")) {
    exits.push_back(Exit(message, Message::EXIT_CLASS_GRACEFUL, false));
  }
  if (kind == "error") {
    exits.push_back(Exit(message, Message::EXIT_CLASS_CRASH, true));
  }
  return exits;
}

void ExpectFrame(const Frame& frame, Opcode opcode, const std::string& wire) {
  ASSERT_FALSE(frame.silent());
  EXPECT_EQ(frame.opcode, opcode);
  if (opcode == Opcode::kBinary) {
    EXPECT_EQ(*frame.bytes, wire);
  } else {
    EXPECT_EQ(Json::parse(*frame.bytes), Json::parse(wire));
  }
}

void ExpectDecoded(const Json& entry) {
  const Json& golden = entry["message"];
  Message message;
  message.set_status("what was there before");
  ASSERT_TRUE(SerializerFor(entry)
                  .Decode(OpcodeOf(entry), WireOf(entry), &message)
                  .ok());
  EXPECT_EQ(message.kind(), Message::KIND_CLIENT);
  EXPECT_EQ(message.topic(), golden["topic"].get<std::string>());
  EXPECT_EQ(message.event(), golden["event"].get<std::string>());
  EXPECT_FALSE(message.topic_is_json() || message.event_is_json());
  EXPECT_EQ(message.ref(), RefOf(golden["ref"]));
  EXPECT_EQ(message.join_ref(), RefOf(golden["join_ref"]));
  EXPECT_EQ(message.status(), "");
  if (golden.contains("payload_text")) {
    EXPECT_EQ(message.json(), golden["payload_text"].get<std::string>());
  } else if (IsBinary(golden["payload"])) {
    ASSERT_TRUE(message.has_binary());
    EXPECT_EQ(message.binary(), FromBase64(golden["payload"]["$binary"]));
  } else {
    EXPECT_EQ(Json::parse(message.json()), golden["payload"]);
    EXPECT_TRUE(absl::StrContains(WireOf(entry), message.json()));
  }
}

TEST(Golden, WhatClientsSendIsUnderstood) {
  for (const Json& entry : Golden("serializer_vectors")) {
    if (entry["direction"] != "client_to_server") continue;
    SCOPED_TRACE(entry["name"]);
    ExpectDecoded(entry);
  }
}

TEST(Golden, ClientsAreToldInTheirDialect) {
  for (const Json& entry : Golden("serializer_vectors")) {
    if (entry["direction"] != "server_to_client") continue;
    SCOPED_TRACE(entry["name"]);
    for (const Message& message : MessagesOf(entry)) {
      SCOPED_TRACE(Message::Kind_Name(message.kind()));
      const auto frame = SerializerFor(entry).Encode(message);
      ASSERT_TRUE(frame.ok()) << frame.status();
      ExpectFrame(*frame, OpcodeOf(entry), WireOf(entry));
    }
  }
}

TEST(Golden, MalformedFramesAreRefusedAndOddOnesAnswered) {
  for (const Json& entry : Golden("malformed")) {
    if (entry["transport"] != "websocket") continue;
    SCOPED_TRACE(entry["name"]);
    Message message;
    const absl::Status status =
        SerializerFor(entry).Decode(OpcodeOf(entry), WireOf(entry), &message);
    if (entry["outcome"] == "close") {
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    ASSERT_TRUE(status.ok()) << status;
    const std::string reply = entry["reply"];
    const bool joins = entry["name"] == "v2-refs-any-json";
    message.set_kind(joins ? Message::KIND_JOIN_REPLY
                           : Message::KIND_UNMATCHED);
    message.set_status("ok");
    const auto frame = SerializerFor(entry).Encode(message);
    ASSERT_TRUE(frame.ok()) << frame.status();
    ExpectFrame(*frame, Opcode::kText, reply);
  }
}

TEST(Golden, WhatADialectCannotCarryIsAnError) {
  for (const Json& entry : Golden("encode_errors")) {
    SCOPED_TRACE(entry["name"]);
    for (const Message& message : MessagesOf(entry)) {
      EXPECT_EQ(SerializerFor(entry).Encode(message).status().code(),
                absl::StatusCode::kFailedPrecondition);
    }
  }
}

}  // namespace
}  // namespace aerie::phoenix
