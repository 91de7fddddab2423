#ifndef AERIE_TEST_BENCH_WIRE_H_
#define AERIE_TEST_BENCH_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// As much of WebSocket and of the 2.0.0 dialect as load and baselines speak:
// whole text frames, and names that need no escapes. Any thread.
namespace aerie::bench {

// One WebSocket frame, in the buffer that it was received into.
struct FrameView {
  uint8_t head = 0;  // FIN, reserved bits and opcode: 0x81 is a whole text.
  absl::string_view payload;
};

// Finds the frame at the front of `bytes`, unmasks it in place and returns its
// size with the header; 0 if it is not whole yet.
size_t TakeFrame(char* bytes, size_t size, FrameView* frame);

// An unmasked text frame, as servers send them.
std::string ServerFrame(absl::string_view text);

// The same, appended.
void AppendServerFrame(std::string* bytes, absl::string_view text);

// A message: `[join_ref, ref, topic, event, payload]`. Every part is JSON text
// as it came, quotes included.
struct Envelope {
  absl::string_view join_ref;
  absl::string_view ref;
  absl::string_view topic;
  absl::string_view event;
  absl::string_view payload;
};

// False for anything but such an array. White space around its parts is not
// expected: no Phoenix server sends any.
bool ParseEnvelope(absl::string_view text, Envelope* envelope);

// The text of a message of a client.
std::string ClientMessage(absl::string_view join_ref, uint64_t ref,
                          absl::string_view topic, absl::string_view event,
                          absl::string_view payload);

// An object of exactly `bytes` bytes, or of the least that there can be:
// `{"n":"0000000042","pad":"xxx"}`.
std::string NumberedPayload(uint64_t number, size_t bytes);

// The number in such an object, wherever it stands in it; false if none does.
bool NumberOf(absl::string_view payload, uint64_t* number);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_WIRE_H_
