#ifndef AERIE_PROTO_PHOENIX_FRAME_H_
#define AERIE_PROTO_PHOENIX_FRAME_H_

#include <cstdint>
#include <memory>
#include <string>

namespace aerie::phoenix {

// RFC 6455 section 5.2: the two kinds of data frame.
enum class Opcode : uint8_t { kText = 1, kBinary = 2 };

// One encoded message: immutable bytes, shared by every socket that is sent
// them. A Frame without bytes says nothing: the dialect is silent there.
struct Frame {
  std::shared_ptr<const std::string> bytes;
  Opcode opcode = Opcode::kText;

  bool silent() const { return bytes == nullptr; }
};

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_FRAME_H_
