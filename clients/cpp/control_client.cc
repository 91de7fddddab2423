#include "clients/cpp/control_client.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/time/clock.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/limits.h"
#include "common/rpc/backoff.h"
#include "common/rpc/setup.h"
#include "common/rpc/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::client {
namespace {

constexpr int kAttemptsMax = 3;
constexpr char kDetailsUrl[] = "type.googleapis.com/google.rpc.Status";

// With grpc-status-details-bin as its payload.
absl::Status ToStatus(const grpc::Status& status) {
  absl::Status result = rpc::FromGrpc(status);
  if (!result.ok() && !status.error_details().empty()) {
    result.SetPayload(kDetailsUrl, absl::Cord(status.error_details()));
  }
  return result;
}

// Asks for page after page; `items` says whether it wants another one.
template <typename Request, typename Ask, typename Items>
absl::Status Walk(Request& request, const Ask& ask, const Items& items) {
  while (true) {
    const auto page = ask(request);
    if (!page.ok()) return page.status();
    if (!items(*page) || page->next_page_token().empty()) {
      return absl::OkStatus();
    }
    if (page->next_page_token() == request.page_token()) {
      return absl::InternalError("the list has a page that follows itself");
    }
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  const auto payload = status.GetPayload(kDetailsUrl);
  google::rpc::Status packed;
  if (!payload || !packed.ParseFromString(std::string(*payload))) {
    return details;
  }
  for (const google::protobuf::Any& any : packed.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&info)) details.reason = info.reason();
    if (any.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations()) {
        details.fields.emplace_back(field.field(), field.description());
      }
    }
    if (any.UnpackTo(&retry)) {
      details.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                            absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return details;
}

// One gRPC channel for each address, made on first use. Any thread.
class ControlClient::Impl {
 public:
  explicit Impl(ConnectionOptions options)
      : options_(std::move(options)), stubs_(options_.brokers.size()) {}

  template <typename Response, typename Request>
  using Method = grpc::Status (v1::Control::Stub::*)(grpc::ClientContext*,
                                                     const Request&, Response*);

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(Method<Response, Request> method,
                                const Request& request, absl::Duration deadline,
                                bool repeatable) {
    const absl::Time end = absl::Now() + deadline;
    rpc::Backoff backoff(limits::kBackoffMinMs, limits::kBackoffMaxMs);
    for (int attempt = 1;; ++attempt) {
      const size_t turn = turn_;
      Response response;
      const absl::Status status = Ask(method, request, end, turn, &response);
      if (status.ok()) return response;
      if (status.code() != absl::StatusCode::kUnavailable) return status;
      Leave(turn);
      absl::BitGen random;
      const absl::Duration pause =
          absl::Milliseconds(backoff.NextMs(absl::Uniform(random, 0.0, 1.0)));
      if (!repeatable || attempt == kAttemptsMax ||
          absl::Now() + pause >= end) {
        return status;
      }
      absl::SleepFor(pause);
    }
  }

  absl::Status Watch(
      const v1::WatchRequest& request,
      const std::function<bool(const v1::WatchResponse::Event&)>& event);

 private:
  template <typename Response, typename Request>
  absl::Status Ask(Method<Response, Request> method, const Request& request,
                   absl::Time end, size_t turn, Response* response) {
    const absl::StatusOr<v1::Control::Stub*> stub = Stub(turn);
    if (!stub.ok()) return stub.status();
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(end));
    absl::Status authorized = Authorize(options_, context);
    if (!authorized.ok()) return authorized;
    return ToStatus(((*stub)->*method)(&context, request, response));
  }

  absl::StatusOr<v1::Control::Stub*> Stub(size_t turn) {
    if (stubs_.empty()) {
      return absl::InvalidArgumentError("there is no address of a broker");
    }
    const size_t index = turn % stubs_.size();
    std::lock_guard<std::mutex> lock(mutex_);
    if (stubs_[index] == nullptr) {
      const auto channel = MakeChannel(options_, options_.brokers[index]);
      if (!channel.ok()) return channel.status();
      stubs_[index] = v1::Control::NewStub(*channel);
    }
    return stubs_[index].get();
  }

  // To the next address, unless somebody else has gone there already.
  void Leave(size_t turn) { turn_.compare_exchange_strong(turn, turn + 1); }

  const ConnectionOptions options_;
  std::atomic<size_t> turn_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<v1::Control::Stub>> stubs_;  // By mutex_.
};

