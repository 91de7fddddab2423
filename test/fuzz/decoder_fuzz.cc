// Feeds one dialect's decoder with any bytes, as a text frame and as a binary
// one, and tells clients what was decoded in every kind of message.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/json.h"
#include "proto/phoenix/serializer.h"
#include "test/fuzz/check.h"

#ifndef AERIE_FUZZ_DIALECT
#define AERIE_FUZZ_DIALECT DIALECT_V2  // For tools that read this file alone.
#endif

namespace aerie::fuzz {
namespace {

using phoenix::Frame;
using phoenix::Opcode;
using v1::Message;

constexpr v1::Dialect kDialect = v1::AERIE_FUZZ_DIALECT;

bool IsNullOrJson(absl::string_view ref) {
  return ref.empty() || phoenix::ValidateJson(ref).ok();
}

bool IsName(absl::string_view name, bool is_json) {
  return is_json
             ? phoenix::ValidateJson(name).ok() && !phoenix::IsJsonString(name)
             : phoenix::IsValidUtf8(name);
}

void CheckDecoded(const Message& message, absl::string_view bytes) {
  Check(message.kind() == Message::KIND_CLIENT, "a client's message");
  Check(IsName(message.topic(), message.topic_is_json()), "topic is text");
  Check(IsName(message.event(), message.event_is_json()), "event is text");
  Check(IsNullOrJson(message.ref()), "ref is JSON");
  Check(IsNullOrJson(message.join_ref()), "join_ref is JSON");
  if (message.has_binary()) {
    Check(absl::EndsWith(bytes, message.binary()), "payload ends the frame");
  } else {
    Check(phoenix::ValidateJson(message.json()).ok(), "payload is JSON");
    Check(absl::StrContains(bytes, message.json()), "payload is untouched");
  }
  Message parsed;
  Check(parsed.ParseFromString(message.SerializeAsString()), "survives gRPC");
}

// Whether an envelope around the payload keeps within the depth limit.
bool HasRoom(const Message& message) {
  return message.has_binary() ||
         phoenix::ValidateJson(absl::StrCat("[[", message.json(), "]]")).ok();
}

// A push has the layout of a client's message, so it can be read again.
void CheckReadAgain(const Message& push, const Frame& frame) {
  Message again;
  Check(phoenix::SerializerOf(kDialect)
            .Decode(frame.opcode, *frame.bytes, &again)
            .ok(),
        "a push is a frame");
  Check(again.topic() == push.topic(), "topic comes back");
  Check(again.event() == push.event(), "event comes back");
  Check(again.json() == push.json(), "payload comes back");
  if (kDialect == v1::DIALECT_V2) {
    Check(again.join_ref() == push.join_ref(), "join_ref comes back");
  }
}

void CheckTold(const Message& message) {
  const auto frame = phoenix::SerializerOf(kDialect).Encode(message);
  if (!frame.ok()) {
    Check(frame.status().code() == absl::StatusCode::kFailedPrecondition,
          "cannot be carried");
    return;
  }
  if (frame->silent() || !HasRoom(message)) return;
  if (frame->opcode == Opcode::kBinary) {
    Check(message.has_binary(), "binary frames are for binary payloads");
    Check(absl::EndsWith(*frame->bytes, message.binary()),
          "payload ends the frame");
    return;
  }
  Check(phoenix::ValidateJson(*frame->bytes).ok(), "text frames are JSON");
  if (message.kind() == Message::KIND_PUSH) CheckReadAgain(message, *frame);
}

void Run(Opcode opcode, absl::string_view bytes) {
  Message message;
  const absl::Status status =
      phoenix::SerializerOf(kDialect).Decode(opcode, bytes, &message);
  if (!status.ok()) {
    Check(status.code() == absl::StatusCode::kInvalidArgument, "is malformed");
    return;
  }
  CheckDecoded(message, bytes);
  if (!message.topic_is_json()) message.set_status(message.topic());
  for (int kind = 0; kind <= Message::Kind_MAX; ++kind) {
    message.set_kind(static_cast<Message::Kind>(kind));
    CheckTold(message);
  }
}

}  // namespace
}  // namespace aerie::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  aerie::fuzz::Run(aerie::phoenix::Opcode::kText, bytes);
  aerie::fuzz::Run(aerie::phoenix::Opcode::kBinary, bytes);
  return 0;
}
