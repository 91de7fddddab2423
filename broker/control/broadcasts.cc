#include "broker/control/broadcasts.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "broker/channel/channel.h"
#include "broker/channel/service_payload.h"
#include "broker/control/rules.h"
#include "common/rpc/status.h"
#include "proto/aerie/v1/credit.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::broker {
namespace {

// What one shard gets, and where it stands in the batch.
struct Part {
  std::vector<ServiceBroadcast> broadcasts;
  std::vector<size_t> places;
  uint64_t bytes = 0;
};

ServiceBroadcast Take(v1::BroadcastRequest& request) {
  ServiceBroadcast broadcast;
  v1::Message& message = broadcast.message;
  message.set_kind(v1::Message::KIND_BROADCAST);
  message.set_topic(std::move(*request.mutable_topic()));
  message.set_event(std::move(*request.mutable_event()));
  SetPayload(TakePayload(request.mutable_payload()), &message);
  broadcast.except_socket_ids.assign(
      std::make_move_iterator(request.mutable_except_socket_ids()->begin()),
      std::make_move_iterator(request.mutable_except_socket_ids()->end()));
  broadcast.idempotency_key = std::move(*request.mutable_idempotency_key());
  return broadcast;
}

}  // namespace

// Shared by the parts; the last one to come back finishes it.
struct Broadcasts::Batch {
  Batch(size_t size, Done done) : outcomes(size), done(std::move(done)) {}

  std::vector<BroadcastOutcome> outcomes;
  Done done;
  std::atomic<size_t> left{1};  // One for Send itself.
};

absl::Status ShardIsFull() {
  absl::Status status = rpc::WithReason(
      absl::ResourceExhaustedError("the topic's shard is overloaded"),
      "SHARD_FULL");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  rpc::AddDetail(&status, retry);
  return status;
}

void Broadcasts::Send(Requests& requests, Done done) {
  const auto batch = std::make_shared<Batch>(requests.size(), std::move(done));
  std::vector<Part> parts(shards_.count());
  for (int i = 0; i < requests.size(); ++i) {
    absl::Status status = Check(requests[i], limits_);
    if (!status.ok()) {
      batch->outcomes[i].status = std::move(status);
      continue;
    }
    Part& part = parts[shards_.ShardOf(requests[i].topic())];
    part.broadcasts.push_back(Take(requests[i]));
    part.bytes += sizeof(ServiceBroadcast) +
                  v1::CreditBytes(part.broadcasts.back().message);
    part.places.push_back(i);
  }
  for (uint32_t shard = 0; shard < parts.size(); ++shard) {
    Part& part = parts[shard];
    if (part.broadcasts.empty()) continue;
    ++batch->left;
    const auto places =
        std::make_shared<const std::vector<size_t>>(std::move(part.places));
    const bool sent = shards_.Broadcast(
        shard, std::move(part.broadcasts), part.bytes,
        [this, batch, places](std::vector<BroadcastResult> results) {
          for (size_t i = 0; i < results.size(); ++i) {
            batch->outcomes[(*places)[i]].result = results[i];
          }
          Finish(*batch);
        });
    if (sent) continue;
    for (const size_t place : *places) {
      batch->outcomes[place].status = ShardIsFull();
    }
    Finish(*batch);
  }
  Finish(*batch);
}

void Broadcasts::Finish(Batch& batch) {
  if (--batch.left != 0) return;
  uint64_t failed = 0;
  uint64_t repeated = 0;
  for (const BroadcastOutcome& outcome : batch.outcomes) {
    failed += !outcome.status.ok();
    repeated += outcome.result.duplicate;
  }
  const auto count = [](Counter& counter, uint64_t amount) {
    if (amount > 0) counter.Increment(static_cast<double>(amount));
  };
  count(metrics_.control_broadcasts_failed, failed);
  count(metrics_.control_broadcasts_repeated, repeated);
  count(metrics_.control_broadcasts_sent,
        batch.outcomes.size() - failed - repeated);
  batch.done(std::move(batch.outcomes));
}

}  // namespace aerie::broker
