#ifndef AERIE_BROKER_SHARD_SOCKET_IDS_H_
#define AERIE_BROKER_SHARD_SOCKET_IDS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "broker/channel/socket.h"

namespace aerie::broker {

// Which sockets have which id; ids that hash to a shard are kept there.
// Phoenix: the subscription of each connection to the topic of its id. Lives on
// its shard's loop.
class SocketIds {
 public:
  void Add(const SocketPtr& socket);
  // Nothing happens when it is not there.
  void Remove(const SocketPtr& socket);
  std::vector<SocketPtr> Find(absl::string_view id) const;

 private:
  absl::flat_hash_map<std::string, absl::flat_hash_set<SocketPtr>> sockets_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_SOCKET_IDS_H_
