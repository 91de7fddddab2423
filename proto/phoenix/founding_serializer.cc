#include "proto/phoenix/founding_serializer.h"

#include "proto/phoenix/envelope.h"

namespace aerie::phoenix {

absl::Status FoundingSerializer::Decode(Opcode opcode, absl::string_view bytes,
                                        v1::Message* message) const {
  if (opcode != Opcode::kText) {
    return absl::InvalidArgumentError("the dialect has no binary frames");
  }
  absl::Status status = DecodeObject(bytes, message);
  // Not yet invented: a member of that name is one of many that are ignored.
  message->clear_join_ref();
  return status;
}

absl::StatusOr<Frame> FoundingSerializer::Encode(
    const v1::Message& message) const {
  return EncodeObject(message, v1::DIALECT_FOUNDING, ReplyRef::kInPayload);
}

}  // namespace aerie::phoenix
