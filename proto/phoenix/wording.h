#ifndef AERIE_PROTO_PHOENIX_WORDING_H_
#define AERIE_PROTO_PHOENIX_WORDING_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"

// What clients are told of a message, in the words of their dialect. The only
// place that knows which event, status, response and refs each dialect gives
// to each kind of message; the serializers lay them out.
namespace aerie::phoenix {

// A message in words. The views point into the message, or live for ever.
struct Wording {
  enum class Form {
    // The dialect says nothing.
    kSilence,
    // phx_reply: status, payload (the response).
    kReply,
    // An event: event, payload.
    kEvent,
  };

  Form form = Form::kSilence;
  absl::string_view status;
  absl::string_view event;
  // The event is JSON text, as Message.event_is_json has it.
  bool event_is_json = false;
  // JSON text, or bytes when `binary`.
  absl::string_view payload;
  bool binary = false;
  // JSON text; empty means null.
  absl::string_view ref;
  absl::string_view join_ref;
};

// The words for `message`. FAILED_PRECONDITION for kinds that no client is
// told of, or that this build does not know.
absl::StatusOr<Wording> WordingOf(const v1::Message& message,
                                  v1::Dialect dialect);

// Whether it is what becomes of a phx_join. KIND_UNMATCHED answers events, too.
bool AnswersJoin(v1::Message::Kind kind);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_WORDING_H_
