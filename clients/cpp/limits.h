#ifndef AERIE_CLIENTS_CPP_LIMITS_H_
#define AERIE_CLIENTS_CPP_LIMITS_H_

#include <cstddef>
#include <cstdint>

// Every bound of a host. Those named in clients/SPEC.md and
// channel_host.proto are not for changing.
namespace aerie::client::limits {

inline constexpr uint32_t kProtocolMajor = 1;
inline constexpr uint32_t kProtocolMinor = 0;

inline constexpr size_t kPatternBytesMax = 1024;
inline constexpr size_t kPatternsMax = 256;
inline constexpr size_t kInterceptsMax = 256;
inline constexpr size_t kNameBytesMax = 128;
inline constexpr size_t kStatusBytesMax = 128;
inline constexpr size_t kAssignsBytesMax = 64 << 10;
inline constexpr size_t kConnectAssignsBytesMax = 3 << 10;
inline constexpr size_t kSocketIdBytesMax = 512;
inline constexpr int kReceivedBytesMax = 17 << 20;
// Until the broker has told its own.
inline constexpr uint64_t kPayloadBytesMax = 10'000'000;

// What SendSelf has queued in one channel.
inline constexpr size_t kSelfSendsMax = 1024;
// Ends that are remembered, and for how long.
inline constexpr size_t kEndsMax = 65'536;
inline constexpr int64_t kEndsKeptMs = 600'000;
// Threads of callbacks, when those that run all wait for something.
inline constexpr size_t kThreadsMax = 1024;

inline constexpr uint32_t kBackoffMinMs = 100;
inline constexpr uint32_t kBackoffMaxMs = 10'000;
inline constexpr int64_t kStableAfterMs = 10'000;
inline constexpr int64_t kAttachTimeoutMs = 10'000;
inline constexpr uint32_t kDrainGraceMs = 10'000;
inline constexpr uint32_t kCloseGraceMs = 2'000;

}  // namespace aerie::client::limits

#endif  // AERIE_CLIENTS_CPP_LIMITS_H_
