#include "common/config/value.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aerie::config {
namespace {

// What a node is, for messages.
std::string Describe(const YAML::Node& node) {
  if (node.IsMap()) return "a map";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  return absl::StrCat("\"", node.Scalar(), "\"");
}

// Levenshtein's.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

void Place::Blame(absl::string_view what, Errors& errors) const {
  std::string error;
  if (!where.empty()) absl::StrAppend(&error, where, ": ");
  // A flag's name is the key's.
  if (!key.empty() && where != absl::StrCat("--", key)) {
    absl::StrAppend(&error, key, ": ");
  }
  errors.push_back(absl::StrCat(error, what));
}

Value::Value(const YAML::Node& node, std::string source, bool is_file,
             std::string key)
    : node_(node),
      mark_(node.Mark()),
      source_(std::move(source)),
      is_file_(is_file),
      key_(std::move(key)) {}

Value Value::Name(const YAML::Node& name, absl::string_view key) const {
  return Value(name, source_, is_file_,
               key_.empty() ? std::string(key) : absl::StrCat(key_, ".", key));
}

Value Value::Named(const YAML::Node& name, const YAML::Node& node) const {
  Value value = Name(node, name.Scalar());
  // Nothing stands nowhere: yaml-cpp gives it the place of what comes next.
  if (node.IsNull()) value.mark_ = name.Mark();
  return value;
}

Value Value::Element(const YAML::Node& node, size_t index) const {
  return Value(node, source_, is_file_, absl::StrCat(key_, "[", index, "]"));
}

Place Value::place() const {
  if (!is_file_ || mark_.is_null()) return {source_, key_};
  return {absl::StrCat(source_, ":", mark_.line + 1, ":", mark_.column + 1),
          key_};
}

absl::optional<std::string> Value::Text() const {
  if (!node_.IsScalar()) return absl::nullopt;
  return node_.Scalar();
}

absl::optional<std::string> Value::Plain() const {
  // yaml-cpp tags what stands in quotes with `!`.
  if (!node_.IsScalar() || node_.Tag() == "!") return absl::nullopt;
  return node_.Scalar();
}

void Value::Expected(absl::string_view what, Errors& errors) const {
  std::string got = Describe(node_);
  if (node_.IsScalar() && node_.Tag() == "!") got += " in quotes";
  place().Blame(absl::StrCat("expected ", what, ", got ", got), errors);
}

std::string Hint(absl::string_view word,
                 const std::vector<std::string>& known) {
  const auto closest = std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return EditDistance(word, a) < EditDistance(word, b);
      });
  if (closest != known.end() &&
      EditDistance(word, *closest) <= std::max<size_t>(1, word.size() / 3)) {
    return absl::StrCat("; did you mean \"", *closest, "\"?");
  }
  return absl::StrCat("; expected one of ", absl::StrJoin(known, ", "));
}

}  // namespace aerie::config
