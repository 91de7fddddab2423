#ifndef AERIE_EDGE_TRANSPORT_QUERY_H_
#define AERIE_EDGE_TRANSPORT_QUERY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Query strings and percent-encoding. Phoenix: Plug.Conn.Query, less its nested
// maps: a nested name is kept as it was written. Any thread.
namespace aerie::edge {

// Names and values in the order of the request; of equal names the last wins.
using Params = std::vector<std::pair<std::string, std::string>>;

// Resolves `%41`; in a query, `+` is a space. INVALID_ARGUMENT for a percent
// sign without two hex digits and for text that is not UTF-8 then.
enum class Plus { kLiteral, kSpace };
absl::StatusOr<std::string> PercentDecode(absl::string_view text, Plus plus);

// Reads `a=1&b=2`. Empty pairs are skipped; a name without `=` has an empty
// value. Errors as of PercentDecode.
absl::StatusOr<Params> ParseQuery(absl::string_view query);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_QUERY_H_
