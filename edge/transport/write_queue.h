#ifndef AERIE_EDGE_TRANSPORT_WRITE_QUEUE_H_
#define AERIE_EDGE_TRANSPORT_WRITE_QUEUE_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace aerie::edge {

// What one connection has yet to write, in order: server frames, whose header
// is made when they are gathered and whose payload is shared with every other
// socket that is sent them, and other bytes. Lives on its connection's thread.
// Empty, it owns no memory to speak of.
class WriteQueue {
 public:
  using Bytes = std::shared_ptr<const std::string>;

  // RFC 6455 section 5.2: the first byte of a frame.
  static constexpr uint8_t kFin = 0x80;
  static constexpr uint8_t kRsv1 = 0x40;

  // Payloads up to this size are copied next to their neighbours, so that many
  // small frames make one buffer; larger ones are written from where they lie.
  // Sixteen frames of 120 bytes cost a third less this way; from 1 KiB on it
  // makes no difference.
  static constexpr size_t kCopyMax = 1024;

  // A whole, unmasked message; `first` is its first byte.
  void PushFrame(uint8_t first, Bytes payload);

  // Bytes that stand for themselves.
  void PushRaw(Bytes bytes);

  bool empty() const { return begin_ == entries_.size(); }
  // All that has yet to be written.
  size_t bytes() const { return bytes_; }
  // The same without the entry at the front.
  size_t bytes_behind_front() const;

  // Lists what comes next in `buffers`, using `arena` for headers and copies;
  // both are done with after the write. Returns how many buffers were filled.
  // What was listed once comes in the same order and in buffers that are not
  // shorter until it is consumed: TLS depends on it.
  size_t Gather(absl::Span<iovec> buffers, absl::Span<char> arena) const;

  // `count` bytes have been written.
  void Consume(size_t count);

  // Drops every entry but those of which something is among the next `offered`
  // bytes, or has been written. Returns the bytes dropped.
  size_t DropBehind(size_t offered);

 private:
  struct Entry {
    Bytes bytes;
    uint8_t first;  // 0: raw.

    size_t header_size() const;
    size_t size() const { return header_size() + bytes->size(); }
  };

  void Push(Entry entry);
  static size_t WriteHeader(const Entry& entry, char* out);

  std::vector<Entry> entries_;
  uint32_t begin_ = 0;  // Entries before it are written.
  size_t offset_ = 0;   // Of the entry at the front, written.
  size_t bytes_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_WRITE_QUEUE_H_
