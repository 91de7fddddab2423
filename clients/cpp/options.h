#ifndef AERIE_CLIENTS_CPP_OPTIONS_H_
#define AERIE_CLIENTS_CPP_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace aerie::client {

// TLS towards brokers, from PEM files.
struct TlsOptions {
  std::string ca_file = {};    // Empty: the system's authorities.
  std::string cert_file = {};  // With key_file, for the broker to see.
  std::string key_file = {};
  std::string server_name = {};  // Empty: the address'.
};

// How brokers are reached. The default is a broker on this machine, in
// plaintext.
struct ConnectionOptions {
  // `host:port`, one or more; a name may stand for many brokers.
  std::vector<std::string> brokers = {"127.0.0.1:4010"};
  // Gives the bearer token of each attempt; null: none is sent. It is sent over
  // plaintext too.
  std::function<absl::StatusOr<std::string>()> token = nullptr;
  // Absent: plaintext.
  std::optional<TlsOptions> tls = std::nullopt;
};

// The same token each time.
std::function<absl::StatusOr<std::string>()> StaticToken(std::string token);
// Reads the file at each attempt, white space at the ends removed.
std::function<absl::StatusOr<std::string>()> TokenFile(std::string path);

struct HostOptions {
  // The service, for people and lists; 1 to 128 bytes.
  std::string name;
  ConnectionOptions connection = {};
  // The host process, new at each start. Empty: HOSTNAME-RANDOM.
  std::string instance = {};
  // The service's build, for people.
  std::string version = {};
  // Callbacks that may wait or run at once; 0: the broker's default, 1,024.
  uint32_t capacity = 0;
  // Threads of callbacks; 0: the machine's cores. There are more of them while
  // all are inside of callbacks that wait for something.
  size_t threads = 0;
  // Over which a drain ends the channels.
  uint32_t drain_window_ms = 10'000;
  // SIGTERM and SIGINT drain. Else the program calls Drain itself.
  bool handle_signals = true;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_OPTIONS_H_
