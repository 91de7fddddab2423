#ifndef AERIE_COMMON_ADDRESS_H_
#define AERIE_COMMON_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie {

// A place to listen on: an IP address and a port. Any thread.
struct Address {
  std::string host;  // `127.0.0.1`, `::1`; no brackets.
  uint16_t port = 0;

  // Only this machine can reach it.
  bool IsLoopback() const;
  // `127.0.0.1:4000`, `[::1]:4000`.
  std::string ToString() const;
};

// Reads `127.0.0.1:4000`, `[::1]:4000`, or `localhost:4000`, which is
// 127.0.0.1. Other names are refused: what they mean changes behind one's back.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace aerie

#endif  // AERIE_COMMON_ADDRESS_H_
