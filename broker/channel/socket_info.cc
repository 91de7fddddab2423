#include "broker/channel/socket_info.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace aerie::broker {

std::string SocketKey(const Socket& socket) {
  return absl::StrCat(socket.edge().name(), "/", socket.number());
}

bool ParseSocketKey(absl::string_view key, absl::string_view* edge,
                    uint64_t* number) {
  const size_t slash = key.rfind('/');
  if (slash == absl::string_view::npos || slash == 0) return false;
  *edge = key.substr(0, slash);
  return absl::SimpleAtoi(key.substr(slash + 1), number) && *number != 0;
}

void Describe(const Socket& socket, v1::SocketInfo* info) {
  info->set_key(SocketKey(socket));
  info->set_socket_id(socket.id());
  info->set_assigns(socket.assigns().empty() ? "{}" : socket.assigns());
}

}  // namespace aerie::broker
