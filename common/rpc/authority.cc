#include "common/rpc/authority.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aerie::rpc {
namespace {

// The host of `host:port`; brackets of an IPv6 address are taken off.
absl::string_view HostOf(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "[")) {
    return address.substr(0, address.find(']'));
  }
  return address.substr(0, address.rfind(':'));
}

// 127.0.0.0/8. Four numbers: `127.example.com` is a name like any other.
bool IsLoopbackV4(absl::string_view host) {
  int parts = 0;
  for (const absl::string_view part : absl::StrSplit(host, '.')) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number) || number < 0 || number > 255) {
      return false;
    }
    if (parts == 0 && number != 127) return false;
    ++parts;
  }
  return parts == 4;
}

}  // namespace

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  const absl::string_view host = HostOf(address);
  return absl::EqualsIgnoreCase(host, "localhost") || host == "::1" ||
         IsLoopbackV4(host);
}

absl::Status CheckListenAddress(absl::string_view address, bool credentials,
                                bool insecure) {
  if (credentials || insecure || IsLoopback(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "address ", address,
      " can be reached from other machines, and there are no credentials: "
      "listen on a loopback address, or set `insecure: true` if the network "
      "keeps strangers out"));
}

}  // namespace aerie::rpc
