#include "edge/transport/response.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace aerie::edge {
namespace {

// Seconds. Reconnecting clients spread themselves; this is for the others.
constexpr uint32_t kRetryAfterS = 1;

struct Reason {
  uint32_t status;
  absl::string_view phrase;
};

// RFC 9110 section 15 and RFC 6585: what this server says by itself, and what
// connect rules are likely to.
constexpr Reason kReasons[] = {
    {200, "OK"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

}  // namespace

absl::string_view ReasonPhrase(uint32_t status) {
  const auto* found =
      std::find_if(std::begin(kReasons), std::end(kReasons),
                   [status](const Reason& r) { return r.status == status; });
  return found == std::end(kReasons) ? "" : found->phrase;
}

Response Response::Text(uint32_t status, std::string body,
                        uint32_t retry_after_s) {
  Response response;
  response.status = status;
  if (status == 503) {
    response.headers.emplace_back(
        "retry-after", absl::StrCat(std::max(retry_after_s, kRetryAfterS)));
  }
  if (!body.empty()) {
    response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
    response.body = std::make_shared<const std::string>(std::move(body));
  }
  return response;
}

std::string FormatHead(const Response& response, bool keep_alive,
                       absl::Time now) {
  std::string head = absl::StrCat(
      "HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status),
      "\r\ndate: ",
      absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone()),
      "\r\n");
  for (const auto& [name, value] : response.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  // RFC 9110 section 8.6: a 304 without its page's length says nothing of it.
  if (response.status != 304) {
    absl::StrAppend(&head, "content-length: ",
                    response.body == nullptr ? 0 : response.body->size(),
                    "\r\n");
  }
  absl::StrAppend(&head, "connection: ", keep_alive ? "keep-alive" : "close",
                  "\r\n\r\n");
  return head;
}

}  // namespace aerie::edge
