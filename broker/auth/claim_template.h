#ifndef AERIE_BROKER_AUTH_CLAIM_TEMPLATE_H_
#define AERIE_BROKER_AUTH_CLAIM_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "nlohmann/json.hpp"

namespace aerie::broker {

// A text with claims in it, `users:{sub}`. A claim inside another is named with
// dots, `{org.id}`; a dot that belongs to a name is written `\.`. `{claims}` is
// all of them, and `{claims.sub}` the same as `{sub}`. Immutable: any thread.
class ClaimTemplate {
 public:
  // INVALID_ARGUMENT says what is wrong with it.
  static absl::StatusOr<ClaimTemplate> Parse(absl::string_view text);

  // With each claim in its place: texts that are not empty, numbers, true and
  // false. Nothing when one is missing, or anything else.
  absl::optional<std::string> Text(const nlohmann::json& claims) const;

  // The same, but a claim that is a list stands for each of its values. Appends
  // to `texts`; false when it would have more than `texts_max`.
  [[nodiscard]] bool Texts(const nlohmann::json& claims, size_t texts_max,
                           std::vector<std::string>* texts) const;

  // What the claim is, when the template is nothing but one; else the text.
  absl::optional<nlohmann::json> Value(const nlohmann::json& claims) const;

 private:
  struct Part {
    std::string text;               // Before the claim.
    std::vector<std::string> path;  // Of the claim, from the outermost.
  };

  std::vector<Part> parts_;
  std::string tail_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_CLAIM_TEMPLATE_H_
