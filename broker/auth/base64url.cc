#include "broker/auth/base64url.h"

#include "absl/strings/escaping.h"

namespace aerie::broker {

absl::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  // Abseil takes padding, white space and stray bits at the end as well.
  if (!absl::WebSafeBase64Unescape(text, &bytes) ||
      absl::WebSafeBase64Escape(bytes) != text) {
    return absl::nullopt;
  }
  return bytes;
}

}  // namespace aerie::broker
