#ifndef AERIE_PROTO_PHOENIX_V2_SERIALIZER_H_
#define AERIE_PROTO_PHOENIX_V2_SERIALIZER_H_

#include "proto/phoenix/serializer.h"

namespace aerie::phoenix {

// 2.0.0: JSON arrays `[join_ref, ref, topic, event, payload]` in text frames,
// and binary frames for binary payloads (v2_binary.h). Phoenix:
// Phoenix.Socket.V2.JSONSerializer. Stateless: any thread.
class V2Serializer final : public Serializer {
 public:
  absl::Status Decode(Opcode opcode, absl::string_view bytes,
                      v1::Message* message) const override;
  absl::StatusOr<Frame> Encode(const v1::Message& message) const override;
};

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_V2_SERIALIZER_H_
