#ifndef AERIE_COMMON_CONFIG_VALUE_H_
#define AERIE_COMMON_CONFIG_VALUE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "yaml-cpp/yaml.h"

namespace aerie::config {

// What is wrong with a configuration, in the order in which it was found; each
// as `where: key: what was expected`.
using Errors = std::vector<std::string>;

// Where something was written, and which key it is.
struct Place {
  std::string where;  // `edge.yaml:3:9`, or a flag or environment variable.
  std::string key;    // `mounts[0].path`.

  // Adds `where: key: what`.
  void Blame(absl::string_view what, Errors& errors) const;
};

// A value as it was written: a node of YAML and its place.
class Value {
 public:
  // `source` is a file's name, or the flag or variable that holds it all.
  Value(const YAML::Node& node, std::string source, bool is_file,
        std::string key);

  // A part of this one: a key itself, and what stands behind it.
  Value Name(const YAML::Node& name, absl::string_view key) const;
  Value Named(const YAML::Node& name, const YAML::Node& node) const;
  Value Element(const YAML::Node& node, size_t index) const;

  const YAML::Node& node() const { return node_; }
  const std::string& key() const { return key_; }
  Place place() const;

  // The text of a scalar, quoted or not; nothing for `null`, lists and maps.
  absl::optional<std::string> Text() const;
  // The same, but not of what stands in quotes: that is text, no number.
  absl::optional<std::string> Plain() const;

  // Adds `expected <what>, got <this>`.
  void Expected(absl::string_view what, Errors& errors) const;

 private:
  YAML::Node node_;
  YAML::Mark mark_;
  std::string source_;
  bool is_file_;
  std::string key_;
};

// `; did you mean "listen"?`, the closest of `known`; when none is close,
// `; expected one of a, b`.
std::string Hint(absl::string_view word, const std::vector<std::string>& known);

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_VALUE_H_
