#include "proto/phoenix/v2_serializer.h"

#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/phoenix/envelope.h"
#include "proto/phoenix/v2_binary.h"
#include "proto/phoenix/wording.h"

namespace aerie::phoenix {
namespace {

absl::Status DecodeText(absl::string_view bytes, v1::Message* message) {
  JsonSlice elements[5];
  const absl::StatusOr<size_t> count =
      ScanJsonArray(bytes, absl::MakeSpan(elements));
  if (!count.ok()) return count.status();
  if (*count < std::size(elements)) {
    return absl::InvalidArgumentError("frame of fewer than five elements");
  }
  const auto& [join_ref, ref, topic, event, payload] = elements;
  ReadEnvelope({topic, event, payload, ref, join_ref}, message);
  return absl::OkStatus();
}

Frame EncodeText(const v1::Message& message, const Wording& wording) {
  std::string json;
  json.reserve(TextSizeHint(message, wording));
  absl::StrAppend(&json, "[", RefText(wording.join_ref), ",",
                  RefText(wording.ref), ",");
  AppendName(message.topic(), message.topic_is_json(), &json);
  json.push_back(',');
  AppendName(wording.event, wording.event_is_json, &json);
  if (wording.form == Wording::Form::kReply) {
    absl::StrAppend(&json, ",{");
    AppendOutcome(wording, &json);
    absl::StrAppend(&json, "}]");
  } else {
    absl::StrAppend(&json, ",", wording.payload, "]");
  }
  return TextFrame(std::move(json));
}

}  // namespace

absl::Status V2Serializer::Decode(Opcode opcode, absl::string_view bytes,
                                  v1::Message* message) const {
  return opcode == Opcode::kBinary ? DecodeBinary(bytes, message)
                                   : DecodeText(bytes, message);
}

absl::StatusOr<Frame> V2Serializer::Encode(const v1::Message& message) const {
  const absl::StatusOr<Wording> wording = WordingOf(message, v1::DIALECT_V2);
  if (!wording.ok()) return wording.status();
  if (wording->form == Wording::Form::kSilence) return Frame();
  if (wording->binary) return EncodeBinary(message, *wording);
  if (wording->form == Wording::Form::kEvent &&
      !IsJsonObject(wording->payload)) {
    return absl::FailedPreconditionError(
        "the dialect has objects only as payloads of events");
  }
  return EncodeText(message, *wording);
}

}  // namespace aerie::phoenix
