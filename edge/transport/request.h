#ifndef AERIE_EDGE_TRANSPORT_REQUEST_H_
#define AERIE_EDGE_TRANSPORT_REQUEST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace aerie::edge {

// An HTTP request as it was received. A plain value.
struct Request {
  std::string method = "GET";
  // As sent: percent-encoded, with the query; may be in absolute form.
  std::string target = "/";
  // 10 or 11.
  int version = 11;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // The client waits for another request's answer on this connection.
  bool keep_alive = true;

  // The target without scheme and host, split at the question mark.
  absl::string_view path() const;
  absl::string_view query() const;

  // The first header of that name, in any case of letters.
  absl::optional<absl::string_view> Header(absl::string_view name) const;

  // All headers of that name, joined with commas (RFC 9110 section 5.3).
  absl::optional<std::string> Headers(absl::string_view name) const;

  // Whether a comma-separated header holds `token`, in any case of letters.
  bool HasToken(absl::string_view name, absl::string_view token) const;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_REQUEST_H_
