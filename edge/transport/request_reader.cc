#include "edge/transport/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "edge/transport/mount.h"

namespace aerie::edge {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

uint32_t StatusOf(const error_code& error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

Request ToRequest(http::request<http::string_body> message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.version = static_cast<int>(message.version());
  request.keep_alive = message.keep_alive();
  request.headers.reserve(std::distance(message.begin(), message.end()));
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

// Beast's parser insists on five bytes when it comes back to the last chunk of
// a body (`0\r\n\r\n`). That many are still to come anywhere in such a body.
template <typename Parser>
size_t BytesToParse(const Parser& parser) {
  return parser.is_header_done() && parser.chunked() ? 5 : 1;
}

}  // namespace

struct RequestReader::Parser {
  explicit Parser(const Limits& limits) {
    parser.eager(true);
    parser.header_limit(limits.request_header_bytes_max);
    // Where a body leads is known behind the header: see MayHold.
    parser.body_limit(
        std::max(limits.request_body_bytes_max, limits.poll_body_bytes_max));
  }

  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader(const Limits& limits, const Front* front)
    : limits_(limits), front_(front) {}
RequestReader::~RequestReader() = default;

void RequestReader::Append(absl::string_view bytes) {
  buffer_.append(bytes.data(), bytes.size());
}

RequestReader::Result RequestReader::Fail(uint32_t status) {
  error_status_ = status;
  buffer_.clear();
  parser_.reset();
  return Result::kError;
}

size_t RequestReader::held() const {
  return buffer_.size() +
         (parser_ == nullptr ? 0 : parser_->parser.get().body().size());
}

bool RequestReader::MayHold(uint64_t body_bytes) {
  if (body_bytes <= limits_.request_body_bytes_max) return true;
  if (!polls_ && front_ != nullptr) {
    Request request;
    request.target = std::string(parser_->parser.get().target());
    const auto route = FindRoute(front_->mounts, request.path());
    polls_ = route.has_value() && IsPoll(route->endpoint);
  }
  return polls_ && body_bytes <= limits_.poll_body_bytes_max;
}

// PROTOCOL: a poll's body is not too large, but bad.
uint32_t RequestReader::TooLargeStatus() const { return polls_ ? 400 : 413; }

RequestReader::Result RequestReader::Next(Request* request) {
  if (error_status_ != 0) return Result::kError;
  if (parser_ == nullptr) {
    if (buffer_.empty()) return Result::kNeedMore;
    parser_ = std::make_unique<Parser>(limits_);
    continue_said_ = false;
    polls_ = false;
  }
  auto& parser = parser_->parser;
  while (!parser.is_done() && buffer_.size() >= BytesToParse(parser)) {
    error_code error;
    const size_t used =
        parser.put(boost::asio::buffer(buffer_.data(), buffer_.size()), error);
    buffer_.erase(0, used);
    if (error == http::error::need_more) break;
    if (error == http::error::body_limit) {
      // For its effect: whose body is it?
      MayHold(std::numeric_limits<uint64_t>::max());
      return Fail(TooLargeStatus());
    }
    if (error) return Fail(StatusOf(error));
    if (parser.is_header_done() &&
        !MayHold(std::max<uint64_t>(parser.get().body().size(),
                                    parser.content_length().value_or(0)))) {
      return Fail(TooLargeStatus());
    }
    if (used == 0) break;
  }
  if (parser.is_done()) {
    *request = ToRequest(parser.release());
    parser_.reset();
    // Memory of a large request is not kept for the connection's life.
    if (buffer_.empty()) std::string().swap(buffer_);
    return Result::kRequest;
  }
  if (parser.is_header_done() && !continue_said_ &&
      boost::beast::iequals(parser.get()[http::field::expect],
                            "100-continue")) {
    continue_said_ = true;
    return Result::kContinue;
  }
  return Result::kNeedMore;
}

std::string RequestReader::TakeRest() { return std::exchange(buffer_, {}); }

}  // namespace aerie::edge
