#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/shard/shard.h"

// What services do to channels, and what they may know of them.
namespace aerie::broker {
namespace {

using State = Channel::State;

}  // namespace

BroadcastResult Shard::Broadcast(ServiceBroadcast broadcast) {
  loop_.CheckInTurn();
  v1::Message& message = broadcast.message;
  if (!broadcast.idempotency_key.empty() &&
      !recent_keys_.Add(
          // No topic ends within another one's key: it says where it ends.
          absl::StrCat(message.topic().size(), ":", message.topic(),
                       broadcast.idempotency_key),
          loop_.clock().NowMs())) {
    return {.duplicate = true};
  }
  Topic* const topic = pubsub_.Find(message.topic());
  if (topic == nullptr) {
    TellBroadcast(message);
    return {};
  }
  return {.edges = Publish(*topic, std::move(message),
                           Except(*topic, broadcast.except_socket_ids))};
}

// The topic's channels of the sockets with these ids.
std::vector<const Channel*> Shard::Except(
    const Topic& topic, const std::vector<std::string>& socket_ids) const {
  std::vector<const Channel*> except;
  for (const std::string& id : socket_ids) {
    VisitSockets(id, [&](const Socket& socket) {
      const auto member = topic.members.find(&socket);
      if (member != topic.members.end()) except.push_back(member->second);
    });
  }
  return except;
}

void Shard::VisitSockets(
    absl::string_view id,
    absl::FunctionRef<void(const Socket& socket)> visit) const {
  for (auto it = ids_here_.lower_bound({id, nullptr});
       it != ids_here_.end() && it->first == id; ++it) {
    visit(*it->second);
  }
}

std::vector<Pid> Shard::Select(const ChannelSet& set) const {
  std::vector<Pid> pids;
  const auto add = [&pids](const Channel* channel) {
    if (channel != nullptr && channel->state == State::kJoined) {
      pids.push_back(channel->pid);
    }
  };
  if (set.pid.has_value()) {
    add(Find(*set.pid));
    return pids;
  }
  const Topic* const topic = pubsub_.Find(set.topic);
  if (topic == nullptr) return pids;
  if (set.socket_id.empty()) {
    for (const auto& [socket, channel] : topic->members) add(channel);
    return pids;
  }
  VisitSockets(set.socket_id, [&](const Socket& socket) {
    const auto member = topic->members.find(&socket);
    if (member != topic->members.end()) add(member->second);
  });
  return pids;
}

uint32_t Shard::PushTo(const ChannelSet& to, const broker::Push& push) {
  loop_.CheckInTurn();
  const std::vector<Pid> pids = Select(to);
  for (const Pid& pid : pids) {
    ++tally_.pushes;
    Find(pid)->SendPush(push);
  }
  return static_cast<uint32_t>(pids.size());
}

// The end of one may be that of another.
uint32_t Shard::Close(const ChannelSet& channels, ExitReason reason) {
  loop_.CheckInTurn();
  uint32_t closed = 0;
  for (const Pid& pid : Select(channels)) {
    Channel* const channel = Find(pid);
    if (channel == nullptr || channel->state != State::kJoined) continue;
    Stop stop{reason};
    Do(*channel, stop);
    ++closed;
  }
  return closed;
}

uint32_t Shard::Disconnect(absl::string_view socket_id, uint32_t code) {
  loop_.CheckInTurn();
  uint32_t sockets = 0;
  for (const SocketPtr& socket : ids_.Find(socket_id)) {
    if (socket->closing()) continue;
    ++tally_.disconnects;
    ++sockets;
    socket->Close(code);
  }
  return sockets;
}

std::vector<SocketPtr> Shard::SocketsOf(absl::string_view socket_id) const {
  loop_.CheckInTurn();
  return ids_.Find(socket_id);
}

std::vector<TopicCount> Shard::ListTopics(absl::string_view prefix,
                                          absl::string_view after,
                                          size_t max) const {
  loop_.CheckInTurn();
  std::vector<const Topic*> topics;
  pubsub_.Visit([&](const Topic& topic) {
    if (topic.occupied && topic.name > after &&
        absl::StartsWith(topic.name, prefix)) {
      topics.push_back(&topic);
    }
  });
  const auto last =
      topics.begin() + static_cast<ptrdiff_t>(std::min(max, topics.size()));
  std::partial_sort(
      topics.begin(), last, topics.end(),
      [](const Topic* a, const Topic* b) { return a->name < b->name; });
  std::vector<TopicCount> counts;
  for (auto it = topics.begin(); it != last; ++it) {
    counts.push_back({(*it)->name, (*it)->fastlane.channels()});
  }
  return counts;
}

std::vector<TopicCount> Shard::TopTopics(size_t max) const {
  loop_.CheckInTurn();
  std::vector<std::pair<uint32_t, const Topic*>> topics;
  pubsub_.Visit([&](const Topic& topic) {
    if (topic.occupied) topics.emplace_back(topic.fastlane.channels(), &topic);
  });
  const auto last =
      topics.begin() + static_cast<ptrdiff_t>(std::min(max, topics.size()));
  std::partial_sort(
      topics.begin(), last, topics.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first
                                  : a.second->name < b.second->name;
      });
  std::vector<TopicCount> counts;
  for (auto it = topics.begin(); it != last; ++it) {
    counts.push_back({it->second->name, it->first});
  }
  return counts;
}

absl::optional<TopicView> Shard::LookAt(absl::string_view topic_name,
                                        size_t sample_max) const {
  loop_.CheckInTurn();
  const Topic* const topic = pubsub_.Find(topic_name);
  if (topic == nullptr || !topic->occupied) return absl::nullopt;
  TopicView view;
  topic->fastlane.VisitEdges([&view](const Edge& edge, uint32_t channels) {
    view.channels += channels;
    view.edges[std::string(edge.name())] += channels;
  });
  for (const auto& [socket, channel] : topic->members) {
    if (!channel->enlisted) continue;
    std::string host = HostName(*channel);
    ++view.hosts[host];
    if (view.sample.size() < sample_max) {
      view.sample.push_back({channel->pid, channel->socket, std::move(host)});
    }
  }
  return view;
}

std::vector<std::string> Shard::TopicsOf(const Socket& socket) const {
  loop_.CheckInTurn();
  std::vector<std::string> topics;
  const auto first = sockets_.find(&socket);
  if (first == sockets_.end()) return topics;
  for (const Channel* channel = first->second; channel != nullptr;
       channel = channel->next) {
    if (channel->state == State::kJoined) topics.push_back(channel->topic_name);
  }
  return topics;
}

Census Shard::Count() const {
  loop_.CheckInTurn();
  Census census;
  census.topics = occupied_topics_;
  for (const Route& route : router_->routes()) {
    if (!route.host_name.empty()) census.hosts[route.host_name];
  }
  for (const auto& [host, channels] : joined_by_host_) {
    census.channels += channels;
    const std::string name = RouteName(*host);
    if (!name.empty()) census.hosts[name] += channels;
  }
  return census;
}

// Attached hosts know which of them has a channel; others are named where they
// are routed to.
std::string Shard::HostName(const Channel& channel) const {
  const std::string name = channel.host.NameOf(channel.pid);
  return name.empty() ? RouteName(channel.host) : name;
}

std::string Shard::RouteName(const Host& host) const {
  for (const Route& route : router_->routes()) {
    if (route.host.get() == &host) return route.host_name;
  }
  return {};
}

}  // namespace aerie::broker
