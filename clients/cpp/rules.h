#ifndef AERIE_CLIENTS_CPP_RULES_H_
#define AERIE_CLIENTS_CPP_RULES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/payload.h"

// What a broker would end the stream for, and all of its channels with it: here
// it is INVALID_ARGUMENT for the caller instead. Pure functions.
namespace aerie::client {

absl::Status CheckTopic(absl::string_view topic);
absl::Status CheckPattern(absl::string_view pattern);
absl::Status CheckEventName(absl::string_view event);
// Of a reply: any JSON value, or bytes.
absl::Status CheckPayload(const Payload& payload, uint64_t bytes_max);
// Of a push or a broadcast: the name, and an object or bytes.
absl::Status CheckEvent(absl::string_view event, const Payload& payload,
                        uint64_t bytes_max);
absl::Status CheckReplyStatus(absl::string_view status);
// Of a connect callback.
absl::Status CheckConnect(absl::string_view socket_id,
                          absl::string_view assigns);

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_RULES_H_
