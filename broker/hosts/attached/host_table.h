#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOST_TABLE_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOST_TABLE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "broker/channel/host.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/topic/router.h"

namespace aerie::broker {

// A pattern that is known, as all loops see it. Any thread.
struct KnownPattern {
  explicit KnownPattern(std::string name) : name(std::move(name)) {}

  const std::string name;
  // Its terminates that no host has acknowledged yet.
  std::atomic<uint64_t> kept_bytes{0};
};

// What the attached hosts mean for a join: one version, immutable.
struct HostMap {
  struct Pattern {
    std::shared_ptr<KnownPattern> known;
    Spread spread = Spread::kTopic;
    // Those that take new channels.
    std::vector<AttachedHostPtr> hosts;
  };

  // With the attached hosts' patterns before the configured routes.
  std::shared_ptr<const Router> router;
  absl::flat_hash_map<std::string, Pattern> patterns;
};

// A configured route to attached hosts: known before any of them comes.
struct AttachedRoute {
  std::string pattern;
  Spread spread = Spread::kTopic;
};

// Which hosts are attached, and which patterns are known because one of them
// has registered it, or a route names it. One thread.
class HostTable {
 public:
  // `runner` is the Host that the routes of all patterns name; `base` has the
  // configured routes.
  HostTable(Host& runner, std::shared_ptr<const Router> base,
            const std::vector<AttachedRoute>& routes, const Limits& limits,
            Metrics& metrics);

  // Adds a host. Returns an older one of the same instance, which is no longer
  // in the table, or null. RESOURCE_EXHAUSTED when there are too many hosts or
  // patterns.
  absl::StatusOr<AttachedHostPtr> Attach(const AttachedHostPtr& host,
                                         int64_t now_ms);
  // False when it is not there. Its patterns stay known.
  bool Detach(const AttachedHost& host, int64_t now_ms);
  // Forgets patterns that have had no host for too long; false when there are
  // none.
  bool Forget(int64_t now_ms);

  // The table as it is; hosts that drain take no channels.
  std::shared_ptr<const HostMap> Map() const;

  const std::vector<AttachedHostPtr>& hosts() const { return hosts_; }
  size_t patterns() const { return patterns_.size(); }

 private:
  struct Entry {
    std::shared_ptr<KnownPattern> known;
    Spread spread = Spread::kTopic;
    bool configured = false;
    std::vector<AttachedHostPtr> hosts;
    int64_t without_since_ms = 0;
  };

  Entry& At(const std::string& pattern);
  absl::Status MakeRoom(const HostRecord& record);
  std::shared_ptr<const Router> MakeRouter() const;

  Host& runner_;
  const std::shared_ptr<const Router> base_;
  const Limits& limits_;
  Metrics& metrics_;
  std::map<std::string, Entry> patterns_;
  std::vector<AttachedHostPtr> hosts_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOST_TABLE_H_
