#include "common/rpc/bearer_token.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace aerie::rpc {
namespace {

// What a file may hold: the token, and the white space around it.
constexpr size_t kFileBytesMax = 2 * kTokenBytesMax;

}  // namespace

absl::StatusOr<std::string> TakeToken(absl::string_view text,
                                      absl::string_view source) {
  const absl::string_view token = absl::StripAsciiWhitespace(text);
  if (token.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(source, " is empty"));
  }
  if (token.size() > kTokenBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        source, " holds more than a token of ", kTokenBytesMax, " bytes"));
  }
  const auto printable = [](char c) { return absl::ascii_isprint(c); };
  if (!std::all_of(token.begin(), token.end(), printable)) {
    return absl::InvalidArgumentError(absl::StrCat(
        source, " is no token: expected one line of printable ASCII"));
  }
  return std::string(token);
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kFileBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  // Folders can be opened, but not read.
  if (in.bad() || (text.empty() && !in.eof())) {
    return absl::NotFoundError(absl::StrCat("cannot read ", file));
  }
  if (text.size() == kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " holds more than a token"));
  }
  return TakeToken(text, file);
}

absl::StatusOr<std::string> ReadTokenVariable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) {
    return absl::NotFoundError(absl::StrCat("$", name, " is not set"));
  }
  return TakeToken(value, absl::StrCat("$", name));
}

}  // namespace aerie::rpc
