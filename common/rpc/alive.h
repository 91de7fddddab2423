#ifndef AERIE_COMMON_RPC_ALIVE_H_
#define AERIE_COMMON_RPC_ALIVE_H_

#include <future>

namespace aerie::rpc {

// Shared by the calls of a service or a client, and by whoever may make more of
// them; says when the last is over. Any thread.
struct Alive {
  ~Alive() { gone.set_value(); }
  std::promise<void> gone;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_ALIVE_H_
