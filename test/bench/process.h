#ifndef AERIE_TEST_BENCH_PROCESS_H_
#define AERIE_TEST_BENCH_PROCESS_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"

// What processes of this machine have used, as the kernel counts it. Any
// thread.
namespace aerie::bench {

// Processor time of all threads of a process since its start, those that have
// ended too: user and system.
absl::StatusOr<int64_t> CpuNs(pid_t pid);

// The part of it spent in the kernel, in ticks of 10 ms: /proc/PID/stat.
absl::StatusOr<int64_t> SystemCpuNs(pid_t pid);

// Its memory, pages that it shares counted by their share:
// /proc/PID/smaps_rollup.
absl::StatusOr<int64_t> PssBytes(pid_t pid);

// What the TCP connections of this machine to `port` of any address have
// carried since they were opened.
struct LinkBytes {
  int64_t sent = 0;
  int64_t received = 0;
};
absl::StatusOr<LinkBytes> BytesOfLinksTo(uint16_t port);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_PROCESS_H_
