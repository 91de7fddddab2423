#ifndef AERIE_EDGE_TRANSPORT_REQUEST_READER_H_
#define AERIE_EDGE_TRANSPORT_REQUEST_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "edge/limits.h"
#include "edge/transport/front.h"
#include "edge/transport/request.h"

namespace aerie::edge {

// Turns the bytes of a connection into requests (RFC 9112), bounded while they
// come. Knows nothing of sockets. Lives on its connection's thread.
class RequestReader {
 public:
  // Bodies of polls of `front`, if there is one, may be larger than others.
  explicit RequestReader(const Limits& limits, const Front* front = nullptr);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  void Append(absl::string_view bytes);

  enum class Result {
    kNeedMore,
    kContinue,  // The client waits for `100 Continue`; said once a request.
    kRequest,   // `request` is whole; what follows it is kept.
    kError,     // Answer `error_status` and close.
  };
  Result Next(Request* request);

  // 400, 413 or 431; 400 for a poll's body that is too large.
  uint32_t error_status() const { return error_status_; }

  // Whether a request has begun to come in.
  bool busy() const { return !buffer_.empty() || parser_ != nullptr; }

  // Bytes that have come in and are of no whole request yet.
  size_t held() const;

  // What has come behind the last request, and is no request.
  std::string TakeRest();

 private:
  struct Parser;

  Result Fail(uint32_t status);
  // Whether the body of the request that comes in may become so large.
  bool MayHold(uint64_t body_bytes);
  uint32_t TooLargeStatus() const;

  const Limits& limits_;
  const Front* const front_;
  std::string buffer_;
  std::unique_ptr<Parser> parser_;  // Of the request that is coming in.
  bool continue_said_ = false;
  bool polls_ = false;  // The request that comes in is a poll's.
  uint32_t error_status_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_REQUEST_READER_H_
