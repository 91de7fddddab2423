#ifndef AERIE_BROKER_CONTROL_CONTROL_H_
#define AERIE_BROKER_CONTROL_CONTROL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/auth/connect_rule.h"
#include "broker/auth/resume_blob.h"
#include "broker/control/broadcasts.h"
#include "broker/control/edges.h"
#include "broker/control/rules.h"
#include "broker/hosts/attached/attached_hosts.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/shards.h"
#include "broker/topic/router.h"
#include "common/clock.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// What Control speaks of. Outlives it.
struct ControlContext {
  Shards& shards;
  Edges& edges;
  AttachedHosts& hosts;
  // Judges new tokens.
  ConnectRule& rule;
  const ResumeBlobs& blobs;
  const Limits& limits;
  Metrics& metrics;
  const Clock& clock;
  // Those of the configuration.
  std::shared_ptr<const Router> routes;
  // What Welcome calls this process.
  std::string broker;
};

// The calls of aerie.v1.Control, one method each, but for its streams: checks
// what is asked, asks the shards and edges, gathers what they say. Phoenix:
// Phoenix.Endpoint's broadcast functions, and what `:observer` shows.
//
// Any thread; answers come on whatever thread, maybe within the call. A request
// lives until it is answered. What Control does to channels is in control.cc,
// what it sees of the broker in control_looks.cc.
class Control {
 public:
  template <typename Response>
  using Answer = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  explicit Control(ControlContext context);

  void Broadcast(const v1::BroadcastRequest& request,
                 Answer<v1::BroadcastResponse> answer);
  void BroadcastBatch(const v1::BroadcastBatchRequest& request,
                      Answer<v1::BroadcastBatchResponse> answer);
  void Push(const v1::PushRequest& request, Answer<v1::PushResponse> answer);
  void Disconnect(const v1::DisconnectRequest& request,
                  Answer<v1::DisconnectResponse> answer);
  void CloseChannel(const v1::CloseChannelRequest& request,
                    Answer<v1::CloseChannelResponse> answer);
  void RenewToken(const v1::RenewTokenRequest& request,
                  Answer<v1::RenewTokenResponse> answer);

  void ListTopics(const v1::ListTopicsRequest& request,
                  Answer<v1::ListTopicsResponse> answer);
  void GetTopic(const v1::GetTopicRequest& request,
                Answer<v1::GetTopicResponse> answer);
  void ListSockets(const v1::ListSocketsRequest& request,
                   Answer<v1::ListSocketsResponse> answer);
  void GetSocket(const v1::GetSocketRequest& request,
                 Answer<v1::GetSocketResponse> answer);
  void ClusterInfo(const v1::ClusterInfoRequest& request,
                   Answer<v1::ClusterInfoResponse> answer);

  // For the dashboard, not a call: the topics with the most channels, these
  // first. One page.
  void TopTopics(uint32_t max, Answer<v1::ListTopicsResponse> answer);

  // For the streams.
  Broadcasts& broadcasts() { return broadcasts_; }

 private:
  struct SocketPage;

  // NOT_FOUND when there is no such socket.
  void FindSocket(absl::string_view key,
                  absl::AnyInvocable<void(absl::StatusOr<SocketPtr>)> to);
  absl::StatusOr<v1::RenewTokenResponse> Renew(const SocketPtr& socket,
                                               ConnectVerdict verdict);
  uint32_t ShardOf(const ChannelSet& set) const;

  // Asks every shard for topics; the first `max` of them all in an order.
  using Topics = std::vector<TopicCount>;
  void GatherTopics(size_t max,
                    absl::AnyInvocable<Topics(const Shard& asked) const> look,
                    bool (*before)(const TopicCount& a, const TopicCount& b),
                    absl::AnyInvocable<void(Topics)> to);

  void SocketsOfId(const std::string& id,
                   const std::shared_ptr<SocketPage>& page);
  void SocketsOfEdges(const std::shared_ptr<SocketPage>& page);
  void SocketsOfNextEdge(const std::shared_ptr<SocketPage>& page);
  void DescribeBroker(const Census& census,
                      v1::ClusterInfoResponse::Broker* broker) const;
  void DescribeHosts(const std::vector<AttachedHostPtr>& attached,
                     const Census& census,
                     v1::ClusterInfoResponse* response) const;

  const ControlContext context_;
  const int64_t started_ms_;
  Broadcasts broadcasts_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_CONTROL_H_
