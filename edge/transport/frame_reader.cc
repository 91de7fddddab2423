#include "edge/transport/frame_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "edge/transport/close_code.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

using Event = FrameReader::Event;
using Mask = std::array<char, 4>;
using phoenix::Opcode;

// RFC 6455 section 5.2.
constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kRsv2And3 = 0x30;
constexpr uint8_t kOpcode = 0x0f;
constexpr uint8_t kControl = 0x08;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLength = 0x7f;

constexpr uint8_t kContinuation = 0;
constexpr uint8_t kBinary = static_cast<uint8_t>(Opcode::kBinary);
constexpr uint8_t kClose = 8;
constexpr uint8_t kPing = 9;
constexpr uint8_t kPong = 10;

uint8_t ByteAt(absl::Span<const char> bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}

uint64_t ReadBigEndian(absl::Span<const char> bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    number = number << 8 | ByteAt(bytes, i);
  return number;
}

size_t LengthBytes(uint8_t second) {
  const uint8_t length = second & kLength;
  return length < 126 ? 0 : length == 126 ? 2 : 8;
}

// What of a frame must be there before it can be looked at: its header, and all
// of a control frame.
size_t HeadSize(absl::Span<const char> start) {
  if (start.size() < 2) return 2;
  const uint8_t second = ByteAt(start, 1);
  size_t size = 2 + LengthBytes(second) + sizeof(Mask);
  if (ByteAt(start, 0) & kControl) size += second & kLength;
  return size;
}

// Leaves `mask` as it goes on behind `bytes`.
void Unmask(absl::Span<char> bytes, Mask* mask) {
  uint64_t key;
  std::memcpy(&key, mask->data(), 4);
  std::memcpy(reinterpret_cast<char*>(&key) + 4, mask->data(), 4);
  size_t i = 0;
  for (; i + sizeof(key) <= bytes.size(); i += sizeof(key)) {
    uint64_t word;
    std::memcpy(&word, &bytes[i], sizeof(word));
    word ^= key;
    std::memcpy(&bytes[i], &word, sizeof(word));
  }
  for (; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ (*mask)[i % mask->size()]);
  }
  std::rotate(mask->begin(), mask->begin() + bytes.size() % mask->size(),
              mask->end());
}

absl::Span<char> TakeFront(absl::Span<char>* bytes, size_t size) {
  const absl::Span<char> front = bytes->first(size);
  bytes->remove_prefix(size);
  return front;
}

absl::string_view View(absl::Span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

Event Error(uint16_t code) {
  Event event;
  event.kind = Event::kError;
  event.code = code;
  return event;
}

Event Close(absl::string_view payload) {
  Event event;
  event.kind = Event::kClose;
  event.code = kCloseNormal;
  if (payload.empty()) return event;
  if (payload.size() == 1) return Error(kCloseProtocolError);
  event.code = static_cast<uint16_t>(ReadBigEndian(payload.substr(0, 2)));
  if (!IsClientCloseCode(event.code) ||
      !phoenix::IsValidUtf8(payload.substr(2))) {
    return Error(kCloseProtocolError);
  }
  return event;
}

Event Control(uint8_t opcode, absl::string_view payload) {
  if (opcode == kClose) return Close(payload);
  Event event;
  event.kind = opcode == kPing ? Event::kPing : Event::kPong;
  event.payload = payload;
  return event;
}

Event Message(Opcode opcode, bool deflated, absl::string_view payload) {
  Event event;
  event.kind = Event::kMessage;
  event.opcode = opcode;
  event.deflated = deflated;
  event.payload = payload;
  return event;
}

}  // namespace

struct FrameReader::Header {
  // `bytes` hold all of it.
  explicit Header(absl::Span<const char> bytes)
      : first(ByteAt(bytes, 0)), length(ByteAt(bytes, 1) & kLength) {
    const size_t length_bytes = LengthBytes(ByteAt(bytes, 1));
    if (length_bytes > 0) {
      length = ReadBigEndian(bytes.subspan(2, length_bytes));
      shortest = length > (length_bytes == 2 ? 125 : 0xffff);
    }
    size = 2 + length_bytes + mask.size();
    std::memcpy(mask.data(), &bytes[size - mask.size()], mask.size());
  }

  bool fin() const { return first & kFin; }
  bool deflated() const { return first & kRsv1; }
  uint8_t opcode() const { return first & kOpcode; }

  uint8_t first;
  uint64_t length;
  bool shortest = true;  // The length is written in as few bytes as can be.
  size_t size;
  Mask mask;
};

struct FrameReader::Partial {
  // Of a frame that is not whole enough to be looked at.
  std::string head;

  // The frame whose payload comes in.
  uint64_t remaining = 0;
  Mask mask = {};
  bool fin = false;

  // The message whose frames come in.
  bool open = false;
  Opcode opcode = Opcode::kText;
  bool deflated = false;
  std::string message;
  size_t utf8_size = 0;  // Of `message`, checked.

  bool shown = false;  // The last event's payload lies here.

  bool CheckUtf8();
};

bool FrameReader::Partial::CheckUtf8() {
  const absl::string_view rest =
      phoenix::SkipUtf8(absl::string_view(message).substr(utf8_size));
  utf8_size = message.size() - rest.size();
  const bool last = fin && remaining == 0;
  return last ? rest.empty() : phoenix::IsUnfinishedUtf8(rest);
}

