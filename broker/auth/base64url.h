#ifndef AERIE_BROKER_AUTH_BASE64URL_H_
#define AERIE_BROKER_AUTH_BASE64URL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace aerie::broker {

// The bytes that `text` stands for: RFC 7515 section 2, base64url without
// padding. Nothing for any other text, and for one that is not the only way to
// write its bytes. Pure: any thread.
absl::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_BASE64URL_H_
