#ifndef AERIE_EDGE_TRANSPORT_TABLE_SOCKETS_H_
#define AERIE_EDGE_TRANSPORT_TABLE_SOCKETS_H_

#include <memory>

#include "edge/socket/socket_table.h"
#include "edge/transport/sockets.h"

namespace aerie::edge {

// A SocketTable as a Listener takes it. Lives where the table lives, and not
// longer than it.
class TableSockets final : public Sockets {
 public:
  explicit TableSockets(SocketTable& table) : table_(table) {}

  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> answer) override;
  std::unique_ptr<Receiver> Open(SocketNumber number,
                                 Transport& transport) override;
  void Abandon(SocketNumber number) override;
  SocketNumber Poll(v1::Poll request, PollAnswered answered) override;
  SocketNumber PollSend(v1::PollSend request, PollAnswered answered) override;
  void EndPoll(SocketNumber number, bool written) override;
  void Tick() override;
  bool draining() const override { return table_.draining(); }

 private:
  SocketTable& table_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TABLE_SOCKETS_H_
