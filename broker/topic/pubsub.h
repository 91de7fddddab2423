#ifndef AERIE_BROKER_TOPIC_PUBSUB_H_
#define AERIE_BROKER_TOPIC_PUBSUB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "broker/channel/channel.h"
#include "broker/channel/socket.h"
#include "broker/topic/fastlane.h"

namespace aerie::broker {

// One topic that channels have joined, or are joining or leaving.
struct Topic {
  explicit Topic(absl::string_view name) : name(name) {}

  const std::string name;
  // Which channel a socket's messages on this topic go to; also the members
  // whose join is under way. Phoenix: the map that Phoenix.Socket keeps.
  absl::flat_hash_map<const Socket*, Channel*> members;
  Fastlane fastlane;
  // Channels that refer to it: the members, and those that only have their
  // terminate before them.
  uint32_t channels = 0;
  // Whether one of them is joined: from the first one's arrival until the last
  // one has departed.
  bool occupied = false;
};

// The topics of one shard, found by name. Phoenix: Phoenix.PubSub. Lives on its
// shard's loop; a Topic lives from its first Open to its last Close.
class PubSub {
 public:
  // Null when no channel refers to the topic.
  Topic* Find(absl::string_view name) const;

  // The channel that a socket's messages on the topic go to, or null.
  Channel* Find(const Socket& socket, absl::string_view name) const;

  // For each channel, once; matched by Close.
  Topic& Open(absl::string_view name);
  void Close(Topic& topic);

  // In no order.
  void Visit(absl::FunctionRef<void(const Topic& topic)> visit) const {
    for (const std::unique_ptr<Topic>& topic : topics_) visit(*topic);
  }

  size_t size() const { return topics_.size(); }

 private:
  // By the name of the topic, which is stored once.
  struct Name {
    using is_transparent = void;
    static absl::string_view Of(absl::string_view name) { return name; }
    static absl::string_view Of(const std::unique_ptr<Topic>& topic) {
      return topic->name;
    }
  };
  struct Hash : Name {
    template <typename T>
    size_t operator()(const T& value) const {
      return absl::Hash<absl::string_view>()(Of(value));
    }
  };
  struct Equal : Name {
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Of(a) == Of(b);
    }
  };

  absl::flat_hash_set<std::unique_ptr<Topic>, Hash, Equal> topics_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_TOPIC_PUBSUB_H_
