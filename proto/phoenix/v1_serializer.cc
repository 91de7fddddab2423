#include "proto/phoenix/v1_serializer.h"

#include "proto/phoenix/envelope.h"

namespace aerie::phoenix {

absl::Status V1Serializer::Decode(Opcode /*opcode*/, absl::string_view bytes,
                                  v1::Message* message) const {
  return DecodeObject(bytes, message);
}

absl::StatusOr<Frame> V1Serializer::Encode(const v1::Message& message) const {
  return EncodeObject(message, v1::DIALECT_V1, ReplyRef::kBeside);
}

absl::Status BridgeSerializer::Decode(Opcode /*opcode*/,
                                      absl::string_view bytes,
                                      v1::Message* message) const {
  return DecodeObject(bytes, message);
}

absl::StatusOr<Frame> BridgeSerializer::Encode(
    const v1::Message& message) const {
  return EncodeObject(message, v1::DIALECT_BRIDGE, ReplyRef::kBoth);
}

}  // namespace aerie::phoenix
