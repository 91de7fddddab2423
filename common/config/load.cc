#include "common/config/load.h"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/build_info.h"
#include "common/config/docs.h"
#include "yaml-cpp/yaml.h"

namespace aerie::config {
namespace {

constexpr int kFailed = 2;

enum class Mode { kRun, kCheck, kPrint, kPrintDocs, kHelp, kVersion };
const std::map<std::string, Mode> kModes = {
    {"--check-config", Mode::kCheck},
    {"--print-config", Mode::kPrint},
    {"--print-config-docs", Mode::kPrintDocs},
    {"--help", Mode::kHelp},
    {"--version", Mode::kVersion},
};

// One key set outside of the file.
struct Override {
  Entry entry;
  std::string text;
  std::string source;  // `--log.level`, `AERIE_EDGE_LOG_LEVEL`.
};

struct CommandLine {
  Mode mode = Mode::kRun;
  std::string file;
  std::vector<Override> overrides;
};

// Parses YAML. yaml-cpp throws; this is where that ends.
absl::optional<YAML::Node> Parse(const std::string& text, Place place,
                                 Errors& errors) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      place.Blame("expected one YAML document, got several", errors);
      return absl::nullopt;
    }
    return documents.empty() ? YAML::Node() : documents[0];
  } catch (const YAML::Exception& e) {
    if (!e.mark.is_null()) {
      absl::StrAppend(&place.where, ":", e.mark.line + 1, ":",
                      e.mark.column + 1);
    }
    place.Blame(absl::StrCat("not YAML: ", e.msg), errors);
    return absl::nullopt;
  }
}

// Reads the arguments one by one.
class CommandLineReader {
 public:
  CommandLineReader(Section& root, const std::vector<std::string>& arguments,
                    Errors& errors)
      : entries_(Entries(root)), arguments_(arguments), errors_(errors) {}

  CommandLine Read() {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      const std::pair<std::string, absl::optional<std::string>> flag =
          Split(argument);
      if (const auto mode = kModes.find(argument); mode != kModes.end()) {
        line_.mode = mode->second;
      } else if (flag.first == "--config") {
        if (auto file = ValueOf(flag)) line_.file = *file;
      } else {
        ReadKey(flag);
      }
    }
    return std::move(line_);
  }

 private:
  using Flag = std::pair<std::string, absl::optional<std::string>>;

  static Flag Split(const std::string& argument) {
    const size_t equals = argument.find('=');
    if (equals == std::string::npos) return {argument, absl::nullopt};
    return {argument.substr(0, equals), argument.substr(equals + 1)};
  }

  // What follows the equals sign, or else the next argument.
  absl::optional<std::string> ValueOf(const Flag& flag) {
    if (flag.second) return flag.second;
    if (next_ < arguments_.size()) return arguments_[next_++];
    Place{flag.first, ""}.Blame("expected a value", errors_);
    return absl::nullopt;
  }

  void ReadKey(const Flag& flag) {
    std::vector<std::string> known = {"--config"};
    for (const auto& mode : kModes) known.push_back(mode.first);
    for (const Entry& entry : entries_) {
      known.push_back(absl::StrCat("--", entry.path));
      if (known.back() != flag.first) continue;
      const auto text = entry.key->is_switch && !flag.second
                            ? absl::optional<std::string>("true")
                            : ValueOf(flag);
      if (text) line_.overrides.push_back({entry, *text, flag.first});
      return;
    }
    // All that there are would fill the screen: --help does.
    std::string hint = Hint(flag.first, known);
    if (!absl::StrContains(hint, "did you mean")) hint = "; see --help";
    Place{flag.first, ""}.Blame(absl::StrCat("unknown flag", hint), errors_);
  }

  const std::vector<Entry> entries_;
  const std::vector<std::string>& arguments_;
  Errors& errors_;
  size_t next_ = 0;
  CommandLine line_;
};

// Kubernetes tells every container of its services: a service `aerie-edge` is
// AERIE_EDGE_SERVICE_HOST, AERIE_EDGE_PORT_4000_TCP_ADDR and so on.
bool FromKubernetes(absl::string_view variable) {
  return absl::StrContains(variable, "_SERVICE_HOST") ||
         absl::StrContains(variable, "_SERVICE_PORT") ||
         absl::EndsWith(variable, "_PORT") ||
         absl::StrContains(variable, "_TCP") ||
         absl::StrContains(variable, "_UDP");
}

