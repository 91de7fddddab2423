#include "broker/shard/socket_ids.h"

namespace aerie::broker {

void SocketIds::Add(const SocketPtr& socket) {
  sockets_[socket->id()].insert(socket);
}

void SocketIds::Remove(const SocketPtr& socket) {
  const auto sockets = sockets_.find(socket->id());
  if (sockets == sockets_.end()) return;
  sockets->second.erase(socket);
  if (sockets->second.empty()) sockets_.erase(sockets);
}

std::vector<SocketPtr> SocketIds::Find(absl::string_view id) const {
  const auto sockets = sockets_.find(id);
  if (sockets == sockets_.end()) return {};
  return {sockets->second.begin(), sockets->second.end()};
}

}  // namespace aerie::broker
