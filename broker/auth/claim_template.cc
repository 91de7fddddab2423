#include "broker/auth/claim_template.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace aerie::broker {
namespace {

using nlohmann::json;

constexpr absl::string_view kAll = "claims";

absl::Status Malformed(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\": ", what));
}

// The names between the dots; an empty one where there is none.
std::vector<std::string> Split(absl::string_view path) {
  std::vector<std::string> names(1);
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      names.emplace_back();
      continue;
    }
    if (path[i] == '\\' && i + 1 < path.size()) ++i;
    names.back() += path[i];
  }
  return names;
}

const json* Find(const json& claims, const std::vector<std::string>& path) {
  const json* found = &claims;
  for (const std::string& name : path) {
    const auto member = found->find(name);
    if (member == found->end()) return nullptr;
    found = &*member;
  }
  return found;
}

// A claim inside a text.
absl::optional<std::string> Spell(const json& claim) {
  if (const auto* text = claim.get_ptr<const std::string*>()) {
    if (text->empty()) return absl::nullopt;
    return *text;
  }
  if (claim.is_number() || claim.is_boolean()) return claim.dump();
  return absl::nullopt;
}

std::vector<std::string> SpellEach(const json& claim) {
  std::vector<std::string> texts;
  const auto add = [&texts](const json& value) {
    absl::optional<std::string> text = Spell(value);
    if (text.has_value()) texts.push_back(*std::move(text));
  };
  if (!claim.is_array()) {
    add(claim);
  } else {
    for (const json& value : claim) add(value);
  }
  return texts;
}

}  // namespace

absl::StatusOr<ClaimTemplate> ClaimTemplate::Parse(absl::string_view text) {
  ClaimTemplate made;
  absl::string_view rest = text;
  for (;;) {
    const size_t open = rest.find_first_of("{}");
    if (open == absl::string_view::npos) {
      made.tail_ = std::string(rest);
      return made;
    }
    const size_t close = rest.find_first_of("{}", open + 1);
    if (rest[open] == '}' || close == absl::string_view::npos ||
        rest[close] == '{') {
      return Malformed(text, "expected each `{` to have its `}`");
    }
    Part part = {std::string(rest.substr(0, open)),
                 Split(rest.substr(open + 1, close - open - 1))};
    if (part.path[0] == kAll) part.path.erase(part.path.begin());
    for (const std::string& name : part.path) {
      if (name.empty()) return Malformed(text, "expected the name of a claim");
    }
    made.parts_.push_back(std::move(part));
    rest.remove_prefix(close + 1);
  }
}

absl::optional<std::string> ClaimTemplate::Text(const json& claims) const {
  std::string text;
  for (const Part& part : parts_) {
    const json* const claim = Find(claims, part.path);
    if (claim == nullptr) return absl::nullopt;
    const absl::optional<std::string> spelled = Spell(*claim);
    if (!spelled.has_value()) return absl::nullopt;
    absl::StrAppend(&text, part.text, *spelled);
  }
  return absl::StrCat(text, tail_);
}

bool ClaimTemplate::Texts(const json& claims, size_t texts_max,
                          std::vector<std::string>* texts) const {
  std::vector<std::string> begun(1);
  for (const Part& part : parts_) {
    const json* const claim = Find(claims, part.path);
    if (claim == nullptr) return true;
    const std::vector<std::string> values = SpellEach(*claim);
    if (begun.size() * values.size() > texts_max) return false;
    std::vector<std::string> longer;
    for (const std::string& text : begun) {
      for (const std::string& value : values) {
        longer.push_back(absl::StrCat(text, part.text, value));
      }
    }
    begun = std::move(longer);
  }
  if (texts->size() + begun.size() > texts_max) return false;
  for (const std::string& text : begun) {
    texts->push_back(absl::StrCat(text, tail_));
  }
  return true;
}

absl::optional<json> ClaimTemplate::Value(const json& claims) const {
  if (parts_.size() == 1 && parts_[0].text.empty() && tail_.empty()) {
    const json* const claim = Find(claims, parts_[0].path);
    return claim == nullptr ? absl::nullopt : absl::make_optional(*claim);
  }
  absl::optional<std::string> text = Text(claims);
  if (!text.has_value()) return absl::nullopt;
  return json(*std::move(text));
}

}  // namespace aerie::broker
