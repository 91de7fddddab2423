#ifndef AERIE_BROKER_CHANNEL_SERVICE_PAYLOAD_H_
#define AERIE_BROKER_CHANNEL_SERVICE_PAYLOAD_H_

#include <cstdint>

#include "absl/status/status.h"
#include "broker/channel/host.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/aerie/v1/payload.pb.h"

// Payloads between clients' words and services'. Pure functions.
namespace aerie::broker {

// INVALID_ARGUMENT for a payload that is too large, or no JSON.
absl::Status CheckPayload(const v1::Payload& payload, uint64_t bytes_max);
// The same, and for one that no event may have: it is an object, or bytes.
absl::Status CheckEventPayload(const v1::Payload& payload, uint64_t bytes_max);

// A service's payload, moved out of it.
Payload TakePayload(v1::Payload* payload);

// A message's payload, for a service.
void SetPayload(const v1::Message& message, v1::Payload* payload);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_SERVICE_PAYLOAD_H_
