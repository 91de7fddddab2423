// The edge's WebSocket layer with nothing behind it: every message comes back.
// For fuzzing clients such as Autobahn's.
//
//   autobahn_echo [--port=N] [--compress=false]
//
// Prints `listening on 127.0.0.1:PORT` and runs until standard input ends.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/transport/listener.h"
#include "edge/transport/options.h"
#include "edge/transport/sockets.h"

ABSL_FLAG(uint16_t, port, 0, "port to listen on; 0 takes any");
ABSL_FLAG(bool, compress, true, "offer permessage-deflate");

namespace aerie::edge {
namespace {

class EchoReceiver final : public Receiver {
 public:
  explicit EchoReceiver(Transport& transport) : transport_(transport) {}

  void OnFrame(phoenix::Opcode opcode, absl::string_view bytes) override {
    transport_.Send({std::make_shared<const std::string>(bytes), opcode});
  }
  void OnClosed() override {}

 private:
  Transport& transport_;
};

// Lets everybody in.
class EchoSockets final : public Sockets {
 public:
  void Connect(v1::Connect,
               absl::AnyInvocable<void(ConnectAnswer)> answer) override {
    answer(++last_);
  }
  std::unique_ptr<Receiver> Open(SocketNumber, Transport& transport) override {
    return std::make_unique<EchoReceiver>(transport);
  }
  void Abandon(SocketNumber) override {}
  // There are no long polls here.
  SocketNumber Poll(v1::Poll /*request*/, PollAnswered answered) override {
    answered(v1::PollAnswer());
    return 0;
  }
  SocketNumber PollSend(v1::PollSend /*request*/,
                        PollAnswered answered) override {
    answered(v1::PollAnswer());
    return 0;
  }
  void EndPoll(SocketNumber /*number*/, bool /*written*/) override {}
  bool draining() const override { return false; }
  void Tick() override {}

 private:
  SocketNumber last_ = 0;
};

// Fuzzing clients send any Origin, to `/`, messages of up to 16 MiB, and read
// them late.
ListenerOptions Options() {
  MountOptions mount;
  mount.path = "/";
  mount.check_origin.mode = CheckOrigin::Mode::kOff;
  mount.auth_token = false;
  mount.compress = absl::GetFlag(FLAGS_compress);
  mount.max_frame_size = 64 << 20;
  ListenerOptions options;
  options.address = absl::StrCat("127.0.0.1:", absl::GetFlag(FLAGS_port));
  options.mounts = {mount};
  options.threads = 1;
  return options;
}

int Run() {
  MetricsRegistry registry;
  Metrics metrics(registry);
  Limits limits;
  limits.socket_queue_bytes_max = 256 << 20;
  auto listener = Listener::Create(Options(), limits, metrics);
  if (!listener.ok()) {
    std::cerr << listener.status() << "\n";
    return 1;
  }
  EchoSockets sockets;
  (*listener)->Start({&sockets});
  std::cout << "listening on 127.0.0.1:" << (*listener)->port() << std::endl;
  while (std::getchar() != EOF) {
  }
  (*listener)->Stop();
  return 0;
}

}  // namespace
}  // namespace aerie::edge

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return aerie::edge::Run();
}
