#include "edge/transport/table_sockets.h"

#include <utility>

namespace aerie::edge {
namespace {

class SocketReceiver final : public Receiver {
 public:
  explicit SocketReceiver(Socket& socket) : socket_(socket) {}

  void OnFrame(phoenix::Opcode opcode, absl::string_view bytes) override {
    socket_.OnFrame(opcode, bytes);
  }
  void OnClosed() override { socket_.OnClosed(); }

 private:
  Socket& socket_;
};

}  // namespace

void TableSockets::Connect(v1::Connect request,
                           absl::AnyInvocable<void(ConnectAnswer)> answer) {
  table_.Connect(std::move(request), std::move(answer));
}

std::unique_ptr<Receiver> TableSockets::Open(SocketNumber number,
                                             Transport& transport) {
  return std::make_unique<SocketReceiver>(table_.Open(number, transport));
}

void TableSockets::Abandon(SocketNumber number) { table_.Abandon(number); }

SocketNumber TableSockets::Poll(v1::Poll request, PollAnswered answered) {
  return table_.Poll(std::move(request), std::move(answered));
}

SocketNumber TableSockets::PollSend(v1::PollSend request,
                                    PollAnswered answered) {
  return table_.PollSend(std::move(request), std::move(answered));
}

void TableSockets::EndPoll(SocketNumber number, bool written) {
  table_.EndPoll(number, written);
}

void TableSockets::Tick() { table_.Tick(); }

}  // namespace aerie::edge