absl::Status ControlClient::Impl::Watch(
    const v1::WatchRequest& request,
    const std::function<bool(const v1::WatchResponse::Event&)>& event) {
  const size_t turn = turn_;
  const absl::StatusOr<v1::Control::Stub*> stub = Stub(turn);
  if (!stub.ok()) return stub.status();
  grpc::ClientContext context;
  absl::Status authorized = Authorize(options_, context);
  if (!authorized.ok()) return authorized;
  const auto stream = (*stub)->Watch(&context, request);
  v1::WatchResponse response;
  bool wanted = true;
  while (wanted && stream->Read(&response)) {
    for (const v1::WatchResponse::Event& one : response.events()) {
      wanted = event(one);
      if (!wanted) break;
    }
  }
  if (!wanted) context.TryCancel();
  const absl::Status status = ToStatus(stream->Finish());
  if (!wanted) return absl::OkStatus();
  if (absl::IsUnavailable(status)) Leave(turn);
  return status.ok() ? absl::UnavailableError("the broker ended the stream")
                     : status;
}

ControlClient::ControlClient(ConnectionOptions options)
    : impl_((rpc::PrepareProcess(),
             std::make_unique<Impl>(std::move(options)))) {}

ControlClient::~ControlClient() = default;

absl::StatusOr<v1::BroadcastResponse> ControlClient::Broadcast(
    const v1::BroadcastRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::Broadcast, request, deadline,
                     !request.idempotency_key().empty());
}

absl::StatusOr<v1::BroadcastBatchResponse> ControlClient::BroadcastBatch(
    const v1::BroadcastBatchRequest& request, absl::Duration deadline) {
  const bool repeatable = std::all_of(
      request.broadcasts().begin(), request.broadcasts().end(),
      [](const auto& one) { return !one.idempotency_key().empty(); });
  return impl_->Call(&v1::Control::Stub::BroadcastBatch, request, deadline,
                     repeatable);
}

absl::StatusOr<v1::PushResponse> ControlClient::Push(
    const v1::PushRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::Push, request, deadline, false);
}

absl::StatusOr<v1::DisconnectResponse> ControlClient::Disconnect(
    const v1::DisconnectRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::Disconnect, request, deadline, true);
}

absl::StatusOr<v1::CloseChannelResponse> ControlClient::CloseChannel(
    const v1::CloseChannelRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::CloseChannel, request, deadline, true);
}

absl::StatusOr<v1::RenewTokenResponse> ControlClient::RenewToken(
    const v1::RenewTokenRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::RenewToken, request, deadline, true);
}

absl::StatusOr<v1::ListTopicsResponse> ControlClient::ListTopics(
    const v1::ListTopicsRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::ListTopics, request, deadline, true);
}

absl::StatusOr<v1::GetTopicResponse> ControlClient::GetTopic(
    const v1::GetTopicRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::GetTopic, request, deadline, true);
}

absl::StatusOr<v1::ListSocketsResponse> ControlClient::ListSockets(
    const v1::ListSocketsRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::ListSockets, request, deadline, true);
}

absl::StatusOr<v1::GetSocketResponse> ControlClient::GetSocket(
    const v1::GetSocketRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::GetSocket, request, deadline, true);
}

absl::StatusOr<v1::ClusterInfoResponse> ControlClient::ClusterInfo(
    const v1::ClusterInfoRequest& request, absl::Duration deadline) {
  return impl_->Call(&v1::Control::Stub::ClusterInfo, request, deadline, true);
}

absl::Status ControlClient::EachTopic(
    v1::ListTopicsRequest request,
    const std::function<bool(const v1::TopicInfo&)>& topic,
    absl::Duration deadline) {
  return Walk(
      request, [&](const auto& page) { return ListTopics(page, deadline); },
      [&](const v1::ListTopicsResponse& page) {
        return std::all_of(page.topics().begin(), page.topics().end(), topic);
      });
}

absl::Status ControlClient::EachSocket(
    v1::ListSocketsRequest request,
    const std::function<bool(const v1::SocketDetails&)>& socket,
    absl::Duration deadline) {
  return Walk(
      request, [&](const auto& page) { return ListSockets(page, deadline); },
      [&](const v1::ListSocketsResponse& page) {
        return std::all_of(page.sockets().begin(), page.sockets().end(),
                           socket);
      });
}

absl::Status ControlClient::Watch(
    const v1::WatchRequest& request,
    const std::function<bool(const v1::WatchResponse::Event&)>& event) {
  return impl_->Watch(request, event);
}

}  // namespace aerie::client
