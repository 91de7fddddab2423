#ifndef AERIE_PROTO_PHOENIX_CLIENT_SERIALIZER_H_
#define AERIE_PROTO_PHOENIX_CLIENT_SERIALIZER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/phoenix/frame.h"

// 2.0.0 as a client speaks it: the other side of V2Serializer. Phoenix:
// phoenix.js' Serializer. Pure functions: any thread.
namespace aerie::phoenix {

// What stands in one frame, either way.
struct WireMessage {
  // Their content, without quotes; empty: null.
  std::string join_ref = {};
  std::string ref = {};
  std::string topic = {};
  std::string event = {};
  // Of `phx_reply` only; its payload is the response.
  std::string status = {};
  // JSON text, or bytes when `binary`.
  std::string payload = "{}";
  bool binary = false;
};

// The frame of what a client says. INVALID_ARGUMENT for names that are not
// UTF-8, for a payload that is no JSON, and for a name of more than 255 bytes
// beside a binary payload.
absl::StatusOr<Frame> EncodeClientMessage(const WireMessage& message);

// Reads what a server says into `message`, which is overwritten.
// INVALID_ARGUMENT for anything that no server of 2.0.0 says.
absl::Status DecodeServerFrame(Opcode opcode, absl::string_view bytes,
                               WireMessage* message);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_CLIENT_SERIALIZER_H_
