#include "broker/topic/fastlane.h"

#include <algorithm>

#include "absl/algorithm/container.h"

namespace aerie::broker {

bool Fastlane::Group::Intercepts(absl::string_view event) const {
  return std::any_of(events.begin(), events.end(),
                     [event](const std::string& e) { return e == event; });
}

bool Fastlane::Enlist(Channel& channel, const std::vector<std::string>& events,
                      uint32_t groups_max) {
  uint32_t group = 0;
  if (!events.empty()) {
    auto it = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
      return !g.members.empty() && g.events == events;
    });
    if (it == groups_.end()) {
      it = std::find_if(groups_.begin(), groups_.end(),
                        [](const Group& g) { return g.members.empty(); });
    }
    if (it == groups_.end()) {
      if (groups_.size() + 1 >= std::min(groups_max, kGroupsMax)) return false;
      it = groups_.emplace(it);
    }
    it->events = events;
    channel.group_index = static_cast<uint32_t>(it->members.size());
    it->members.push_back(&channel);
    group = static_cast<uint32_t>(it - groups_.begin()) + 1;
  }
  channel.group = group;
  ++lanes_[{&channel.socket->edge(), group}];
  return true;
}

void Fastlane::Delist(Channel& channel) {
  const auto lane = lanes_.find({&channel.socket->edge(), channel.group});
  if (--lane->second == 0) lanes_.erase(lane);
  if (channel.group == 0) return;
  std::vector<Channel*>& members = groups_[channel.group - 1].members;
  members[channel.group_index] = members.back();
  members[channel.group_index]->group_index = channel.group_index;
  members.pop_back();
}

uint32_t Fastlane::GroupsFor(absl::string_view event) const {
  uint32_t groups = 1;
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].members.empty() || groups_[i].Intercepts(event)) continue;
    groups |= 2u << i;
  }
  return groups;
}

uint32_t Fastlane::Publish(v1::Message broadcast, Except except) const {
  const uint32_t groups = GroupsFor(broadcast.event());
  v1::BrokerFrame frame;
  v1::Fanout& fanout = *frame.mutable_fanout();
  *fanout.mutable_message() = std::move(broadcast);
  fanout.set_groups(groups);
  // An edge whose only listeners are excepted is spared.
  absl::btree_map<std::pair<const Edge*, uint32_t>, uint32_t> spared;
  for (const Channel* channel : except) {
    fanout.add_except(channel->pid.number());
    if (channel->enlisted) ++spared[{&channel->socket->edge(), channel->group}];
  }

  // All but the last edge get a copy.
  uint32_t sent = 0;
  Edge* edge = nullptr;
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    Edge* const candidate = lane->first.first;
    uint32_t listeners = 0;
    for (; lane != lanes_.end() && lane->first.first == candidate; ++lane) {
      const uint32_t group = lane->first.second;
      if ((groups >> group & 1) == 0) continue;
      listeners += lane->second;
      const auto found = spared.find({candidate, group});
      if (found != spared.end()) listeners -= found->second;
    }
    if (listeners == 0) continue;
    if (edge != nullptr) edge->Send(frame);
    edge = candidate;
    ++sent;
  }
  if (edge != nullptr) edge->Send(std::move(frame));
  return sent;
}

std::vector<Pid> Fastlane::Intercepting(absl::string_view event,
                                        Except except) const {
  std::vector<Pid> pids;
  for (const Group& group : groups_) {
    if (group.members.empty() || !group.Intercepts(event)) continue;
    for (const Channel* channel : group.members) {
      if (!absl::c_linear_search(except, channel)) pids.push_back(channel->pid);
    }
  }
  return pids;
}

void Fastlane::VisitEdges(
    absl::FunctionRef<void(const Edge&, uint32_t)> visit) const {
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const Edge* const edge = lane->first.first;
    uint32_t channels = 0;
    for (; lane != lanes_.end() && lane->first.first == edge; ++lane) {
      channels += lane->second;
    }
    visit(*edge, channels);
  }
}

uint32_t Fastlane::channels() const {
  uint32_t channels = 0;
  for (const auto& [lane, count] : lanes_) channels += count;
  return channels;
}

}  // namespace aerie::broker
