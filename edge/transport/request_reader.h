#ifndef AERIE_EDGE_TRANSPORT_REQUEST_READER_H_
#define AERIE_EDGE_TRANSPORT_REQUEST_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "edge/limits.h"
#include "edge/transport/request.h"

namespace aerie::edge {

// Turns the bytes of a connection into requests (RFC 9112), bounded while they
// come. Knows nothing of sockets. Lives on its connection's thread.
class RequestReader {
 public:
  explicit RequestReader(const Limits& limits);
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

  // 400, 413 or 431.
  uint32_t error_status() const { return error_status_; }

  // Whether a request has begun to come in.
  bool busy() const { return !buffer_.empty() || parser_ != nullptr; }

  // What has come behind the last request, and is no request.
  std::string TakeRest();

 private:
  struct Parser;

  Result Fail(uint32_t status);

  const Limits& limits_;
  std::string buffer_;
  std::unique_ptr<Parser> parser_;  // Of the request that is coming in.
  bool continue_said_ = false;
  uint32_t error_status_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_REQUEST_READER_H_
