#ifndef AERIE_COMMON_ADMIN_H_
#define AERIE_COMMON_ADMIN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/metrics.h"

namespace aerie {

// What the admin port tells. Every function is called on the admin server's own
// thread, at any time between Start and the server's destruction, and must not
// block.
struct AdminPages {
  // Why the process should be killed, or should get no new clients; no reason:
  // all is well. Unset is well, too.
  std::function<std::vector<std::string>()> not_live;
  std::function<std::vector<std::string>()> not_ready;
  // Prometheus' text format.
  std::function<std::string()> metrics;
  // One line.
  std::string build_info;
  // Counts the connections refused because there were kConnectionsMax.
  Counter* refused = nullptr;
};

// The HTTP port for operators and Kubernetes: /livez and /readyz (200 `ok`, or
// 503 and a reason per line), /metrics, /buildinfo. It has one thread of its
// own, so that it answers when the others are busy; requests are small and
// connections few and short-lived. Made and destroyed on one thread.
class AdminServer {
 public:
  static constexpr size_t kConnectionsMax = 64;
  static constexpr size_t kRequestBytesMax = 16 << 10;

  // `address` as in common/address.h; port 0 takes any free one.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(
      const std::string& address, AdminPages pages);

  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  ~AdminServer();

  uint16_t port() const;

 private:
  class Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace aerie

#endif  // AERIE_COMMON_ADMIN_H_
