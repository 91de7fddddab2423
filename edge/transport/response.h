#ifndef AERIE_EDGE_TRANSPORT_RESPONSE_H_
#define AERIE_EDGE_TRANSPORT_RESPONSE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aerie::edge {

// An HTTP response. A plain value; bodies may be shared.
struct Response {
  uint32_t status = 200;
  // Names in lower case, besides date, connection and content-length.
  std::vector<std::pair<absl::string_view, std::string>> headers;
  std::shared_ptr<const std::string> body;  // Null: empty.

  // One line for a person; empty for no body. A 503 asks to try again, after so
  // many seconds; 0: soon.
  static Response Text(uint32_t status, std::string body = "",
                       uint32_t retry_after_s = 0);
};

// Status line and headers, up to the empty line. A response to HEAD tells the
// length of the body that it leaves out.
std::string FormatHead(const Response& response, bool keep_alive,
                       absl::Time now);

// `OK`, `Not Found`, …; empty for statuses without a name.
absl::string_view ReasonPhrase(uint32_t status);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_RESPONSE_H_
