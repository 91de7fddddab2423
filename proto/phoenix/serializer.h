#ifndef AERIE_PROTO_PHOENIX_SERIALIZER_H_
#define AERIE_PROTO_PHOENIX_SERIALIZER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"

namespace aerie::phoenix {

// Frame <-> Message for one dialect. Phoenix: Phoenix.Socket.Serializer and its
// V1 and V2 implementations. Stateless: any thread, for the process' life.
//
// Payloads are checked where they are decoded and spliced where they are
// encoded; their text is never rewritten.
class Serializer {
 public:
  virtual ~Serializer() = default;

  // The server's side.

  // Reads a client's frame into `message` (KIND_CLIENT), which is overwritten.
  // INVALID_ARGUMENT for anything that ends the connection with 1011. Text
  // frames are UTF-8 already: the transport answers 1007 before.
  virtual absl::Status Decode(Opcode opcode, absl::string_view bytes,
                              v1::Message* message) const = 0;

  // The frame that tells a client of `message`; a silent Frame where the
  // dialect says nothing. FAILED_PRECONDITION when the dialect cannot carry it
  // (a binary payload in 1.0.0, a field over 255 bytes in a binary frame, a
  // push whose payload is no object in 2.0.0): skip that client and log.
  virtual absl::StatusOr<Frame> Encode(const v1::Message& message) const = 0;
};

// The serializer of a dialect; never DIALECT_UNSPECIFIED.
const Serializer& SerializerOf(v1::Dialect dialect);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_SERIALIZER_H_
