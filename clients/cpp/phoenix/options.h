#ifndef AERIE_CLIENTS_CPP_PHOENIX_OPTIONS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "clients/cpp/options.h"
#include "clients/cpp/phoenix/endpoint.h"
#include "clients/cpp/phoenix/limits.h"

namespace aerie::client::phx {

// A value, or a function that gives one at each use. phoenix.js: `closure`.
template <typename T>
class Closure {
 public:
  Closure(T value = {}) : make_([value = std::move(value)] { return value; }) {}
  template <typename Make,
            typename = std::enable_if_t<std::is_invocable_r_v<T, Make&>>>
  Closure(Make make) : make_(std::move(make)) {}

  T operator()() const { return make_(); }

 private:
  std::function<T()> make_;
};

// Pauses as phoenix.js makes them: 10, 50, 100, 150, 200, 250, 500, 1000, 2000
// and then 5000 ms.
int64_t ReconnectAfterMs(int tries);
// 1000, 2000, 5000 and then 10000 ms.
int64_t RejoinAfterMs(int tries);

// What phoenix.js' Socket takes, under its names.
struct SocketOptions {
  // For the server's connect callback, at each connection.
  Closure<Params> params = {};
  // A token for each connection, in the subprotocol header; null: none. See
  // StaticToken and TokenFile.
  std::function<absl::StatusOr<std::string>()> auth_token = nullptr;
  // Of joins, leaves and pushes that say no other.
  int64_t timeout_ms = 10'000;
  // An answer that takes as long ends the connection.
  int64_t heartbeat_interval_ms = 30'000;
  std::function<int64_t(int tries)> reconnect_after_ms = ReconnectAfterMs;
  std::function<int64_t(int tries)> rejoin_after_ms = RejoinAfterMs;
  // Of endpoints with wss.
  TlsOptions tls = {};
  Limits limits = {};
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_OPTIONS_H_
