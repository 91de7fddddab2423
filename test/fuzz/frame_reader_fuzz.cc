// Feeds the WebSocket frame reader: any bytes must mean the same however they
// are cut, and frames that are well made must come back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "edge/transport/frame_reader.h"
#include "proto/phoenix/utf8.h"
#include "test/fuzz/check.h"

namespace aerie::fuzz {
namespace {

using edge::FrameReader;
using phoenix::Opcode;
using Event = FrameReader::Event;

constexpr uint64_t kBytesMax = 2000;
constexpr uint64_t kDeflatedBytesMax = kBytesMax + kBytesMax / 8 + 64;

void CheckEvent(const Event& event, bool deflate) {
  switch (event.kind) {
    case Event::kNone:
      Check(event.payload.empty(), "nothing says nothing");
      break;
    case Event::kMessage:
      Check(deflate || !event.deflated, "compression was agreed");
      Check(event.payload.size() <=
                (event.deflated ? kDeflatedBytesMax : kBytesMax),
            "messages are bounded");
      Check(event.deflated || event.opcode == Opcode::kBinary ||
                phoenix::IsValidUtf8(event.payload),
            "text is UTF-8");
      break;
    case Event::kPing:
    case Event::kPong:
      Check(event.payload.size() <= 125, "control frames are small");
      break;
    case Event::kClose:
      Check(event.code >= 1000 && event.code < 5000, "a legal code");
      break;
    case Event::kError:
      Check(event.code == 1002 || event.code == 1007 || event.code == 1009,
            "a reason");
      break;
  }
}

std::string Describe(const Event& event) {
  return absl::StrCat(static_cast<int>(event.kind), " ",
                      static_cast<int>(event.opcode), " ", event.deflated, " ",
                      event.code, " ", event.payload, "\n");
}

// The events of `bytes`, which come in pieces whose sizes are those of `cuts`,
// over and over.
std::string ReadAll(std::string bytes, bool deflate, absl::string_view cuts) {
  FrameReader reader(kBytesMax, deflate);
  std::string seen;
  for (size_t at = 0, i = 0; at < bytes.size(); ++i) {
    const size_t cut = 1 + static_cast<uint8_t>(cuts[i % cuts.size()]);
    const size_t size = std::min(cut, bytes.size() - at);
    // A copy of its own, so that reading beyond it is noticed.
    std::vector<char> piece(bytes.begin() + at, bytes.begin() + at + size);
    at += size;
    absl::Span<char> rest = absl::MakeSpan(piece);
    for (;;) {
      const Event event = reader.Next(&rest);
      CheckEvent(event, deflate);
      if (event.kind == Event::kNone) break;
      absl::StrAppend(&seen, Describe(event));
      if (event.kind == Event::kClose || event.kind == Event::kError) {
        return seen;
      }
    }
    Check(rest.empty(), "all bytes are taken");
  }
  return seen;
}

std::string Frame(uint8_t first, absl::string_view payload, uint32_t mask) {
  const size_t size = payload.size();
  std::string frame(1, static_cast<char>(first));
  if (size < 126) {
    frame += static_cast<char>(0x80 | size);
  } else {
    frame += {static_cast<char>(0xfe), static_cast<char>(size >> 8),
              static_cast<char>(size)};
  }
  char key[4];
  for (int i = 0; i < 4; ++i) key[i] = static_cast<char>(mask >> (8 * i));
  frame.append(key, sizeof(key));
  for (size_t i = 0; i < size; ++i) frame += payload[i] ^ key[i % 4];
  return frame;
}

// `bytes` as a binary message whose fragments and pings between them are drawn
// from `cuts`.
void CheckMessage(absl::string_view bytes, absl::string_view cuts) {
  const absl::string_view message = bytes.substr(0, kBytesMax);
  std::string wire;
  std::string expected;
  uint8_t opcode = static_cast<uint8_t>(Opcode::kBinary);
  absl::string_view rest = message;
  for (size_t i = 0; i < cuts.size(); ++i) {
    const auto cut = static_cast<uint8_t>(cuts[i]);
    const absl::string_view part = rest.substr(0, cut);
    rest.remove_prefix(part.size());
    absl::StrAppend(&wire, Frame(opcode, part, cut * 2654435761u));
    opcode = 0;
    if (cut % 3 != 0) continue;
    Event ping;
    ping.kind = Event::kPing;
    ping.payload = part.substr(0, 125);
    absl::StrAppend(&wire, Frame(0x89, ping.payload, cut));
    absl::StrAppend(&expected, Describe(ping));
  }
  absl::StrAppend(&wire, Frame(0x80 | opcode, rest, 0x01020304));
  Event event;
  event.kind = Event::kMessage;
  event.opcode = Opcode::kBinary;
  event.payload = message;
  absl::StrAppend(&expected, Describe(event));
  Check(ReadAll(wire, false, cuts) == expected, "what is sent comes back");
}

// The first byte says how many of those that follow are sizes of pieces.
void Run(absl::string_view input) {
  const size_t count = 1 + static_cast<uint8_t>(input[0]) % 8;
  if (input.size() < 1 + count) return;
  const absl::string_view cuts = input.substr(1, count);
  const std::string bytes(input.substr(1 + count));
  for (const bool deflate : {false, true}) {
    const std::string whole = ReadAll(bytes, deflate, "\xff");
    Check(ReadAll(bytes, deflate, cuts) == whole,
          "how bytes arrive does not matter");
  }
  CheckMessage(bytes, cuts);
}

}  // namespace
}  // namespace aerie::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) {
    aerie::fuzz::Run({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
