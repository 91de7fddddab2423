#include "edge/transport/write_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace aerie::edge {
namespace {

constexpr size_t kHeaderMax = 10;
// A queue that was long once gives its memory back.
constexpr size_t kCapacityKept = 8;

}  // namespace

size_t WriteQueue::Entry::header_size() const {
  if (first == 0) return 0;
  if (bytes->size() < 126) return 2;
  return bytes->size() <= 0xffff ? 4 : kHeaderMax;
}

size_t WriteQueue::WriteHeader(const Entry& entry, char* out) {
  const size_t size = entry.header_size();
  const uint64_t length = entry.bytes->size();
  if (size == 0) return 0;
  out[0] = static_cast<char>(entry.first);
  if (size == 2) {
    out[1] = static_cast<char>(length);
    return size;
  }
  out[1] = size == 4 ? 126 : 127;
  for (size_t i = 2; i < size; ++i) {
    out[i] = static_cast<char>(length >> (8 * (size - 1 - i)));
  }
  return size;
}

void WriteQueue::PushFrame(uint8_t first, Bytes payload) {
  Push({std::move(payload), first});
}

void WriteQueue::PushRaw(Bytes bytes) {
  if (!bytes->empty()) Push({std::move(bytes), 0});
}

void WriteQueue::Push(Entry entry) {
  // A queue that never runs empty must not grow at its written end.
  if (begin_ > kCapacityKept && begin_ >= entries_.size() / 2) {
    entries_.erase(entries_.begin(), entries_.begin() + begin_);
    begin_ = 0;
  }
  bytes_ += entry.size();
  entries_.push_back(std::move(entry));
}

size_t WriteQueue::bytes_behind_front() const {
  return empty() ? 0 : bytes_ - (entries_[begin_].size() - offset_);
}

size_t WriteQueue::Gather(absl::Span<iovec> buffers,
                          absl::Span<char> arena) const {
  size_t filled = 0;
  char* free = arena.data();
  char* const end = free + arena.size();
  char* copied = free;  // Start of the buffer that copies are added to.
  const auto close_copies = [&] {
    if (copied == free) return;
    buffers[filled++] = {copied, static_cast<size_t>(free - copied)};
    copied = free;
  };
  size_t skip = offset_;
  // Each entry may need two more buffers.
  for (size_t i = begin_; i < entries_.size() && filled + 2 < buffers.size();
       ++i) {
    const Entry& entry = entries_[i];
    const size_t payload = entry.bytes->size();
    const bool copy = payload <= kCopyMax;
    if (static_cast<size_t>(end - free) < kHeaderMax + (copy ? payload : 0)) {
      break;
    }
    char header[kHeaderMax];
    const size_t header_size = WriteHeader(entry, header);
    const size_t header_skip = std::min(skip, header_size);
    std::memcpy(free, header + header_skip, header_size - header_skip);
    free += header_size - header_skip;
    const char* data = entry.bytes->data() + (skip - header_skip);
    const size_t size = payload - (skip - header_skip);
    skip = 0;
    if (copy) {
      std::memcpy(free, data, size);
      free += size;
    } else {
      close_copies();
      buffers[filled++] = {const_cast<char*>(data), size};
    }
  }
  close_copies();
  return filled;
}

void WriteQueue::Consume(size_t count) {
  bytes_ -= count;
  offset_ += count;
  while (!empty() && offset_ >= entries_[begin_].size()) {
    offset_ -= entries_[begin_].size();
    entries_[begin_].bytes.reset();
    ++begin_;
  }
  if (!empty()) return;
  begin_ = 0;
  entries_.clear();
  if (entries_.capacity() > kCapacityKept) entries_.shrink_to_fit();
}

size_t WriteQueue::DropBehind(size_t offered) {
  size_t keep = begin_;
  size_t covered = 0;
  if (!empty() && offset_ > 0) covered = entries_[keep++].size() - offset_;
  while (covered < offered && keep < entries_.size()) {
    covered += entries_[keep++].size();
  }
  const size_t dropped = bytes_ - covered;
  bytes_ = covered;
  entries_.resize(keep);
  return dropped;
}

}  // namespace aerie::edge
