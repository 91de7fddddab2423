#include "broker/auth/policy.h"

namespace aerie::broker {

Policy PolicyOf(v1::Dialect dialect, const Limits& limits) {
  if (dialect == v1::DIALECT_FOUNDING) {
    return {.second_join_replaces = false,
            .topics_max = 0,
            .close_after_terminate = true};
  }
  return {.second_join_replaces = true,
          .topics_max = limits.channels_per_socket_max,
          .close_after_terminate = false};
}

}  // namespace aerie::broker
