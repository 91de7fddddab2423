#ifndef AERIE_COMMON_ADMIN_H_
#define AERIE_COMMON_ADMIN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/metrics.h"

namespace aerie {

// A request, for as long as it is being looked at.
struct AdminRequest {
  absl::string_view method;  // As it was sent: `GET`.
  absl::string_view path;
  absl::string_view query;  // What stands behind the `?`, still encoded.
  absl::string_view host;   // The header; empty without one.
};

struct AdminAnswer {
  int status = 200;
  absl::string_view content_type;
  std::string body;
  // Beside those that every answer has.
  std::vector<std::pair<absl::string_view, absl::string_view>> headers = {};
};

// Pages of one process below a path, whose answers may have to be asked of
// other threads first. Lives on the admin thread, but for where `post` is
// called; outlives the server.
class AdminSection {
 public:
  // Runs a task on the admin thread; drops it when the server is gone. Any
  // thread, at any time.
  using Post = std::function<void(absl::AnyInvocable<void()> task)>;
  using Reply = absl::AnyInvocable<void(AdminAnswer)>;

  virtual ~AdminSection() = default;

  // `/dashboard`: this path, and all below it.
  virtual absl::string_view path() const = 0;
  // Before everything else; on the thread that starts the server.
  virtual void Start(Post post) = 0;
  // `reply` is called once, within the call or later: a connection of the port
  // waits for it.
  virtual void Answer(const AdminRequest& request, Reply reply) = 0;
  // Every AdminServer::kTick.
  virtual void Tick() = 0;
};

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
  // Counts the connections ended or refused because there were
  // kConnectionsMax.
  Counter* refused = nullptr;
  // Not owned; may be null.
  AdminSection* section = nullptr;
};

// The HTTP port for operators and Kubernetes: /livez and /readyz (200 `ok`, or
// 503 and a reason per line), /metrics, /buildinfo, and a process' section. It
// has one thread of its own, so that it answers when the others are busy;
// requests are small and connections few and short-lived. When there are too
// many, the one that has been silent for the longest time makes room, so that
// nobody who only holds connections keeps a probe out. Made and destroyed on
// one thread.
class AdminServer {
 public:
  static constexpr size_t kConnectionsMax = 64;
  static constexpr size_t kRequestBytesMax = 16 << 10;
  static constexpr std::chrono::seconds kTick{1};

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