std::vector<Override> ReadEnvironment(const Program& program, Section& root,
                                      const Environment& environment,
                                      std::string& file, Errors& errors) {
  std::map<std::string, Entry> known;
  std::vector<std::string> names = {VariableName(program, "config")};
  for (Entry& entry : Entries(root)) {
    names.push_back(VariableName(program, entry.path));
    known.emplace(names.back(), std::move(entry));
  }
  std::vector<Override> overrides;
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, VariableName(program, ""))) continue;
    if (name == names[0]) {
      file = value;
    } else if (const auto found = known.find(name); found != known.end()) {
      overrides.push_back({found->second, value, name});
    } else if (!FromKubernetes(name)) {
      std::string hint = Hint(name, names);
      if (!absl::StrContains(hint, "did you mean")) hint = "; see --help";
      Place{name, ""}.Blame(absl::StrCat("unknown variable", hint), errors);
    }
  }
  return overrides;
}

void ReadFile(const std::string& name, Section& root, Errors& errors) {
  std::ifstream file(name, std::ios::binary);
  std::stringstream text;
  file.peek();  // Folders can be opened, but not read.
  if (!file.is_open() || file.bad()) {
    return Place{name, ""}.Blame("cannot be read", errors);
  }
  text << file.rdbuf();
  const absl::optional<YAML::Node> node = Parse(text.str(), {name, ""}, errors);
  if (node) root.Read(Value(*node, name, true, ""), errors);
}

void Apply(const Override& override, Errors& errors) {
  const Key& key = *override.entry.key;
  const absl::optional<YAML::Node> node =
      key.verbatim ? YAML::Node(override.text)
                   : Parse(override.text, {override.source, ""}, errors);
  if (!node) return;
  const Value value(*node, override.source, false, "");
  override.entry.section->ReadKey(key, value, errors);
}

Outcome Print(const Program& program, const Section& root, Mode mode) {
  switch (mode) {
    case Mode::kCheck:
      return {0, "configuration ok\n", ""};
    case Mode::kPrint:
      return {0, absl::StrCat(YAML::Dump(root.Write()), "\n"), ""};
    case Mode::kRun:
      return {absl::nullopt, "", ""};
    case Mode::kPrintDocs:
      return {0, Markdown(program, root), ""};
    case Mode::kHelp:
      return {0, Help(program, root), ""};
    case Mode::kVersion:
      return {0, absl::StrCat(BuildInfo(program.name), "\n"), ""};
  }
  return {absl::nullopt, "", ""};
}

}  // namespace

Outcome Load(const Program& program, Section& root,
             const std::vector<std::string>& arguments,
             const Environment& environment) {
  Errors errors;
  const CommandLine line = CommandLineReader(root, arguments, errors).Read();
  const bool reads = line.mode == Mode::kRun || line.mode == Mode::kCheck ||
                     line.mode == Mode::kPrint;
  if (errors.empty() && reads) {
    std::string file;
    const std::vector<Override> variables =
        ReadEnvironment(program, root, environment, file, errors);
    if (!line.file.empty()) file = line.file;
    if (!file.empty()) ReadFile(file, root, errors);
    for (const Override& one : variables) Apply(one, errors);
    for (const Override& one : line.overrides) Apply(one, errors);
    // Rules between keys say nothing about keys that could not be read.
    if (errors.empty()) root.RunChecks(errors);
  }
  if (errors.empty()) return Print(program, root, line.mode);
  return {kFailed, "", absl::StrCat(absl::StrJoin(errors, "\n"), "\n")};
}

absl::optional<int> LoadOrExit(const Program& program, Section& root, int argc,
                               char** argv) {
  Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    variables.insert(std::pair<std::string, std::string>(
        absl::StrSplit(*entry, absl::MaxSplits('=', 1))));
  }
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const Outcome outcome = Load(program, root, arguments, variables);
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err;
  return outcome.exit_status;
}

std::string VariableName(const Program& program, const std::string& path) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(
      absl::StrCat("aerie_", program.name, "_", path), {{".", "_"}}));
}

}  // namespace aerie::config
