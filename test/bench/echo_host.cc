// A service that hosts `hosted:*` and answers each event with its payload: what
// a channel in another process costs, beside the built-in echo.
//
//   echo_host BROKER     address and port
#include <iostream>
#include <memory>
#include <utility>

#include "clients/cpp/channel_host.h"

namespace {

using aerie::client::Event;
using aerie::client::Result;

class Echo final : public aerie::client::Channel {
 public:
  Result HandleIn(Event event) override {
    return Result::Ok(std::move(event.payload));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "echo_host BROKER\n";
    return 2;
  }
  aerie::client::HostOptions options;
  options.name = "bench";
  options.connection.brokers = {argv[1]};
  options.capacity = 8'192;
  aerie::client::ChannelHost host(std::move(options));
  host.Handle("hosted:*", [] { return std::make_unique<Echo>(); });
  const absl::Status status = host.Run();
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
