#ifndef AERIE_EDGE_TRANSPORT_FRAME_READER_H_
#define AERIE_EDGE_TRANSPORT_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/phoenix/frame.h"

namespace aerie::edge {

// Turns the bytes of a client into messages and control frames (RFC 6455,
// section 5), checked and bounded while they come. Knows nothing of sockets,
// and does not inflate. Between messages it owns no memory. Lives on its
// connection's thread.
class FrameReader {
 public:
  struct Event {
    enum Kind {
      kNone,  // All bytes are taken; more are needed.
      kMessage,
      kPing,
      kPong,
      kClose,  // `code` answers it. The last event.
      kError,  // `code` is what the client did wrong. The last event.
    };
    Kind kind = kNone;
    // Of a message:
    phoenix::Opcode opcode = phoenix::Opcode::kText;
    bool deflated = false;  // `payload` is, and nobody knows if it is UTF-8.
    uint16_t code = 0;
    // Of a message, ping or pong. Valid until the next call.
    absl::string_view payload = {};
  };

  // `message_bytes_max` bounds a message. `deflate` takes messages that are
  // compressed; they get some room for what compressing may add.
  FrameReader(uint64_t message_bytes_max, bool deflate);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Takes bytes off the front of `bytes` up to the end of the next event. They
  // are unmasked where they are: a message that lies in them as one frame is
  // not copied.
  Event Next(absl::Span<char>* bytes);

 private:
  struct Header;
  struct Partial;

  void Forget();
  Partial& MakePartial();
  bool continuing() const;
  bool IsLegal(absl::Span<const char> start) const;
  bool Fits(const Header& header) const;

  Event ReadFrame(absl::Span<char>* bytes);
  Event ReadData(const Header& header, absl::Span<char>* bytes);
  Event ReadPayload(absl::Span<char>* bytes);

  const uint64_t message_bytes_max_;
  const bool deflate_;
  std::unique_ptr<Partial> partial_;  // What has come of a message or frame.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_FRAME_READER_H_
