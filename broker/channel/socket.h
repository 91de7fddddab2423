#ifndef AERIE_BROKER_CHANNEL_SOCKET_H_
#define AERIE_BROKER_CHANNEL_SOCKET_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "broker/channel/edge.h"
#include "broker/channel/grant.h"
#include "broker/channel/origin.h"

namespace aerie::broker {

// What shards know of a dialect. Phoenix decides these by serializer.
struct Policy {
  // A second phx_join ends the first channel; else it is an ordinary event.
  bool second_join_replaces = true;
  // Topics joined or being joined at once; 0 means no limit.
  uint32_t topics_max = 100;
  // phx_close follows terminate's pushes; else it precedes them.
  bool close_after_terminate = false;

  friend bool operator==(const Policy&, const Policy&) = default;
};

// One client connection, as the broker knows it. Phoenix: Phoenix.Socket.
// Immutable but for its grant and a few atomics that every shard touches;
// shared by the shards that have its channels. Any thread.
class Socket {
 public:
  Socket(std::shared_ptr<Edge> edge, uint64_t number, std::string id,
         std::string assigns, Policy policy, GrantPtr grant = nullptr,
         const Origin& origin = {})
      : edge_(std::move(edge)),
        number_(number),
        id_(std::move(id)),
        assigns_(std::move(assigns)),
        policy_(policy),
        limited_(grant != nullptr),
        origin_(origin),
        grant_(std::move(grant)) {}

  Edge& edge() const { return *edge_; }
  const std::shared_ptr<Edge>& shared_edge() const { return edge_; }
  // The edge's name for it; unique within `edge`.
  uint64_t number() const { return number_; }
  // The application's name for it (`users:42`); empty for none.
  const std::string& id() const { return id_; }
  // A JSON object; empty for `{}`.
  const std::string& assigns() const { return assigns_; }
  const Policy& policy() const { return policy_; }
  const Origin& origin() const { return origin_; }

  // Whether it was opened with a grant. Only then it has one, and always.
  bool limited() const { return limited_; }
  // What it may do just now; null for everything.
  GrantPtr grant() const;
  // Replaces the grant of a limited socket.
  void Renew(GrantPtr grant);

  // Takes one of the policy's topics; false when none is left.
  bool ReserveTopic();
  void ReleaseTopic();
  // Joined or being joined.
  uint32_t topics() const { return topics_.load(std::memory_order_relaxed); }

  // Counts a frame that a shard has taken. Once enough has gathered, or at once
  // for a long poll, tells the edge in one Credit frame.
  void Taken(uint64_t bytes);

  // Asks the edge, once, to end the connection. What the client says from now
  // on is dropped; its channels end when the edge reports it gone.
  void Close(uint32_t code);
  bool closing() const { return closing_.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<Edge> edge_;
  const uint64_t number_;
  const std::string id_;
  const std::string assigns_;
  const Policy policy_;
  const bool limited_;
  const Origin origin_;
  // Through std::atomic_load and std::atomic_store only.
  GrantPtr grant_;
  std::atomic<uint32_t> topics_{0};
  std::atomic<uint32_t> taken_frames_{0};
  std::atomic<uint64_t> taken_bytes_{0};
  std::atomic<bool> closing_{false};
};

using SocketPtr = std::shared_ptr<Socket>;

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_SOCKET_H_
