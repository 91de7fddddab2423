#include "proto/phoenix/envelope.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace aerie::phoenix {
namespace {

constexpr absl::string_view kNames[] = {"topic", "event", "payload", "ref",
                                        "join_ref"};

// A name as text, or, of a value that is no string, its JSON text. Returns
// whether it is the latter.
bool ReadName(const JsonSlice& name, std::string* text) {
  if (name.kind != JsonKind::kString) {
    Assign(text, name.text);
    return true;
  }
  if (name.escaped) {
    *text = UnescapeJsonString(name.text);
  } else {
    Assign(text, name.content());
  }
  return false;
}

// A ref in its one form: equal refs are equal texts.
void ReadRef(const JsonSlice& ref, std::string* text) {
  if (ref.kind == JsonKind::kAbsent || ref.kind == JsonKind::kNull) return;
  if (ref.escaped) {
    AppendJsonString(UnescapeJsonString(ref.text), text);
  } else {
    Assign(text, ref.text);
  }
}

}  // namespace

void Assign(std::string* text, absl::string_view value) {
  text->assign(value.data(), value.size());
}

void ReadEnvelope(const Envelope& envelope, v1::Message* message) {
  message->Clear();
  message->set_topic_is_json(
      ReadName(envelope.topic, message->mutable_topic()));
  message->set_event_is_json(
      ReadName(envelope.event, message->mutable_event()));
  Assign(message->mutable_json(), envelope.payload.text);
  ReadRef(envelope.ref, message->mutable_ref());
  ReadRef(envelope.join_ref, message->mutable_join_ref());
}

absl::string_view RefText(absl::string_view ref) {
  return ref.empty() ? "null" : ref;
}

void AppendName(absl::string_view name, bool is_json, std::string* json) {
  if (is_json) {
    absl::StrAppend(json, name);
  } else {
    AppendJsonString(name, json);
  }
}

void AppendOutcome(const Wording& wording, std::string* json) {
  absl::StrAppend(json, "\"status\":");
  AppendJsonString(wording.status, json);
  absl::StrAppend(json, ",\"response\":", wording.payload);
}

size_t TextSizeHint(const v1::Message& message, const Wording& wording) {
  constexpr size_t kPunctuation = 96;
  return kPunctuation + message.topic().size() + wording.event.size() +
         wording.status.size() + wording.payload.size() +
         2 * wording.ref.size() + wording.join_ref.size();
}

Frame TextFrame(std::string text) {
  return {std::make_shared<const std::string>(std::move(text)), Opcode::kText};
}

absl::Status DecodeObject(absl::string_view bytes, v1::Message* message) {
  JsonSlice members[5];
  if (absl::Status s = ScanJsonObject(bytes, kNames, absl::MakeSpan(members));
      !s.ok()) {
    return s;
  }
  const Envelope envelope = {members[0], members[1], members[2], members[3],
                             members[4]};
  for (const JsonSlice* required :
       {&envelope.topic, &envelope.event, &envelope.payload, &envelope.ref}) {
    if (required->kind == JsonKind::kAbsent) {
      return absl::InvalidArgumentError("frame without a required member");
    }
  }
  ReadEnvelope(envelope, message);
  return absl::OkStatus();
}

absl::StatusOr<Frame> EncodeObject(const v1::Message& message,
                                   v1::Dialect dialect, ReplyRef reply_ref) {
  const absl::StatusOr<Wording> wording = WordingOf(message, dialect);
  if (!wording.ok()) return wording.status();
  if (wording->form == Wording::Form::kSilence) return Frame();
  if (wording->binary) {
    return absl::FailedPreconditionError("the dialect has no binary payloads");
  }
  const bool reply = wording->form == Wording::Form::kReply;
  const bool beside = !reply || reply_ref != ReplyRef::kInPayload;
  std::string json;
  json.reserve(TextSizeHint(message, *wording));
  absl::StrAppend(&json, "{\"topic\":");
  AppendName(message.topic(), message.topic_is_json(), &json);
  absl::StrAppend(&json, ",\"event\":");
  AppendName(wording->event, wording->event_is_json, &json);
  absl::StrAppend(&json, ",\"ref\":", RefText(beside ? wording->ref : ""),
                  ",\"payload\":");
  if (reply) {
    absl::StrAppend(&json, "{");
    AppendOutcome(*wording, &json);
    if (reply_ref != ReplyRef::kBeside) {
      absl::StrAppend(&json, ",\"ref\":", RefText(wording->ref));
    }
    absl::StrAppend(&json, "}}");
  } else {
    absl::StrAppend(&json, wording->payload, "}");
  }
  return TextFrame(std::move(json));
}

}  // namespace aerie::phoenix
