#include "test/bench/options.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace aerie::bench {
namespace {

absl::Status LookUp(const std::string& host, const std::string& port,
                    Target* target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat(host, ":", port, ": ", gai_strerror(error)));
  }
  std::memcpy(&target->address, found->ai_addr, found->ai_addrlen);
  target->address_size = found->ai_addrlen;
  freeaddrinfo(found);
  if (target->address.ss_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &target->address, sizeof(address));
    target->loopback = ntohl(address.sin_addr.s_addr) >> 24 == 127;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Target> ParseTarget(absl::string_view url) {
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "ws://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected ws://host[:port]/path, got ", url));
  }
  const size_t host_end = rest.find('/');
  Target target;
  target.host = std::string(rest.substr(0, host_end));
  target.request = host_end == absl::string_view::npos
                       ? "/"
                       : std::string(rest.substr(host_end));
  if (!absl::StrContains(target.request, "vsn=")) {
    absl::StrAppend(&target.request,
                    absl::StrContains(target.request, '?') ? "&" : "?",
                    "vsn=2.0.0");
  }
  const size_t colon = target.host.rfind(':');
  const bool has_port = colon != std::string::npos;
  const absl::Status status =
      LookUp(target.host.substr(0, colon),
             has_port ? target.host.substr(colon + 1) : "80", &target);
  if (!status.ok()) return status;
  return target;
}

std::string Options::TopicOf(uint32_t socket) const {
  return topics == 1 ? topic : absl::StrCat(topic, ":", socket % topics);
}

uint32_t Options::SocketsOf(uint32_t topic) const {
  return sockets / topics + (topic < sockets % topics ? 1 : 0);
}

absl::Status Check(const Options& options) {
  const std::pair<bool, const char*> rules[] = {
      {options.targets.empty(), "--target is missing"},
      {options.sockets == 0, "--sockets must not be 0"},
      {options.topics == 0, "--topics must not be 0"},
      {options.topics > options.sockets, "there are more topics than sockets"},
      {options.window == 0, "--window must not be 0"},
      {options.parallel == 0, "--parallel must not be 0"},
      {options.seconds <= 0, "--seconds must be more than 0"},
      {options.cycles == 0, "--cycles must not be 0"},
  };
  for (const auto& [broken, message] : rules) {
    if (broken) return absl::InvalidArgumentError(message);
  }
  return absl::OkStatus();
}

}  // namespace aerie::bench
