#ifndef AERIE_PROTO_PHOENIX_ENVELOPE_H_
#define AERIE_PROTO_PHOENIX_ENVELOPE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/json.h"
#include "proto/phoenix/wording.h"

// What the serializers share: the way from JSON slices to a Message, the parts
// that every text frame is made of, and the object envelope of the founding
// dialect and 1.0.0. Pure functions: any thread.
namespace aerie::phoenix {

// The fields of a client's text frame; absent ones read as null.
struct Envelope {
  JsonSlice topic;
  JsonSlice event;
  JsonSlice payload;
  JsonSlice ref;
  JsonSlice join_ref;
};

// Overwrites `message` with what the client wrote.
void ReadEnvelope(const Envelope& envelope, v1::Message* message);

// Overwrites `text` with `value`.
void Assign(std::string* text, absl::string_view value);

// A ref as JSON, `null` when it is empty.
absl::string_view RefText(absl::string_view ref);

// Appends a topic or an event, which may be JSON text already.
void AppendName(absl::string_view name, bool is_json, std::string* json);

// Appends a reply's `"status":S,"response":R`.
void AppendOutcome(const Wording& wording, std::string* json);

// At least the size of a text frame, to reserve, unless names need escapes.
size_t TextSizeHint(const v1::Message& message, const Wording& wording);

Frame TextFrame(std::string text);

// Where an object envelope carries the ref of a reply.
enum class ReplyRef {
  kInPayload,  // founding
  kBeside,     // 1.0.0
  kBoth,       // the bridge
};

// Reads a frame that is an object with topic, event, payload, ref and perhaps
// join_ref.
absl::Status DecodeObject(absl::string_view bytes, v1::Message* message);

// The frame that is an object with topic, event, payload and ref.
// FAILED_PRECONDITION for a binary payload.
absl::StatusOr<Frame> EncodeObject(const v1::Message& message,
                                   v1::Dialect dialect, ReplyRef reply_ref);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_ENVELOPE_H_
