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
constexpr uint8_t kPush = 0;
constexpr uint8_t kReply = 1;
constexpr uint8_t kBroadcast = 2;
constexpr size_t kFieldSizeMax = 255;

// A ref as these frames carry it: a string's content, or the JSON text of
// another value.
std::string RefContent(absl::string_view ref) {
  return IsJsonString(ref) ? UnescapeJsonString(ref) : std::string(ref);
}

}  // namespace

absl::StatusOr<Frame> PackBinary(
    uint8_t kind, std::initializer_list<absl::string_view> fields,
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
  bytes.push_back(static_cast<char>(kind));
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

absl::Status UnpackBinary(absl::string_view bytes,
                          absl::Span<std::string* const> fields,
                          std::string* payload) {
  if (bytes.size() < 1 + fields.size()) {
    return absl::InvalidArgumentError("truncated binary frame");
  }
  absl::string_view rest = bytes.substr(1 + fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t size = static_cast<uint8_t>(bytes[1 + i]);
    if (size > rest.size()) {
      return absl::InvalidArgumentError("truncated binary frame");
    }
    if (!IsValidUtf8(rest.substr(0, size))) {
      return absl::InvalidArgumentError("binary frame with a field not UTF-8");
    }
    Assign(fields[i], rest.substr(0, size));
    rest.remove_prefix(size);
  }
  Assign(payload, rest);
  return absl::OkStatus();
}

absl::Status DecodeBinary(absl::string_view bytes, v1::Message* message) {
  if (bytes.empty() || bytes[0] != kFromClient) {
    return absl::InvalidArgumentError("no binary frame of a client");
  }
  message->Clear();
  std::string join_ref;
  std::string ref;
  absl::Status status = UnpackBinary(
      bytes,
      {&join_ref, &ref, message->mutable_topic(), message->mutable_event()},
      message->mutable_binary());
  if (!status.ok()) return status;
  AppendJsonString(join_ref, message->mutable_join_ref());
  AppendJsonString(ref, message->mutable_ref());
  return absl::OkStatus();
}

absl::StatusOr<Frame> EncodeBinary(const v1::Message& message,
                                   const Wording& wording) {
  const absl::string_view topic = message.topic();
  if (message.kind() == v1::Message::KIND_BROADCAST) {
    return PackBinary(kBroadcast, {topic, wording.event}, wording.payload);
  }
  const std::string join_ref = RefContent(wording.join_ref);
  if (wording.form == Wording::Form::kEvent) {
    return PackBinary(kPush, {join_ref, topic, wording.event}, wording.payload);
  }
  return PackBinary(kReply,
                    {join_ref, RefContent(wording.ref), topic, wording.status},
                    wording.payload);
}

}  // namespace aerie::phoenix
