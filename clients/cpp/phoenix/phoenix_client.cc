#include "clients/cpp/phoenix/phoenix_client.h"

#include <future>
#include <string>
#include <utility>

#include "clients/cpp/phoenix/asio_timers.h"
#include "clients/cpp/phoenix/loop.h"
#include "clients/cpp/phoenix/websocket_transport.h"

namespace aerie::client::phx {

// What lives on the loop.
class PhoenixClient::Core {
 public:
  Core(Loop& loop, absl::string_view endpoint, const SocketOptions& options)
      : timers_(loop.context()),
        socket_(
            endpoint, options, timers_,
            WebSocketTransports(loop.context(), options.tls, options.limits)) {}

  Socket& socket() { return socket_; }

 private:
  AsioTimers timers_;
  Socket socket_;
};

PhoenixClient::PhoenixClient(absl::string_view endpoint,
                             const SocketOptions& options,
                             std::shared_ptr<Loop> loop)
    : loop_(loop != nullptr
                ? std::move(loop)
                : std::make_shared<Loop>(options.limits.posted_max)),
      core_(std::make_shared<Core>(*loop_, endpoint, options)) {}

PhoenixClient::~PhoenixClient() {
  loop_->Run([this] { core_.reset(); });
}

absl::Status PhoenixClient::Post(Turn turn) {
  return loop_->Post(
      [weak = std::weak_ptr<Core>(core_), turn = std::move(turn)] {
        // Only the loop lets go of it.
        if (const auto core = weak.lock()) turn(core->socket());
      });
}

void PhoenixClient::Run(const Turn& turn) {
  loop_->Run([this, &turn] { turn(core_->socket()); });
}

void PhoenixClient::Disconnect() {
  std::promise<void> done;
  Run([&done](Socket& socket) {
    socket.Disconnect([&done] { done.set_value(); });
  });
  done.get_future().wait();
}

}  // namespace aerie::client::phx
