#include "broker/hosts/attached/host_table.h"

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace aerie::broker {
namespace {

// Whether `a` is to be asked before `b`: topics, then prefixes, the longer ones
// first.
bool Precedes(const std::string& a, const std::string& b) {
  const bool a_prefix = a.back() == '*';
  const bool b_prefix = b.back() == '*';
  if (a_prefix != b_prefix) return b_prefix;
  return a.size() != b.size() ? a.size() > b.size() : a < b;
}

void Remove(std::vector<AttachedHostPtr>& hosts, const AttachedHost& host) {
  hosts.erase(std::remove_if(hosts.begin(), hosts.end(),
                             [&host](const AttachedHostPtr& other) {
                               return other.get() == &host;
                             }),
              hosts.end());
}

}  // namespace

HostTable::HostTable(Host& runner, std::shared_ptr<const Router> base,
                     const std::vector<AttachedRoute>& routes,
                     const Limits& limits, Metrics& metrics)
    : runner_(runner),
      base_(std::move(base)),
      limits_(limits),
      metrics_(metrics) {
  for (const AttachedRoute& route : routes) {
    Entry& entry = At(route.pattern);
    entry.spread = route.spread;
    entry.configured = true;
  }
}

HostTable::Entry& HostTable::At(const std::string& pattern) {
  Entry& entry = patterns_[pattern];
  if (entry.known == nullptr) {
    entry.known = std::make_shared<KnownPattern>(pattern);
  }
  return entry;
}

absl::StatusOr<AttachedHostPtr> HostTable::Attach(const AttachedHostPtr& host,
                                                  int64_t now_ms) {
  AttachedHostPtr replaced;
  for (const AttachedHostPtr& other : hosts_) {
    if (other->record().instance == host->record().instance) replaced = other;
  }
  if (replaced == nullptr && hosts_.size() >= limits_.hosts_max) {
    return absl::ResourceExhaustedError("too many hosts");
  }
  const absl::Status room = MakeRoom(host->record());
  if (!room.ok()) return room;
  if (replaced != nullptr) Detach(*replaced, now_ms);
  hosts_.push_back(host);
  for (const HostPattern& pattern : host->record().patterns) {
    Entry& entry = At(pattern.pattern);
    if (entry.hosts.empty() && !entry.configured) entry.spread = pattern.spread;
    entry.hosts.push_back(host);
  }
  return replaced;
}

// Those that have been without a host for the longest time make room for new
// patterns.
absl::Status HostTable::MakeRoom(const HostRecord& record) {
  size_t count = patterns_.size();
  for (const HostPattern& pattern : record.patterns) {
    count += patterns_.count(pattern.pattern) == 0 ? 1 : 0;
  }
  if (count <= limits_.host_patterns_max) return absl::OkStatus();
  std::vector<std::pair<int64_t, std::string>> idle;
  for (const auto& [pattern, entry] : patterns_) {
    if (entry.configured || !entry.hosts.empty()) continue;
    if (record.Find(pattern) != nullptr) continue;
    idle.emplace_back(entry.without_since_ms, pattern);
  }
  const size_t excess = count - limits_.host_patterns_max;
  if (idle.size() < excess) {
    return absl::ResourceExhaustedError("too many patterns");
  }
  std::sort(idle.begin(), idle.end());
  for (size_t i = 0; i < excess; ++i) patterns_.erase(idle[i].second);
  metrics_.host_patterns_forgotten.Increment(static_cast<double>(excess));
  return absl::OkStatus();
}

bool HostTable::Detach(const AttachedHost& host, int64_t now_ms) {
  const size_t before = hosts_.size();
  Remove(hosts_, host);
  if (hosts_.size() == before) return false;
  for (const HostPattern& pattern : host.record().patterns) {
    Entry& entry = At(pattern.pattern);
    Remove(entry.hosts, host);
    entry.without_since_ms = now_ms;
  }
  return true;
}

bool HostTable::Forget(int64_t now_ms) {
  const size_t before = patterns_.size();
  for (auto it = patterns_.begin(); it != patterns_.end();) {
    const Entry& entry = it->second;
    if (!entry.configured && entry.hosts.empty() &&
        now_ms - entry.without_since_ms >= limits_.host_pattern_ttl_ms) {
      log::Info("host pattern forgotten", {{"pattern", it->first}});
      metrics_.host_patterns_forgotten.Increment();
      it = patterns_.erase(it);
    } else {
      ++it;
    }
  }
  return patterns_.size() < before;
}

std::shared_ptr<const HostMap> HostTable::Map() const {
  auto map = std::make_shared<HostMap>();
  map->router = MakeRouter();
  for (const auto& [name, entry] : patterns_) {
    HostMap::Pattern& pattern = map->patterns[name];
    pattern.known = entry.known;
    pattern.spread = entry.spread;
    for (const AttachedHostPtr& host : entry.hosts) {
      if (!host->draining()) pattern.hosts.push_back(host);
    }
  }
  return map;
}

// A pattern that a configured route gives to attached hosts keeps the place of
// that route.
std::shared_ptr<const Router> HostTable::MakeRouter() const {
  std::vector<std::string> patterns;
  for (const auto& [pattern, entry] : patterns_) {
    if (!entry.configured) patterns.push_back(pattern);
  }
  std::sort(patterns.begin(), patterns.end(), &Precedes);
  auto router = std::make_shared<Router>();
  // Not owned: the runner outlives the shards.
  const std::shared_ptr<Host> runner(std::shared_ptr<Host>(), &runner_);
  // Patterns were checked when they were registered.
  for (std::string& pattern : patterns) {
    (void)router->Add({std::move(pattern), runner, {}});
  }
  for (const Route& route : base_->routes()) (void)router->Add(route);
  return router;
}

}  // namespace aerie::broker
