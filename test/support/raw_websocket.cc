#include "test/support/raw_websocket.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace aerie::testing {
namespace {

constexpr uint8_t kMask[4] = {0x37, 0xfa, 0x21, 0x3d};

void AppendBigEndian(std::string* bytes, uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(value >> shift));
  }
}

uint64_t BigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<uint8_t>(byte);
  }
  return value;
}

RawFrame::Kind KindOf(uint8_t opcode) {
  switch (opcode) {
    case 2:
      return RawFrame::kBinary;
    case 8:
      return RawFrame::kClose;
    case 9:
      return RawFrame::kPing;
    case 10:
      return RawFrame::kPong;
    default:
      return RawFrame::kText;
  }
}

}  // namespace

Upgrade Upgrade::To(absl::string_view target) {
  Upgrade upgrade;
  upgrade.target = std::string(target);
  return upgrade;
}

Upgrade& Upgrade::With(absl::string_view name, absl::string_view value) {
  Without(name);
  headers.emplace_back(std::string(name), std::string(value));
  return *this;
}

Upgrade& Upgrade::Without(absl::string_view name) {
  headers.erase(std::remove_if(headers.begin(), headers.end(),
                               [&](const auto& header) {
                                 return absl::EqualsIgnoreCase(header.first,
                                                               name);
                               }),
                headers.end());
  return *this;
}

std::string Upgrade::Text(uint16_t port) const {
  std::string text = absl::StrCat(
      method, " ", target, " HTTP/1.1\r\nHost: localhost:", port, "\r\n");
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&text, name, ": ", value, "\r\n");
  }
  return text + "\r\n";
}

RawWebSocket::RawWebSocket(uint16_t port, const Upgrade& upgrade)
    : socket_(port) {
  socket_.Send(upgrade.Text(port));
  while (!TakeHttpAnswer(&bytes_, &answer_)) {
    if (!socket_.Receive(&bytes_)) return;
  }
}

bool RawWebSocket::SendFrame(uint8_t head, absl::string_view payload) {
  return socket_.Send(MaskedFrame(head, payload));
}

bool RawWebSocket::SendClose(uint16_t code) {
  std::string payload;
  AppendBigEndian(&payload, code, 2);
  return SendFrame(0x88, payload);
}

RawFrame RawWebSocket::Receive(std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + patience;
  RawFrame frame;
  while (!TakeFrame(&frame)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    if (left.count() <= 0) return {RawFrame::kNothing, "", 0};
    if (!socket_.Receive(&bytes_, left)) {
      const bool late = Clock::now() >= deadline;
      return {late ? RawFrame::kNothing : RawFrame::kEnd, "", 0};
    }
  }
  return frame;
}

// RFC 6455 section 5.2.
bool RawWebSocket::TakeFrame(RawFrame* frame) {
  if (bytes_.size() < 2) return false;
  size_t head_size = 2;
  uint64_t length = bytes_[1] & 0x7f;
  if (length == 126) head_size += 2;
  if (length == 127) head_size += 8;
  if (bytes_.size() < head_size) return false;
  if (length >= 126) {
    length = BigEndian(absl::string_view(bytes_).substr(2, head_size - 2));
  }
  if (bytes_.size() - head_size < length) return false;
  frame->kind = KindOf(bytes_[0] & 0x0f);
  frame->payload = bytes_.substr(head_size, length);
  frame->close_code = 0;
  bytes_.erase(0, head_size + length);
  if (frame->kind == RawFrame::kClose && frame->payload.size() >= 2) {
    frame->close_code = static_cast<int>(
        BigEndian(absl::string_view(frame->payload).substr(0, 2)));
    frame->payload.erase(0, 2);
  }
  return true;
}

std::string MaskedFrame(uint8_t head, absl::string_view payload) {
  std::string frame(1, static_cast<char>(head));
  if (payload.size() < 126) {
    AppendBigEndian(&frame, 0x80 | payload.size(), 1);
  } else if (payload.size() < 1 << 16) {
    AppendBigEndian(&frame, 0x80 | 126, 1);
    AppendBigEndian(&frame, payload.size(), 2);
  } else {
    AppendBigEndian(&frame, 0x80 | 127, 1);
    AppendBigEndian(&frame, payload.size(), 8);
  }
  for (const uint8_t byte : kMask) frame.push_back(static_cast<char>(byte));
  for (size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ kMask[i % 4]));
  }
  return frame;
}

}  // namespace aerie::testing
