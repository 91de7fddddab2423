#ifndef AERIE_BROKER_CONTROL_RULES_H_
#define AERIE_BROKER_CONTROL_RULES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/limits.h"
#include "broker/shard/service_calls.h"
#include "proto/aerie/v1/control.pb.h"

// What services may ask, as control.proto says it. Pure functions;
// INVALID_ARGUMENT with a google.rpc.BadRequest for what they may not.
namespace aerie::broker {

absl::Status Check(const v1::BroadcastRequest& request, const Limits& limits);
absl::Status Check(const v1::BroadcastBatchRequest& request);
absl::Status Check(const v1::PushRequest& request, const Limits& limits);
absl::Status Check(const v1::DisconnectRequest& request);
absl::Status Check(const v1::CloseChannelRequest& request);
absl::Status Check(const v1::RenewTokenRequest& request);
absl::Status Check(const v1::GetTopicRequest& request);
absl::Status Check(const v1::GetSocketRequest& request);
absl::Status Check(const v1::WatchRequest& request);

// The channels that a checked selector names.
ChannelSet ToChannelSet(const v1::ChannelSelector& selector);

// How long a page is, and behind what it begins. INVALID_ARGUMENT for a token
// that no page has given.
struct Page {
  size_t size = 0;
  std::string after;
};
absl::StatusOr<Page> ToPage(uint32_t page_size, absl::string_view page_token);
// For the page that begins behind `last`.
std::string PageToken(absl::string_view last);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_RULES_H_
