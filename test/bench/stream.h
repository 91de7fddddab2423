#ifndef AERIE_TEST_BENCH_STREAM_H_
#define AERIE_TEST_BENCH_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "test/bench/options.h"

namespace aerie::bench {

// One TCP connection of a client, which never blocks; it can be closed and
// opened again. One thread.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { Close(); }

  // Starts to connect, from one of several addresses by `caller`. `epoll` tells
  // of every change (edge-triggered), its data is Key(id). False, with errno,
  // when that is not possible.
  bool Open(const Target& target, uint32_t caller, int epoll, uint32_t id);
  // With a reset: the many connections of a run leave nothing in TIME_WAIT.
  void Close();

  bool open() const { return fd_ >= 0; }
  // Which of its connections this is, to know the events of an earlier one.
  uint32_t generation() const { return generation_; }
  static uint32_t IdOf(uint64_t key) { return static_cast<uint32_t>(key); }
  static uint32_t GenerationOf(uint64_t key) {
    return static_cast<uint32_t>(key >> 32);
  }

  void Queue(absl::string_view bytes);
  // Writes what is queued, as far as there is room; says how many bytes.
  size_t Write();

  enum class Got {
    kSome,
    kNothing,  // Yet.
    kEnd,      // With errno, 0 for an orderly end.
  };
  // What is kept goes to the front of `buffer`, what has come behind it; `size`
  // is that of both.
  Got Read(absl::Span<char> buffer, size_t* size);
  // Not taken of what was read: for the next Read.
  void Keep(absl::string_view rest);
  size_t kept() const { return kept_.size(); }

 private:
  uint64_t Key(uint32_t id) const { return uint64_t{generation_} << 32 | id; }

  int fd_ = -1;
  uint32_t generation_ = 0;
  std::string kept_;
  std::string unsent_;
};

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_STREAM_H_
