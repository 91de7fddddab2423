#include "test/bench/wire.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aerie::bench {
namespace {

uint64_t BigEndian(const char* bytes, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

// RFC 6455 section 5.3, eight bytes at a time.
void Unmask(const char* mask, char* payload, size_t size) {
  char twice[8];
  std::memcpy(twice, mask, 4);
  std::memcpy(twice + 4, mask, 4);
  uint64_t wide;
  std::memcpy(&wide, twice, 8);
  size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, payload + at, 8);
    eight ^= wide;
    std::memcpy(payload + at, &eight, 8);
  }
  for (; at < size; ++at) {
    payload[at] = static_cast<char>(payload[at] ^ twice[at % 8]);
  }
}

// Takes a string or null, and the comma behind it.
bool TakePart(absl::string_view* text, absl::string_view* part) {
  if (text->empty()) return false;
  size_t end = 0;
  if (text->front() == '"') {
    end = text->find('"', 1);
    if (end == absl::string_view::npos) return false;
    ++end;
  } else {
    end = text->find(',');
    if (end == absl::string_view::npos) return false;
  }
  if (end >= text->size() || (*text)[end] != ',') return false;
  *part = text->substr(0, end);
  text->remove_prefix(end + 1);
  return true;
}

}  // namespace

// RFC 6455 section 5.2.
size_t TakeFrame(char* bytes, size_t size, FrameView* frame) {
  if (size < 2) return 0;
  const bool masked = (bytes[1] & 0x80) != 0;
  uint64_t length = bytes[1] & 0x7f;
  const int length_size = length == 126 ? 2 : length == 127 ? 8 : 0;
  const size_t head_size = 2 + length_size + (masked ? 4 : 0);
  if (size < head_size) return 0;
  if (length_size > 0) length = BigEndian(bytes + 2, length_size);
  if (size - head_size < length) return 0;
  char* const payload = bytes + head_size;
  if (masked) Unmask(payload - 4, payload, length);
  frame->head = static_cast<uint8_t>(bytes[0]);
  frame->payload = absl::string_view(payload, length);
  return head_size + length;
}

void AppendServerFrame(std::string* bytes, absl::string_view text) {
  const size_t size = text.size();
  int length_size = 0;
  bytes->push_back(static_cast<char>(0x81));
  if (size < 126) {
    bytes->push_back(static_cast<char>(size));
  } else {
    length_size = size < 1 << 16 ? 2 : 8;
    bytes->push_back(static_cast<char>(length_size == 2 ? 126 : 127));
  }
  for (int byte = length_size - 1; byte >= 0; --byte) {
    bytes->push_back(static_cast<char>(size >> (8 * byte)));
  }
  bytes->append(text.data(), size);
}

std::string ServerFrame(absl::string_view text) {
  std::string bytes;
  AppendServerFrame(&bytes, text);
  return bytes;
}

bool ParseEnvelope(absl::string_view text, Envelope* envelope) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return false;
  }
  text.remove_prefix(1);
  text.remove_suffix(1);
  if (!TakePart(&text, &envelope->join_ref) ||
      !TakePart(&text, &envelope->ref) || !TakePart(&text, &envelope->topic) ||
      !TakePart(&text, &envelope->event)) {
    return false;
  }
  envelope->payload = text;
  return true;
}

std::string ClientMessage(absl::string_view join_ref, uint64_t ref,
                          absl::string_view topic, absl::string_view event,
                          absl::string_view payload) {
  return absl::StrCat("[\"", join_ref, "\",\"", ref, "\",\"", topic, "\",\"",
                      event, "\",", payload, "]");
}

std::string NumberedPayload(uint64_t number, size_t bytes) {
  const std::string head = absl::StrFormat("{\"n\":\"%010d\"", number);
  constexpr absl::string_view kPad = ",\"pad\":\"";
  constexpr absl::string_view kEnd = "\"}";
  const size_t least = head.size() + kPad.size() + kEnd.size();
  if (bytes < least) return head + "}";
  return absl::StrCat(head, kPad, std::string(bytes - least, 'x'), kEnd);
}

bool NumberOf(absl::string_view payload, uint64_t* number) {
  constexpr absl::string_view kKey = "\"n\":\"";
  const size_t at = payload.find(kKey);
  if (at == absl::string_view::npos) return false;
  *number = 0;
  for (size_t i = at + kKey.size(); i < payload.size(); ++i) {
    if (payload[i] == '"') return true;
    *number = *number * 10 + static_cast<uint64_t>(payload[i] - '0');
  }
  return false;
}

}  // namespace aerie::bench
