#include "common/config/docs.h"

#include "absl/strings/str_cat.h"
#include "common/build_info.h"
#include "yaml-cpp/yaml.h"

namespace aerie::config {
namespace {

// A leaf, a list of sections, or a key of such a list's elements.
struct Row {
  std::string path;
  const Key* key;
  bool in_list;
};

void Collect(const Section& section, const std::string& prefix, bool in_list,
             std::vector<Row>& rows) {
  for (const Key& key : section.keys()) {
    const std::string path = absl::StrCat(prefix, key.name);
    if (key.section != nullptr) {
      Collect(*key.section, absl::StrCat(path, "."), in_list, rows);
      continue;
    }
    rows.push_back({path, &key, in_list});
    if (key.elements != nullptr) {
      Collect(*key.elements, absl::StrCat(path, "[]."), true, rows);
    }
  }
}

std::vector<Row> Rows(const Section& root) {
  std::vector<Row> rows;
  Collect(root, "", false, rows);
  return rows;
}

// On one line; empty for what has none, or too long a one.
std::string Default(const Key& key) {
  if (key.elements != nullptr) return "";
  YAML::Node node = key.write();
  if (node.IsScalar()) return node.Scalar();
  node.SetStyle(YAML::EmitterStyle::Flow);
  return YAML::Dump(node);
}

}  // namespace

std::string Help(const Program& program, const Section& root) {
  const std::string binary = absl::StrCat("aerie-", program.name);
  std::string help = absl::StrCat(
      binary, " ", Version(), ": ", program.summary, "\n\nusage: ", binary,
      " [--config FILE] [--KEY=VALUE]...\n\n"
      "  --config FILE          reads FILE, which is YAML\n"
      "  --check-config         checks the configuration and exits\n"
      "  --print-config         prints the effective configuration and exits\n"
      "  --print-config-docs    prints all keys as Markdown and exits\n"
      "  --version              prints the version and exits\n\n"
      "Each key can stand in the file, in a flag, or in a variable: log.level "
      "is\n--log.level=debug and ",
      VariableName(program, "log.level"),
      "=debug. Flags win over variables, and\nthose over the file.\n\n");
  for (const Row& row : Rows(root)) {
    if (row.in_list) {
      absl::StrAppend(&help, "    ", row.path, ": ", row.key->type);
    } else {
      absl::StrAppend(&help, "  --", row.path, "=<", row.key->type, ">");
    }
    const std::string value = Default(*row.key);
    if (!value.empty()) absl::StrAppend(&help, " (", value, ")");
    absl::StrAppend(&help, "\n        ", row.key->description, "\n");
  }
  return help;
}

std::string Markdown(const Program& program, const Section& root) {
  std::string text = absl::StrCat(
      "## aerie-", program.name, "\n\n", program.summary,
      "\n\n| key | type | default | |\n| --- | --- | --- | --- |\n");
  for (const Row& row : Rows(root)) {
    const std::string value = Default(*row.key);
    absl::StrAppend(&text, "| `", row.path, "` | ", row.key->type, " | ",
                    value.empty() ? "" : absl::StrCat("`", value, "`"), " | ",
                    row.key->description, " |\n");
  }
  absl::StrAppend(&text, "\nThe defaults, as a file:\n\n```yaml\n",
                  YAML::Dump(root.Write()), "\n```\n");
  return text;
}

}  // namespace aerie::config
