#include "broker/auth/token_error.h"

#include <iterator>

namespace aerie::broker {
namespace {

// In the order of TokenError.
constexpr absl::string_view kNames[] = {
    "missing",   "too_large",     "malformed",      "algorithm",
    "critical",  "unknown_key",   "bad_signature",  "expired",
    "no_expiry", "not_yet_valid", "issued_later",   "issuer",
    "audience",  "claim_missing", "too_many_topics"};
static_assert(std::size(kNames) == kTokenErrors);

}  // namespace

absl::string_view TokenErrorName(TokenError error) {
  return kNames[static_cast<size_t>(error)];
}

}  // namespace aerie::broker
