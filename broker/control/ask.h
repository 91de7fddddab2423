#ifndef AERIE_BROKER_CONTROL_ASK_H_
#define AERIE_BROKER_CONTROL_ASK_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "broker/control/broadcasts.h"
#include "broker/shard/loop.h"
#include "broker/shard/shards.h"

namespace aerie::broker {

// Runs `turn`, which gives an absl::StatusOr<Response>, on a shard's loop, and
// answers when what else that turn has said is on its way. What is asked weighs
// `bytes`; RESOURCE_EXHAUSTED when the shard has no room for it. Any thread.
template <typename Response, typename Turn>
void Ask(Shards& shards, uint32_t shard, uint64_t bytes, Turn turn,
         absl::AnyInvocable<void(absl::StatusOr<Response>)> answer) {
  // Shared, for it to be at hand still when the shard is full.
  const auto to =
      std::make_shared<absl::AnyInvocable<void(absl::StatusOr<Response>)>>(
          std::move(answer));
  Loop& loop = shards.loop(shard);
  Loop::Task task = [&loop, &asked = shards.shard(shard),
                     turn = std::move(turn), to]() mutable {
    absl::StatusOr<Response> response = turn(asked);
    loop.AtTurnEnd([to, response = std::move(response)]() mutable {
      (*to)(std::move(response));
    });
  };
  if (!loop.PostHere(std::move(task), bytes)) (*to)(ShardIsFull());
}

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_ASK_H_