FrameReader::FrameReader(uint64_t message_bytes_max, bool deflate)
    : message_bytes_max_(message_bytes_max), deflate_(deflate) {}

FrameReader::~FrameReader() = default;

FrameReader::Event FrameReader::Next(absl::Span<char>* bytes) {
  if (partial_ != nullptr) Forget();
  while (!bytes->empty()) {
    const bool inside = partial_ != nullptr && partial_->remaining > 0;
    const Event event = inside ? ReadPayload(bytes) : ReadFrame(bytes);
    if (event.kind != Event::kNone) return event;
  }
  return {};
}

// Frees what is not needed any more.
void FrameReader::Forget() {
  if (std::exchange(partial_->shown, false)) {
    if (partial_->head.empty()) {
      partial_->open = false;
    } else {
      partial_->head.clear();
    }
  }
  if (!partial_->open && partial_->head.empty()) partial_.reset();
}

FrameReader::Partial& FrameReader::MakePartial() {
  if (partial_ == nullptr) partial_ = std::make_unique<Partial>();
  return *partial_;
}

// Whether more frames of a message must come.
bool FrameReader::continuing() const {
  return partial_ != nullptr && partial_->open;
}

// What the first two bytes say.
bool FrameReader::IsLegal(absl::Span<const char> start) const {
  const uint8_t first = ByteAt(start, 0);
  const uint8_t second = ByteAt(start, 1);
  const uint8_t opcode = first & kOpcode;
  const bool rsv1 = first & kRsv1;
  if (!(second & kMasked) || (first & kRsv2And3)) return false;
  if (opcode & kControl) {
    return opcode <= kPong && (first & kFin) && !rsv1 &&
           (second & kLength) <= 125;
  }
  if (opcode == kContinuation) return continuing() && !rsv1;
  return opcode <= kBinary && !continuing() && (deflate_ || !rsv1);
}

bool FrameReader::Fits(const Header& header) const {
  const bool deflated = continuing() ? partial_->deflated : header.deflated();
  const uint64_t before = continuing() ? partial_->message.size() : 0;
  const uint64_t room = deflated ? message_bytes_max_ / 8 + 64 : 0;
  return header.length <= message_bytes_max_ + room - before;
}

// Starts with the next frame, and is through with it if it is a control frame.
FrameReader::Event FrameReader::ReadFrame(absl::Span<char>* bytes) {
  const auto keep = [&](size_t size) {
    std::string& kept = MakePartial().head;
    const absl::Span<char> more =
        TakeFront(bytes, std::min(size - kept.size(), bytes->size()));
    kept.append(more.data(), more.size());
  };
  const bool kept = partial_ != nullptr && !partial_->head.empty();
  if (kept) keep(HeadSize(partial_->head));
  absl::Span<char> head = kept ? absl::MakeSpan(partial_->head) : *bytes;
  if (head.size() >= 2 && !IsLegal(head)) return Error(kCloseProtocolError);
  const size_t size = HeadSize(head);
  if (head.size() < size) {
    if (!kept) keep(size);
    return {};
  }
  head = kept ? head.first(size) : TakeFront(bytes, size);
  Header header(head);
  if (header.opcode() & kControl) {
    const absl::Span<char> payload = head.subspan(header.size);
    Unmask(payload, &header.mask);
    if (kept) partial_->shown = true;
    return Control(header.opcode(), View(payload));
  }
  if (kept) partial_->head.clear();
  return ReadData(header, bytes);
}

FrameReader::Event FrameReader::ReadData(const Header& header,
                                         absl::Span<char>* bytes) {
  if (!header.shortest) return Error(kCloseProtocolError);
  if (!Fits(header)) return Error(kCloseTooBig);
  const bool first = header.opcode() != kContinuation;
  const auto opcode = static_cast<Opcode>(header.opcode());
  if (first && header.fin() && header.length <= bytes->size()) {
    const absl::Span<char> payload = TakeFront(bytes, header.length);
    Mask mask = header.mask;
    Unmask(payload, &mask);
    if (opcode == Opcode::kText && !header.deflated() &&
        !phoenix::IsValidUtf8(View(payload))) {
      return Error(kCloseInvalidPayload);
    }
    return Message(opcode, header.deflated(), View(payload));
  }
  Partial& partial = MakePartial();
  if (first) {
    partial.open = true;
    partial.opcode = opcode;
    partial.deflated = header.deflated();
  }
  partial.fin = header.fin();
  partial.remaining = header.length;
  partial.mask = header.mask;
  return ReadPayload(bytes);
}

FrameReader::Event FrameReader::ReadPayload(absl::Span<char>* bytes) {
  Partial& partial = *partial_;
  const absl::Span<char> payload =
      TakeFront(bytes, std::min<uint64_t>(partial.remaining, bytes->size()));
  Unmask(payload, &partial.mask);
  partial.message.append(payload.data(), payload.size());
  partial.remaining -= payload.size();
  if (partial.opcode == Opcode::kText && !partial.deflated &&
      !partial.CheckUtf8()) {
    return Error(kCloseInvalidPayload);
  }
  if (partial.remaining > 0 || !partial.fin) return {};
  partial.shown = true;
  return Message(partial.opcode, partial.deflated, partial.message);
}

}  // namespace aerie::edge
