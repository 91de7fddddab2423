#ifndef AERIE_BROKER_SHARD_STABLE_HASH_H_
#define AERIE_BROKER_SHARD_STABLE_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace aerie::broker {

// FNV-1a of 64 bits, then the finalizer of MurmurHash3, so that the low bits
// are as good as the others. The same in every process, version and machine:
// absl::Hash is not.
inline uint64_t StableHash(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_STABLE_HASH_H_
