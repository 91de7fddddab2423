#include "broker/hosts/attached/spread.h"

#include <algorithm>
#include <cstdint>

#include "broker/channel/socket_info.h"
#include "broker/shard/stable_hash.h"

namespace aerie::broker {
namespace {

uint64_t Score(uint64_t key, uint64_t seed) {
  const uint64_t both[] = {key, seed};
  return StableHash(
      absl::string_view(reinterpret_cast<const char*>(both), sizeof(both)));
}

// Whether `a` has less to do for its capacity than `b`.
bool LessLoaded(const AttachedHost& a, const AttachedHost& b) {
  return uint64_t{a.channels()} * b.credits().capacity() <
         uint64_t{b.channels()} * a.credits().capacity();
}

}  // namespace

const AttachedHostPtr* Choose(const std::vector<AttachedHostPtr>& hosts,
                              Spread spread, absl::string_view topic,
                              const Socket& socket) {
  if (hosts.size() <= 1) return hosts.empty() ? nullptr : &hosts.front();
  if (spread == Spread::kLeastLoaded) {
    return &*std::min_element(
        hosts.begin(), hosts.end(),
        [](const AttachedHostPtr& a, const AttachedHostPtr& b) {
          return LessLoaded(*a, *b);
        });
  }
  const uint64_t key = spread == Spread::kTopic ? StableHash(topic)
                                                : StableHash(SocketKey(socket));
  return &*std::max_element(
      hosts.begin(), hosts.end(),
      [key](const AttachedHostPtr& a, const AttachedHostPtr& b) {
        return Score(key, a->seed()) < Score(key, b->seed());
      });
}

}  // namespace aerie::broker
