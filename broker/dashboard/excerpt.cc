#include "broker/dashboard/excerpt.h"

#include <algorithm>
#include <string>

namespace aerie::broker {
namespace {

// Topics and ids are as long as an application makes them. Cut where a
// character begins.
void Cut(std::string* name) {
  if (name->size() <= kNameBytesMax) return;
  size_t end = kNameBytesMax;
  while (end > 0 && (static_cast<unsigned char>((*name)[end]) & 0xC0) == 0x80) {
    --end;
  }
  name->resize(end);
  *name += "…";
}

template <typename Repeated>
void KeepFirst(int max, Repeated* repeated) {
  if (repeated->size() > max) {
    repeated->DeleteSubrange(max, repeated->size() - max);
  }
}

template <typename Repeated, typename Size>
void KeepLargest(int max, Repeated* repeated, Size size) {
  if (repeated->size() <= max) return;
  std::stable_sort(
      repeated->begin(), repeated->end(),
      [&size](const auto& a, const auto& b) { return size(a) > size(b); });
  KeepFirst(max, repeated);
}

void Shorten(v1::SocketDetails* details) {
  Cut(details->mutable_socket()->mutable_socket_id());
  details->mutable_socket()->clear_assigns();
  KeepFirst(kTopicsShownMax, details->mutable_topics());
  for (std::string& topic : *details->mutable_topics()) Cut(&topic);
}

}  // namespace

void Shorten(v1::ListTopicsResponse* response) {
  for (v1::TopicInfo& topic : *response->mutable_topics()) {
    Cut(topic.mutable_topic());
  }
  if (response->next_page_token().size() > kPageTokenBytesMax) {
    response->clear_next_page_token();
  }
}

void Shorten(v1::GetTopicResponse* response) {
  const auto channels = [](const auto& share) { return share.channels(); };
  KeepLargest(kEdgesShownMax, response->mutable_edges(), channels);
  KeepLargest(kHostsShownMax, response->mutable_hosts(), channels);
  KeepFirst(kChannelsShownMax, response->mutable_sample());
  for (v1::ChannelInfo& channel : *response->mutable_sample()) {
    Cut(channel.mutable_socket_id());
  }
}

void Shorten(v1::ListSocketsResponse* response) {
  for (v1::SocketDetails& details : *response->mutable_sockets()) {
    Shorten(&details);
  }
}

void Shorten(v1::GetSocketResponse* response) {
  Shorten(response->mutable_socket());
}

void Shorten(v1::ClusterInfoResponse* response) {
  KeepLargest(kEdgesShownMax, response->mutable_edges(),
              [](const auto& edge) { return edge.sockets(); });
  KeepLargest(kHostsShownMax, response->mutable_hosts(),
              [](const auto& host) { return host.channels(); });
  for (auto& host : *response->mutable_hosts()) {
    KeepFirst(kTopicsShownMax, host.mutable_patterns());
    for (std::string& pattern : *host.mutable_patterns()) Cut(&pattern);
  }
}

}  // namespace aerie::broker
