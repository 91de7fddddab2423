#ifndef AERIE_PROTO_PHOENIX_FOUNDING_SERIALIZER_H_
#define AERIE_PROTO_PHOENIX_FOUNDING_SERIALIZER_H_

#include "proto/phoenix/serializer.h"

namespace aerie::phoenix {

// The dialect of Phoenix 0.11 and 0.12: JSON objects in text frames, the ref of
// a reply inside its payload, no join_ref. Phoenix:
// Phoenix.Transports.JSONSerializer of 0.12. Stateless: any thread.
class FoundingSerializer final : public Serializer {
 public:
  absl::Status Decode(Opcode opcode, absl::string_view bytes,
                      v1::Message* message) const override;
  absl::StatusOr<Frame> Encode(const v1::Message& message) const override;
};

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_FOUNDING_SERIALIZER_H_
