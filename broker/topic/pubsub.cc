#include "broker/topic/pubsub.h"

namespace aerie::broker {

Topic* PubSub::Find(absl::string_view name) const {
  const auto topic = topics_.find(name);
  return topic == topics_.end() ? nullptr : topic->get();
}

Channel* PubSub::Find(const Socket& socket, absl::string_view name) const {
  const Topic* topic = Find(name);
  if (topic == nullptr) return nullptr;
  const auto member = topic->members.find(&socket);
  return member == topic->members.end() ? nullptr : member->second;
}

Topic& PubSub::Open(absl::string_view name) {
  Topic* topic = Find(name);
  if (topic == nullptr) {
    topic = topics_.insert(std::make_unique<Topic>(name)).first->get();
  }
  ++topic->channels;
  return *topic;
}

void PubSub::Close(Topic& topic) {
  if (--topic.channels != 0) return;
  topics_.erase(topics_.find(absl::string_view(topic.name)));
}

}  // namespace aerie::broker
