#ifndef AERIE_PROTO_PHOENIX_V1_SERIALIZER_H_
#define AERIE_PROTO_PHOENIX_V1_SERIALIZER_H_

#include "proto/phoenix/serializer.h"

namespace aerie::phoenix {

// 1.0.0: JSON objects, the ref of a reply beside its payload; join_ref is read
// but never written. Phoenix: Phoenix.Socket.V1.JSONSerializer. Stateless: any
// thread.
class V1Serializer final : public Serializer {
 public:
  // Whatever the opcode: a binary frame may hold the text, if it is UTF-8.
  absl::Status Decode(Opcode opcode, absl::string_view bytes,
                      v1::Message* message) const override;
  absl::StatusOr<Frame> Encode(const v1::Message& message) const override;
};

// 1.0.0 for clients that may be older: replies carry the ref inside the payload
// too, and a heartbeat comes back as it was sent. Stateless: any thread.
class BridgeSerializer final : public Serializer {
 public:
  absl::Status Decode(Opcode opcode, absl::string_view bytes,
                      v1::Message* message) const override;
  absl::StatusOr<Frame> Encode(const v1::Message& message) const override;
};

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_V1_SERIALIZER_H_
