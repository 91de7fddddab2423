#include "proto/phoenix/client_serializer.h"

#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::phoenix {
namespace {

using Json = nlohmann::json;

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

std::string Text(const Json& value) {
  return value.is_null() ? "" : value.get<std::string>();
}

// What a golden entry stands for.
WireMessage MessageOf(const Json& golden) {
  WireMessage message;
  message.join_ref = Text(golden["join_ref"]);
  message.ref = Text(golden["ref"]);
  message.topic = golden["topic"];
  message.event = golden["event"];
  message.status = Text(golden["status"]);
  const Json& payload = golden["payload"];
  message.binary = payload.is_object() && payload.contains("$binary");
  message.payload =
      message.binary ? FromBase64(payload["$binary"]) : payload.dump();
  return message;
}

// Entries of 2.0.0 in one direction that a stock client says or is told:
// strings as names, and payloads as values.
template <typename Check>
int ForEach(const std::string& direction, Check check) {
  std::ifstream file("test/data/serializer_vectors.json");
  int checked = 0;
  for (const Json& entry : Json::parse(file)) {
    const Json& message = entry["message"];
    const auto text = [&message](const char* name) {
      return message[name].is_string() || message[name].is_null();
    };
    if (entry["dialect"] != "2.0.0" || entry["direction"] != direction ||
        !message.contains("payload") || !text("topic") || !text("event") ||
        !text("ref") || !text("join_ref")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    check(entry);
    ++checked;
  }
  return checked;
}

TEST(ClientSerializerTest, WhatAServerSaysIsReadAsRecorded) {
  const int checked = ForEach("server_to_client", [](const Json& entry) {
    const WireMessage expected = MessageOf(entry["message"]);
    WireMessage message;
    ASSERT_TRUE(
        DecodeServerFrame(OpcodeOf(entry), WireOf(entry), &message).ok());
    EXPECT_EQ(message.join_ref, expected.join_ref);
    EXPECT_EQ(message.ref, expected.ref);
    EXPECT_EQ(message.topic, expected.topic);
    EXPECT_EQ(message.event, expected.event);
    EXPECT_EQ(message.status, expected.status);
    ASSERT_EQ(message.binary, expected.binary);
    if (expected.binary) {
      EXPECT_EQ(message.payload, expected.payload);
    } else {
      EXPECT_EQ(Json::parse(message.payload), Json::parse(expected.payload));
    }
  });
  EXPECT_GE(checked, 40);
}

TEST(ClientSerializerTest, WhatAClientSaysIsWrittenAsRecorded) {
  int binaries = 0;
  const int checked = ForEach("client_to_server", [&](const Json& entry) {
    const bool binary = OpcodeOf(entry) == Opcode::kBinary;
    const WireMessage message = MessageOf(entry["message"]);
    if (message.binary != binary) return;  // JSON in a binary frame.
    const absl::StatusOr<Frame> frame = EncodeClientMessage(message);
    ASSERT_TRUE(frame.ok()) << frame.status();
    EXPECT_EQ(frame->opcode, OpcodeOf(entry));
    if (binary) {
      ++binaries;
      EXPECT_EQ(*frame->bytes, WireOf(entry));
      return;
    }
    Json expected = Json::parse(WireOf(entry));
    expected.erase(expected.begin() + 5, expected.end());
    EXPECT_EQ(Json::parse(*frame->bytes), expected);
  });
  EXPECT_GE(checked, 20);
  EXPECT_GE(binaries, 4);
}

TEST(ClientSerializerTest, WhatNoServerSaysIsAnError) {
  WireMessage message;
  for (const char* text :
       {"", "{}", "[]", R"([null,null,"t","e"])", R"([null,null,1,"e",{}])",
        R"([null,null,"t",null,{}])", R"([1,null,"t","e",{}])",
        R"([null,"1","t","phx_reply",{}])", R"([null,"1","t","phx_reply",[]])",
        R"([null,null,"t","e",{]})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        DecodeServerFrame(Opcode::kText, text, &message)))
        << text;
  }
  for (const absl::string_view bytes :
       {absl::string_view(""), absl::string_view("\x03\x01\x01te", 5),
        absl::string_view("\x02\x01", 2),
        absl::string_view("\x02\x01\x02te", 5),
        absl::string_view("\x02\x01\x01\xff"
                          "e",
                          5),
        absl::string_view("\x01\x00\x01\x01", 4)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        DecodeServerFrame(Opcode::kBinary, bytes, &message)))
        << absl::CHexEscape(bytes);
  }
}

TEST(ClientSerializerTest, AReplyWithoutResponseHasAnEmptyOne) {
  WireMessage message;
  ASSERT_TRUE(DecodeServerFrame(Opcode::kText,
                                R"(["1","2","t","phx_reply",{"status":"ok"}])",
                                &message)
                  .ok());
  EXPECT_EQ(message.status, "ok");
  EXPECT_EQ(message.payload, "{}");
}

TEST(ClientSerializerTest, WhatCannotBeSaidIsAnError) {
  const auto refused = [](const WireMessage& message) {
    return absl::IsInvalidArgument(EncodeClientMessage(message).status());
  };
  EXPECT_TRUE(refused({.topic = "t", .event = "e", .payload = "{"}));
  EXPECT_TRUE(refused({.topic = "\xff", .event = "e"}));
  EXPECT_TRUE(refused({.topic = std::string(256, 't'),
                       .event = "e",
                       .payload = "bytes",
                       .binary = true}));
  EXPECT_FALSE(refused({.topic = std::string(256, 't'), .event = "e"}));
}

}  // namespace
}  // namespace aerie::phoenix
