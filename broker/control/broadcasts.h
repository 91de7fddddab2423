#ifndef AERIE_BROKER_CONTROL_BROADCASTS_H_
#define AERIE_BROKER_CONTROL_BROADCASTS_H_

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/service_calls.h"
#include "broker/shard/shards.h"
#include "google/protobuf/repeated_field.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// What became of a broadcast: an error, or its result.
struct BroadcastOutcome {
  absl::Status status;
  BroadcastResult result;
};

// Broadcasts of services, on their way to the shards of their topics. Any
// thread; what one thread sends in two calls keeps its order per topic.
class Broadcasts {
 public:
  using Requests = google::protobuf::RepeatedPtrField<v1::BroadcastRequest>;
  // In the order of the requests.
  using Done = absl::AnyInvocable<void(std::vector<BroadcastOutcome>)>;

  Broadcasts(Shards& shards, const Limits& limits, Metrics& metrics)
      : shards_(shards), limits_(limits), metrics_(metrics) {}

  // Checks and sends; the requests are moved out of. `done` runs once all have
  // been dealt with, on whatever thread, maybe within the call.
  //
  // Each has a status of its own: INVALID_ARGUMENT, or RESOURCE_EXHAUSTED when
  // its topic's shard has no room for it.
  void Send(Requests& requests, Done done);

 private:
  struct Batch;

  void Finish(Batch& batch);

  Shards& shards_;
  const Limits& limits_;
  Metrics& metrics_;
};

// The error of a shard that has no room.
absl::Status ShardIsFull();

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_BROADCASTS_H_
