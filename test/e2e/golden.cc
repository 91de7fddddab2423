#include "test/e2e/golden.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace aerie::testing {

using nlohmann::json;

std::vector<json> Golden(absl::string_view name) {
  const std::string path = absl::StrCat("test/data/", name, ".json");
  std::ifstream file(path);
  const json entries = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!entries.is_array()) {
    std::cerr << "cannot read " << path << "\n";
    std::abort();
  }
  return entries.get<std::vector<json>>();
}

std::string TestName(const json& entry, size_t index) {
  std::string name = entry["name"].get<std::string>();
  for (char& letter : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(letter))) letter = '_';
  }
  return absl::StrCat(index, "_", name);
}

std::string Wire(const json& entry) {
  std::string wire = entry["wire"].get<std::string>();
  if (entry["wire_encoding"] == "utf8") return wire;
  std::string bytes;
  absl::Base64Unescape(wire, &bytes);
  return bytes;
}

std::string TargetOf(absl::string_view dialect) {
  if (dialect == "founding") return "/socket";
  if (dialect == "1.0.0") return "/socket/websocket?vsn=1.0.0";
  return "/socket/websocket?vsn=2.0.0";
}

}  // namespace aerie::testing
