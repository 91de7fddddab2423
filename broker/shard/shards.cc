#include "broker/shard/shards.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "broker/channel/socket_info.h"
#include "broker/shard/stable_hash.h"
#include "common/log.h"
#include "google/protobuf/util/time_util.h"
#include "proto/aerie/v1/credit.h"

namespace aerie::broker {
namespace {

// WebSocket close code: try again later.
constexpr uint32_t kCloseTryAgainLater = 1013;
// The same: going away.
constexpr uint32_t kCloseGoingAway = 1001;

// Batches up to this size are handled where they come in, if their loop sleeps.
constexpr size_t kHandledHereMax = 64;

uint64_t BytesOf(const Payload& payload) { return payload.bytes.size(); }

struct BytesOfAction {
  uint64_t operator()(const Joined& a) const { return BytesOf(a.response); }
  uint64_t operator()(const Reply& a) const {
    return a.ref.size() + a.status.size() + BytesOf(a.response);
  }
  uint64_t operator()(const Push& a) const {
    return a.event.size() + BytesOf(a.payload);
  }
  uint64_t operator()(const Broadcast& a) const {
    return a.event.size() + BytesOf(a.payload);
  }
  uint64_t operator()(const Info& a) const {
    return a.event.size() + BytesOf(a.payload);
  }
  template <typename Other>
  uint64_t operator()(const Other&) const {
    return 0;
  }
};

uint64_t BytesOf(const Action& action) {
  return sizeof(Action) + std::visit(BytesOfAction(), action.what);
}

}  // namespace

Shards::Shards(uint32_t count, const std::shared_ptr<const Router>& router,
               const Limits& limits, const Clock& clock, Metrics& metrics)
    : clock_(clock), metrics_(metrics), watchers_(metrics) {
  for (const Route& route : router->routes()) route.host->Start(count, *this);
  for (uint32_t i = 0; i < count; ++i) {
    slots_.push_back(std::make_unique<Slot>(static_cast<uint16_t>(i), router,
                                            limits, clock, metrics, watchers_,
                                            *this));
  }
}

Shards::~Shards() { Stop(); }

void Shards::Start() {
  for (const auto& slot : slots_) slot->loop.Start();
}

void Shards::Stop() {
  for (const auto& slot : slots_) slot->loop.Stop();
}

uint32_t Shards::ShardOf(absl::string_view name) const {
  return static_cast<uint32_t>(StableHash(name) % slots_.size());
}

Shards::Slot& Shards::Home(const Socket& socket) {
  return *slots_[socket.id().empty() ? socket.number() % slots_.size()
                                     : ShardOf(socket.id())];
}

void Shards::In(std::vector<SocketMessage> batch) {
  struct Part {
    std::vector<SocketMessage> batch;
    uint64_t bytes = 0;
  };
  std::vector<Part> parts(slots_.size());
  for (SocketMessage& item : batch) {
    Part& part = parts[ShardOf(item.message.topic())];
    part.bytes += v1::CreditBytes(item.message);
    part.batch.push_back(std::move(item));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].batch.empty()) continue;
    PostBatch(*slots_[i], std::move(parts[i].batch), parts[i].bytes);
  }
}

void Shards::PostBatch(Slot& slot, std::vector<SocketMessage> batch,
                       uint64_t bytes) {
  // On the heap, for it to be at hand still when the inbox is full.
  auto owned = std::make_unique<std::vector<SocketMessage>>(std::move(batch));
  const std::vector<SocketMessage>& messages = *owned;
  Loop::Task task = [&shard = slot.shard, owned = std::move(owned)] {
    shard.In(std::move(*owned));
  };
  const bool here = messages.size() <= kHandledHereMax;
  if (here ? slot.loop.PostHere(std::move(task), bytes)
           : slot.loop.Post(std::move(task), bytes)) {
    return;
  }
  log::Warning("shard overloaded", {{"messages", messages.size()}});
  for (const SocketMessage& message : messages) {
    if (message.socket->closing()) continue;
    metrics_.closes_overloaded.Increment();
    message.socket->Close(kCloseTryAgainLater);
  }
}

void Shards::SocketsOpened(const std::vector<SocketPtr>& sockets) {
  for (const SocketPtr& socket : sockets) {
    TellSocket(v1::WatchResponse::Event::KIND_CONNECTED, *socket);
    if (socket->id().empty() && !socket->limited()) continue;
    Slot& slot = Home(*socket);
    slot.loop.PostAlways(
        [&shard = slot.shard, socket] { shard.Opened(socket); });
  }
}

void Shards::SocketsGone(std::vector<SocketPtr> sockets, ExitReason reason) {
  if (sockets.empty()) return;
  // Goes when every shard has ended its channels of them: then they are
  // disconnected, for those who watch.
  struct Gone {
    ~Gone() {
      for (const SocketPtr& socket : sockets) {
        shards.TellSocket(v1::WatchResponse::Event::KIND_DISCONNECTED, *socket);
      }
    }
    Shards& shards;
    const std::vector<SocketPtr> sockets;
  };
  const std::shared_ptr<const Gone> gone(new Gone{*this, std::move(sockets)});
  for (const auto& slot : slots_) {
    slot->loop.PostAlways([&shard = slot->shard, gone, reason] {
      for (const SocketPtr& socket : gone->sockets) shard.Gone(socket, reason);
    });
  }
}

