#include "clients/cpp/options.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "clients/cpp/files.h"

namespace aerie::client {

std::function<absl::StatusOr<std::string>()> StaticToken(std::string token) {
  return [token = std::move(token)] { return token; };
}

std::function<absl::StatusOr<std::string>()> TokenFile(std::string path) {
  return [path = std::move(path)]() -> absl::StatusOr<std::string> {
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return text.status();
    return std::string(absl::StripAsciiWhitespace(*text));
  };
}

}  // namespace aerie::client
