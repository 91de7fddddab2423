#ifndef AERIE_BROKER_AUTH_STRICT_JSON_H_
#define AERIE_BROKER_AUTH_STRICT_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "nlohmann/json.hpp"

// JSON whose content decides who somebody is, so that nobody must read it
// otherwise than we do. Pure functions: any thread.
namespace aerie::broker {

// The object that `text` is, RFC 8259. Nothing for any other text, for a name
// that stands twice in one object (RFC 7515 section 4), for a byte order mark
// and for what is nested too deeply.
absl::optional<nlohmann::json> ParseJsonObject(absl::string_view text);

// The object's member of that name when it is a string, else null.
const std::string* FindText(const nlohmann::json& object, const char* name);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_STRICT_JSON_H_