void Shards::TellSocket(Watchers::Kind kind, const Socket& socket) {
  if (!watchers_.Wanted(kind)) return;
  v1::WatchResponse::Event event;
  event.set_kind(kind);
  Describe(socket, event.mutable_socket());
  *event.mutable_time() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
          absl::ToUnixMillis(clock_.Now()));
  watchers_.Tell(event);
}

bool Shards::Post(Actions actions) {
  struct Part {
    Actions actions;
    uint64_t bytes = 0;
  };
  std::vector<Part> parts(slots_.size());
  bool all = true;
  for (Action& action : actions) {
    if (const auto* disconnect =
            std::get_if<broker::Disconnect>(&action.what)) {
      Disconnect(disconnect->socket_id);
      continue;
    }
    if (action.pid.shard >= parts.size()) {
      metrics_.actions_dropped.Increment();
      continue;
    }
    Part& part = parts[action.pid.shard];
    part.bytes += BytesOf(action);
    part.actions.push_back(std::move(action));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].actions.empty()) continue;
    Loop::Task task = [&shard = slots_[i]->shard,
                       actions = std::move(parts[i].actions)]() mutable {
      shard.Act(std::move(actions));
    };
    all &= slots_[i]->loop.Post(std::move(task), parts[i].bytes);
  }
  return all;
}

bool Shards::Broadcast(absl::string_view topic, std::string event,
                       Payload payload) {
  v1::Message message;
  message.set_kind(v1::Message::KIND_BROADCAST);
  message.set_topic(std::string(topic));
  message.set_event(std::move(event));
  SetPayload(std::move(payload), &message);
  const uint64_t bytes = v1::CreditBytes(message);
  Slot& slot = *slots_[ShardOf(topic)];
  Loop::Task task = [&shard = slot.shard,
                     message = std::move(message)]() mutable {
    shard.Broadcast(ServiceBroadcast{.message = std::move(message)});
  };
  return slot.loop.Post(std::move(task), bytes);
}

bool Shards::Broadcast(uint32_t shard, std::vector<ServiceBroadcast> broadcasts,
                       uint64_t bytes, BroadcastsDone done) {
  Slot& slot = *slots_[shard];
  Loop::Task task = [&slot, broadcasts = std::move(broadcasts),
                     done = std::move(done)]() mutable {
    std::vector<BroadcastResult> results;
    results.reserve(broadcasts.size());
    for (ServiceBroadcast& broadcast : broadcasts) {
      results.push_back(slot.shard.Broadcast(std::move(broadcast)));
    }
    slot.loop.AtTurnEnd(
        [done = std::move(done), results = std::move(results)]() mutable {
          done(std::move(results));
        });
  };
  return slot.loop.PostHere(std::move(task), bytes);
}

void Shards::Disconnect(absl::string_view socket_id) {
  Slot& slot = *slots_[ShardOf(socket_id)];
  slot.loop.PostAlways([&shard = slot.shard, id = std::string(socket_id)] {
    shard.Disconnect(id, kCloseGoingAway);
  });
}

void Shards::OnEach(absl::AnyInvocable<void(uint32_t shard) const> turn,
                    absl::AnyInvocable<void()> then) {
  struct Shared {
    absl::AnyInvocable<void(uint32_t shard) const> turn;
    absl::AnyInvocable<void()> then;
    std::atomic<size_t> left;
  };
  const auto shared = std::make_shared<Shared>();
  shared->turn = std::move(turn);
  shared->then = std::move(then);
  shared->left = slots_.size();
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    slots_[i]->loop.PostAlways([shared, i] {
      shared->turn(i);
      Loop::Current()->AtTurnEnd([shared] {
        if (--shared->left == 0) shared->then();
      });
    });
  }
}

bool Shards::Renew(const SocketPtr& socket, GrantPtr grant) {
  if (!socket->limited()) return false;
  socket->Renew(std::move(grant));
  metrics_.grants_renewed.Increment();
  Slot& slot = Home(*socket);
  slot.loop.PostAlways(
      [&shard = slot.shard, socket] { shard.Renewed(socket); });
  return true;
}

void Shards::GrantExpiring(const SocketPtr& socket, int64_t seconds) {
  for (const auto& slot : slots_) {
    slot->loop.PostAlways([&shard = slot->shard, socket, seconds] {
      shard.GrantExpiring(*socket, seconds);
    });
  }
}

void Shards::Drain(absl::AnyInvocable<void()> done) {
  struct Waiting {
    std::atomic<size_t> shards;
    absl::AnyInvocable<void()> done;
  };
  const auto waiting = std::make_shared<Waiting>();
  waiting->shards = slots_.size();
  waiting->done = std::move(done);
  for (const auto& slot : slots_) {
    slot->loop.PostAlways([&shard = slot->shard, waiting] {
      shard.Drain([waiting] {
        if (--waiting->shards == 0) waiting->done();
      });
    });
  }
}

size_t Shards::StuckLoops() const {
  return static_cast<size_t>(
      std::count_if(slots_.begin(), slots_.end(),
                    [](const auto& slot) { return slot->loop.Stuck(); }));
}

void Shards::RunUntilIdle() {
  bool busy = true;
  while (busy) {
    busy = false;
    for (const auto& slot : slots_) busy |= slot->loop.RunOnce();
  }
}

}  // namespace aerie::broker
