#ifndef AERIE_BROKER_TOPIC_FASTLANE_H_
#define AERIE_BROKER_TOPIC_FASTLANE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "broker/channel/channel.h"
#include "broker/channel/edge.h"
#include "broker/channel/pid.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

// A topic's broadcasts' way past its channels: one Fanout for each edge,
// however many sockets it has. Channels that intercept the same events form a
// group; the Fanout names the groups that its event is for, and the channels of
// the others get handle_out. Phoenix: fastlane. Lives on its topic's loop.
class Fastlane {
 public:
  // As many as Fanout.groups and Enlist.group may name.
  static constexpr uint32_t kGroupsMax = 16;

  // Puts the channel into the group that intercepts exactly `events` (sorted,
  // each once), and sets its `group`. False when that would be a group more
  // than `groups_max`.
  bool Enlist(Channel& channel, const std::vector<std::string>& events,
              uint32_t groups_max);
  // Undoes it.
  void Delist(Channel& channel);

  // Those that a broadcast leaves out.
  using Except = absl::Span<const Channel* const>;

  // Sends a broadcast to the edges of the channels that do not intercept it.
  // Returns how many Fanouts that took.
  uint32_t Publish(v1::Message broadcast, Except except) const;

  // The channels that intercept `event`.
  std::vector<Pid> Intercepting(absl::string_view event, Except except) const;

  // Calls `visit` for each edge, with the number of its channels.
  void VisitEdges(
      absl::FunctionRef<void(const Edge& edge, uint32_t channels)> visit) const;
  // Whether nobody hears broadcasts; else how many channels do.
  bool empty() const { return lanes_.empty(); }
  uint32_t channels() const;

 private:
  // One of the groups from 1 on; group 0 intercepts nothing and needs none.
  struct Group {
    std::vector<std::string> events;
    std::vector<Channel*> members;  // Without any, the group is free.

    bool Intercepts(absl::string_view event) const;
  };

  // As Fanout.groups.
  uint32_t GroupsFor(absl::string_view event) const;

  std::vector<Group> groups_;
  // How many channels of which group an edge has; those of one edge stand
  // together. An edge lives at least as long as the sockets counted here.
  absl::btree_map<std::pair<Edge*, uint32_t>, uint32_t> lanes_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_TOPIC_FASTLANE_H_
