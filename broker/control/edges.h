#ifndef AERIE_BROKER_CONTROL_EDGES_H_
#define AERIE_BROKER_CONTROL_EDGES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "broker/channel/socket.h"

namespace aerie::broker {

// An edge that is linked, as it was when it was looked at.
struct EdgeView {
  std::string name;
  std::string version = {};
  int64_t linked_for_ms = 0;
  uint64_t sockets = 0;
  uint64_t queued_bytes = 0;
};

// The edges, as far as services may know them. Any thread; answers come on
// whatever thread, maybe within the call.
class Edges {
 public:
  virtual ~Edges() = default;

  // In the order of their names.
  virtual void List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) = 0;

  // Sockets of an edge in the order of their numbers, those behind `after`, at
  // most `max`; none of an edge that is not linked.
  virtual void Sockets(const std::string& edge, uint64_t after, size_t max,
                       absl::AnyInvocable<void(std::vector<SocketPtr>)> to) = 0;

  // One of them; null when it is not there.
  virtual void Find(const std::string& edge, uint64_t number,
                    absl::AnyInvocable<void(SocketPtr)> to) = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_EDGES_H_
