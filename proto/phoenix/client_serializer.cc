#include "proto/phoenix/client_serializer.h"

#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "proto/phoenix/envelope.h"
#include "proto/phoenix/events.h"
#include "proto/phoenix/json.h"
#include "proto/phoenix/utf8.h"
#include "proto/phoenix/v2_binary.h"

namespace aerie::phoenix {
namespace {

// What the first byte of a server's binary frame says.
enum BinaryKind : uint8_t { kPush = 0, kReply = 1, kBroadcast = 2 };

void AppendRef(absl::string_view ref, std::string* json) {
  if (ref.empty()) {
    absl::StrAppend(json, "null,");
  } else {
    AppendJsonString(ref, json);
    json->push_back(',');
  }
}

absl::StatusOr<Frame> EncodeText(const WireMessage& message) {
  if (absl::Status valid = ValidateJson(message.payload); !valid.ok()) {
    return valid;
  }
  std::string json;
  json.reserve(64 + message.topic.size() + message.event.size() +
               message.payload.size());
  json.push_back('[');
  AppendRef(message.join_ref, &json);
  AppendRef(message.ref, &json);
  AppendJsonString(message.topic, &json);
  json.push_back(',');
  AppendJsonString(message.event, &json);
  absl::StrAppend(&json, ",", message.payload, "]");
  return TextFrame(std::move(json));
}

absl::Status ReadString(const JsonSlice& slice, std::string* content) {
  if (slice.kind != JsonKind::kString) {
    return absl::InvalidArgumentError("a name that is no string");
  }
  if (slice.escaped) {
    *content = UnescapeJsonString(slice.text);
  } else {
    Assign(content, slice.content());
  }
  return absl::OkStatus();
}

absl::Status ReadRef(const JsonSlice& slice, std::string* content) {
  if (slice.kind == JsonKind::kNull) return absl::OkStatus();
  return ReadString(slice, content);
}

// Takes the payload of a reply apart.
absl::Status ReadReply(absl::string_view payload, WireMessage* message) {
  static constexpr absl::string_view kNames[] = {"status", "response"};
  JsonSlice members[2];
  absl::Status status =
      ScanJsonObject(payload, kNames, absl::MakeSpan(members));
  if (status.ok()) status = ReadString(members[0], &message->status);
  if (!status.ok()) return status;
  if (members[1].kind != JsonKind::kAbsent) {
    Assign(&message->payload, members[1].text);
  }
  return absl::OkStatus();
}

absl::Status DecodeText(absl::string_view bytes, WireMessage* message) {
  JsonSlice elements[5];
  const absl::StatusOr<size_t> count =
      ScanJsonArray(bytes, absl::MakeSpan(elements));
  if (!count.ok()) return count.status();
  if (*count < std::size(elements)) {
    return absl::InvalidArgumentError("frame of fewer than five elements");
  }
  const auto& [join_ref, ref, topic, event, payload] = elements;
  absl::Status status = ReadRef(join_ref, &message->join_ref);
  if (status.ok()) status = ReadRef(ref, &message->ref);
  if (status.ok()) status = ReadString(topic, &message->topic);
  if (status.ok()) status = ReadString(event, &message->event);
  if (!status.ok()) return status;
  if (message->event == kPhxReply) return ReadReply(payload.text, message);
  Assign(&message->payload, payload.text);
  return absl::OkStatus();
}

absl::Status DecodeBinary(absl::string_view bytes, WireMessage* message) {
  const uint8_t kind =
      bytes.empty() ? UINT8_MAX : static_cast<uint8_t>(bytes[0]);
  std::string* const push[] = {&message->join_ref, &message->topic,
                               &message->event};
  std::string* const reply[] = {&message->join_ref, &message->ref,
                                &message->topic, &message->status};
  std::string* const broadcast[] = {&message->topic, &message->event};
  absl::Span<std::string* const> fields;
  if (kind == kPush) fields = push;
  if (kind == kReply) fields = reply;
  if (kind == kBroadcast) fields = broadcast;
  if (fields.empty()) {
    return absl::InvalidArgumentError("no binary frame of a server");
  }
  if (kind == kReply) Assign(&message->event, kPhxReply);
  message->binary = true;
  return UnpackBinary(bytes, fields, &message->payload);
}

}  // namespace

absl::StatusOr<Frame> EncodeClientMessage(const WireMessage& message) {
  for (const std::string* name :
       {&message.join_ref, &message.ref, &message.topic, &message.event}) {
    if (!IsValidUtf8(*name)) {
      return absl::InvalidArgumentError("a name that is not UTF-8");
    }
  }
  if (!message.binary) return EncodeText(message);
  absl::StatusOr<Frame> frame = PackBinary(
      kPush, {message.join_ref, message.ref, message.topic, message.event},
      message.payload);
  if (frame.ok()) return frame;
  return absl::InvalidArgumentError(frame.status().message());
}

absl::Status DecodeServerFrame(Opcode opcode, absl::string_view bytes,
                               WireMessage* message) {
  *message = {};
  return opcode == Opcode::kBinary ? DecodeBinary(bytes, message)
                                   : DecodeText(bytes, message);
}

}  // namespace aerie::phoenix
