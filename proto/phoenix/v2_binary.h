#ifndef AERIE_PROTO_PHOENIX_V2_BINARY_H_
#define AERIE_PROTO_PHOENIX_V2_BINARY_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/wording.h"

// Binary frames of 2.0.0: a byte for the kind, a byte for the size of each
// field, the fields, and the payload to the end of the frame. Phoenix:
// Phoenix.Socket.V2.JSONSerializer. Pure functions: any thread.
//
//   client   0  join_ref ref topic event
//   push     0  join_ref topic event
//   reply    1  join_ref ref topic status
//   broadcast 2 topic event
namespace aerie::phoenix {

// The frame of a kind, its fields and its payload. FAILED_PRECONDITION when a
// field has more than 255 bytes.
absl::StatusOr<Frame> PackBinary(
    uint8_t kind, std::initializer_list<absl::string_view> fields,
    absl::string_view payload);

// Reads the fields behind the kind, and the payload. INVALID_ARGUMENT for a
// frame that is too short, and for a field that is not UTF-8.
absl::Status UnpackBinary(absl::string_view bytes,
                          absl::Span<std::string* const> fields,
                          std::string* payload);

// Reads a client's frame. An empty ref is the empty string, not null.
absl::Status DecodeBinary(absl::string_view bytes, v1::Message* message);

// The frame of a message with a binary payload. FAILED_PRECONDITION when a
// field has more than 255 bytes.
absl::StatusOr<Frame> EncodeBinary(const v1::Message& message,
                                   const Wording& wording);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_V2_BINARY_H_
