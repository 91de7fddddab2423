#ifndef AERIE_BROKER_RPC_EDGE_LINKS_H_
#define AERIE_BROKER_RPC_EDGE_LINKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "broker/channel/socket.h"
#include "broker/control/edges.h"
#include "common/rpc/strand.h"

namespace aerie::broker {

// Which edge has which link. An edge has one: a newer epoch ends the older
// link, which may be half open and unaware, before the new one is welcomed.
// Any thread; outlives the links.
class EdgeLinks final : public Edges {
 public:
  // A link, as far as it is admitted and ended. Any thread; none of these
  // blocks.
  class Link {
   public:
    virtual ~Link() = default;

    // It may carry sockets.
    virtual void Welcome() = 0;
    // It is over, for this reason; `then` runs when its sockets have been given
    // up, on whatever thread. A link that has ended already runs it as well.
    virtual void End(absl::Status reason, absl::AnyInvocable<void()> then) = 0;
    // The broker will exit: the edge is to be told, behind what it has been
    // sent. Lets go of `told` then, or when there is nobody to tell.
    virtual void Drain(std::shared_ptr<const void> told) = 0;
    // How it is; nothing when it does not carry sockets.
    virtual void Look(
        absl::AnyInvocable<void(absl::optional<EdgeView>)> to) = 0;
    // As of Edges.
    virtual void Sockets(
        uint64_t after, size_t max,
        absl::AnyInvocable<void(std::vector<SocketPtr>)> to) = 0;
    virtual void Find(uint64_t number,
                      absl::AnyInvocable<void(SocketPtr)> to) = 0;
  };

  // Of Edges.
  void List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) override;
  void Sockets(const std::string& edge, uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override;
  void Find(const std::string& edge, uint64_t number,
            absl::AnyInvocable<void(SocketPtr)> to) override;

  // Of a link that has said Hello: it is welcomed, or ended with ABORTED (there
  // is one of the same or a newer epoch) or UNAVAILABLE (draining).
  void Admit(std::shared_ptr<Link> link, std::string edge, uint64_t epoch);

  // The link has ended.
  void Remove(std::shared_ptr<Link> link, std::string edge);

  // Tells all links to drain and admits no more. `then` runs when all have been
  // told, on whatever thread: what is sent to edges afterwards comes behind.
  void Drain(absl::AnyInvocable<void()> then);

 private:
  struct Entry {
    uint64_t epoch = 0;
    std::shared_ptr<Link> link;
  };

  rpc::Strand strand_;
  absl::flat_hash_map<std::string, Entry> by_edge_;
  bool draining_ = false;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_EDGE_LINKS_H_
