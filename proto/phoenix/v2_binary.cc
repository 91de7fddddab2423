#include "proto/phoenix/v2_binary.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "proto/phoenix/envelope.h"
#include "proto/phoenix/json.h"

namespace aerie::phoenix {
namespace {

constexpr char kFromClient = 0;
constexpr char kPush = 0;
constexpr char kReply = 1;
constexpr char kBroadcast = 2;
constexpr size_t kFieldSizeMax = 255;

// A ref as these frames carry it: a string's content, or the JSON text of
// another value.
std::string RefContent(absl::string_view ref) {
  return IsJsonString(ref) ? UnescapeJsonString(ref) : std::string(ref);
}

absl::StatusOr<Frame> Pack(char kind,
                           std::initializer_list<absl::string_view> fields,
                           absl::string_view payload) {
  size_t size = 1 + fields.size() + payload.size();
  for (const absl::string_view field : fields) {
    if (field.size() > kFieldSizeMax) {
      return absl::FailedPreconditionError(
          "a field is too long for a binary frame");
    }
    size += field.size();
  }
  std::string bytes;
  bytes.reserve(size);
  bytes.push_back(kind);
  for (const absl::string_view field : fields) {
    bytes.push_back(static_cast<char>(field.size()));
  }
  for (const absl::string_view field : fields) {
    bytes.append(field.data(), field.size());
  }
  bytes.append(payload.data(), payload.size());
  return Frame{std::make_shared<const std::string>(std::move(bytes)),
               Opcode::kBinary};
}

}  // namespace

absl::Status DecodeBinary(absl::string_view bytes, v1::Message* message) {
  constexpr size_t kFields = 4;
  if (bytes.size() < 1 + kFields || bytes[0] != kFromClient) {
    return absl::InvalidArgumentError("no binary frame of a client");
  }
  absl::string_view fields[kFields];
  absl::string_view rest = bytes.substr(1 + kFields);
  for (size_t i = 0; i < kFields; ++i) {
    const size_t size = static_cast<uint8_t>(bytes[1 + i]);
    if (size > rest.size()) {
      return absl::InvalidArgumentError("truncated binary frame");
    }
    fields[i] = rest.substr(0, size);
    rest.remove_prefix(size);
    if (!IsValidUtf8(fields[i])) {
      return absl::InvalidArgumentError("binary frame with a field not UTF-8");
    }
  }
  const auto& [join_ref, ref, topic, event] = fields;
  message->Clear();
  AppendJsonString(join_ref, message->mutable_join_ref());
  AppendJsonString(ref, message->mutable_ref());
  Assign(message->mutable_topic(), topic);
  Assign(message->mutable_event(), event);
  Assign(message->mutable_binary(), rest);
  return absl::OkStatus();
}

absl::StatusOr<Frame> EncodeBinary(const v1::Message& message,
                                   const Wording& wording) {
  const absl::string_view topic = message.topic();
  if (message.kind() == v1::Message::KIND_BROADCAST) {
    return Pack(kBroadcast, {topic, wording.event}, wording.payload);
  }
  const std::string join_ref = RefContent(wording.join_ref);
  if (wording.form == Wording::Form::kEvent) {
    return Pack(kPush, {join_ref, topic, wording.event}, wording.payload);
  }
  return Pack(kReply,
              {join_ref, RefContent(wording.ref), topic, wording.status},
              wording.payload);
}

}  // namespace aerie::phoenix
