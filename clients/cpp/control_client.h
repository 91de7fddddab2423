#ifndef AERIE_CLIENTS_CPP_CONTROL_CLIENT_H_
#define AERIE_CLIENTS_CPP_CONTROL_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/options.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::client {

// What a broker says about a call that failed, beside code and message.
struct ErrorDetails {
  std::string reason;  // Of ErrorInfo (`TOPIC_TOO_LONG`); may be empty.
  // Fields of the request, and what is wrong with them.
  std::vector<std::pair<std::string, std::string>> fields;
  absl::Duration retry_after;  // 0 when the broker doesn't say.
};

// Of a status that a ControlClient gave; empty for any other one.
ErrorDetails DetailsOf(const absl::Status& status);

// Calls to the broker, with the contract's own requests and responses
// (proto/aerie/v1/control.proto). They block; `deadline` counts for a call with
// all its retries. UNAVAILABLE is tried again at the next address, three
// attempts in all, where a call can be repeated: all but Push, and Broadcast
// and BroadcastBatch without idempotency keys. Connects on first use. Any
// thread.
class ControlClient {
 public:
  static constexpr absl::Duration kDeadline = absl::Seconds(5);

  explicit ControlClient(ConnectionOptions options);
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;
  ~ControlClient();

  absl::StatusOr<v1::BroadcastResponse> Broadcast(
      const v1::BroadcastRequest& request, absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::BroadcastBatchResponse> BroadcastBatch(
      const v1::BroadcastBatchRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::PushResponse> Push(const v1::PushRequest& request,
                                        absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::DisconnectResponse> Disconnect(
      const v1::DisconnectRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::CloseChannelResponse> CloseChannel(
      const v1::CloseChannelRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::RenewTokenResponse> RenewToken(
      const v1::RenewTokenRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::ListTopicsResponse> ListTopics(
      const v1::ListTopicsRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::GetTopicResponse> GetTopic(
      const v1::GetTopicRequest& request, absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::ListSocketsResponse> ListSockets(
      const v1::ListSocketsRequest& request,
      absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::GetSocketResponse> GetSocket(
      const v1::GetSocketRequest& request, absl::Duration deadline = kDeadline);
  absl::StatusOr<v1::ClusterInfoResponse> ClusterInfo(
      const v1::ClusterInfoRequest& request = {},
      absl::Duration deadline = kDeadline);

  // Every topic of the pages of ListTopics, from the request's on, until
  // `topic` says false. `deadline` counts for each page.
  absl::Status EachTopic(v1::ListTopicsRequest request,
                         const std::function<bool(const v1::TopicInfo&)>& topic,
                         absl::Duration deadline = kDeadline);
  // The same of ListSockets.
  absl::Status EachSocket(
      v1::ListSocketsRequest request,
      const std::function<bool(const v1::SocketDetails&)>& socket,
      absl::Duration deadline = kDeadline);

  // Gives events, LOST too, until `event` says false (then OK) or the stream
  // ends (always an error). No deadline.
  absl::Status Watch(
      const v1::WatchRequest& request,
      const std::function<bool(const v1::WatchResponse::Event&)>& event);

 private:
  class Impl;

  const std::unique_ptr<Impl> impl_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_CONTROL_CLIENT_H_
