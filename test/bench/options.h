#ifndef AERIE_TEST_BENCH_OPTIONS_H_
#define AERIE_TEST_BENCH_OPTIONS_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie::bench {

// One place where sockets are opened.
struct Target {
  std::string host;     // With the port: what the Host header says.
  std::string request;  // Path and query, `vsn` among it.
  sockaddr_storage address{};
  socklen_t address_size = 0;
  // Of this machine: more than one address may be called from.
  bool loopback = false;
};

// `ws://host[:port]/path[?query]`, looked up. Adds `vsn=2.0.0` if there is
// no `vsn`.
absl::StatusOr<Target> ParseTarget(absl::string_view url);

// All that the load generator can be told; load.cc has the flags.
struct Options {
  std::string mode;  // A name of load.cc's table.
  std::vector<Target> targets;
  uint32_t sockets = 100;
  // Socket i joins topic i modulo `topics`.
  uint32_t topics = 1;
  // Pushes, or broadcasts of a topic, that may be unanswered.
  uint32_t window = 1;
  uint32_t payload_bytes = 64;
  // Connects and joins under way at a time.
  uint32_t parallel = 64;
  // Sockets that come and go before anything is measured.
  uint32_t warmup_sockets = 200;
  double warmup_seconds = 1;
  double seconds = 3;
  // Ends the measurement early; 0: only the time does.
  uint64_t messages = 0;
  // What time passes at least between two broadcasts of a topic.
  uint32_t interval_ms = 0;
  // Of churn: how often every socket is replaced.
  uint32_t cycles = 5;

  std::string topic;
  std::string event;            // What is pushed.
  std::string broadcast_event;  // What comes of it in the topic.
  std::string join_payload = "{}";
  // Whether who pushes is sent the broadcast too.
  bool to_sender = true;

  // Processes whose cost is measured, by name.
  std::vector<std::pair<std::string, pid_t>> pids;
  // Of publish: the broker, address and port.
  std::string control;
  // TCP port of the link behind the edges; 0: none.
  uint16_t link_port = 0;

  // The topic of a socket.
  std::string TopicOf(uint32_t socket) const;
  // How many sockets join a topic.
  uint32_t SocketsOf(uint32_t topic) const;
};

// INVALID_ARGUMENT for what cannot be done.
absl::Status Check(const Options& options);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_OPTIONS_H_
