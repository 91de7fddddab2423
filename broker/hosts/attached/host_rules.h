#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOST_RULES_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOST_RULES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/limits.h"
#include "proto/aerie/v1/channel_host.pb.h"

// What a host may say. Whatever it sends is checked here, once, before anybody
// else sees it; what passes is spliced into clients' frames as it is. Pure
// functions: any thread.
namespace aerie::broker {

// The version of ChannelHost that this broker speaks. The major changes when an
// older peer would misunderstand, the minor when it may ignore what is new.
inline constexpr uint32_t kHostMajor = 1;
inline constexpr uint32_t kHostMinor = 0;

// FAILED_PRECONDITION for another major version, INVALID_ARGUMENT for anything
// else that can't be.
absl::StatusOr<HostRecord> CheckRegistration(
    const v1::HostFrame::Registration& registration, const Limits& limits);

// INVALID_ARGUMENT for what no host may say after its Registration.
absl::Status CheckHostFrame(const v1::HostFrame& frame, const Limits& limits);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOST_RULES_H_
