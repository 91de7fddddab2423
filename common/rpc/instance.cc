#include "common/rpc/instance.h"

#include <unistd.h>

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace aerie::rpc {
namespace {

constexpr size_t kNameBytesMax = 100;

std::string HostName() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
    return "unnamed";
  }
  return name;
}

}  // namespace

std::string NewInstanceName(absl::string_view name) {
  const std::string host = name.empty() ? HostName() : std::string();
  if (name.empty()) name = host;
  absl::BitGen random;
  return absl::StrCat(
      name.substr(0, kNameBytesMax), "-",
      absl::Hex(absl::Uniform<uint32_t>(random), absl::kZeroPad8));
}

}  // namespace aerie::rpc
