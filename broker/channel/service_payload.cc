#include "broker/channel/service_payload.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/phoenix/json.h"

namespace aerie::broker {

absl::Status CheckPayload(const v1::Payload& payload, uint64_t bytes_max) {
  const size_t size =
      payload.has_binary() ? payload.binary().size() : payload.json().size();
  if (size > bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("payload of more than ", bytes_max, " bytes"));
  }
  if (!payload.has_json()) return absl::OkStatus();
  absl::Status valid = phoenix::ValidateJson(payload.json());
  if (valid.ok()) return valid;
  return absl::InvalidArgumentError(absl::StrCat("payload: ", valid.message()));
}

absl::Status CheckEventPayload(const v1::Payload& payload, uint64_t bytes_max) {
  absl::Status status = CheckPayload(payload, bytes_max);
  if (!status.ok()) return status;
  if (payload.has_json() && !phoenix::IsJsonObject(payload.json())) {
    return absl::InvalidArgumentError("payload of an event: not an object");
  }
  return absl::OkStatus();
}

Payload TakePayload(v1::Payload* payload) {
  if (payload->has_binary()) {
    return {std::move(*payload->mutable_binary()), /*binary=*/true};
  }
  if (payload->has_json()) return {std::move(*payload->mutable_json())};
  return {};
}

void SetPayload(const v1::Message& message, v1::Payload* payload) {
  if (message.has_binary()) {
    payload->set_binary(message.binary());
  } else if (message.has_json()) {
    payload->set_json(message.json());
  }
}

}  // namespace aerie::broker
