#ifndef AERIE_TEST_SUPPORT_REMOTE_HOST_H_
#define AERIE_TEST_SUPPORT_REMOTE_HOST_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "broker/channel/host.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "test/support/test_host.h"

namespace aerie::testing {

struct RemoteHostOptions {
  std::string broker;  // Address and port.
  std::string instance = "host-1";
  std::vector<std::string> patterns = {"room:*"};
  uint32_t capacity = 0;
  // Decides about connects: those with the param `refuse` are refused with its
  // value as status, all others get the param `id` as socket id.
  bool connect = false;
};

// The channel under test (test_host.h) in a host of its own, attached to a
// broker over gRPC. Made, and its stream ended, on one thread; its callbacks
// run on another.
class RemoteHost final : private broker::ActionSink {
 public:
  // Attached when it returns, unless the broker refuses.
  explicit RemoteHost(RemoteHostOptions options);
  ~RemoteHost() override;
  RemoteHost(const RemoteHost&) = delete;
  RemoteHost& operator=(const RemoteHost&) = delete;

  // The stream breaks, as if the process had been killed.
  void Kill();
  // Leaves without a word about its channels.
  void Close();
  // Asks the broker to end its channels.
  void Drain(uint32_t window_ms);
  // Answers nothing from now on, as a host that hangs.
  void Hang();
  // Says something that TestHost would not.
  void Say(v1::HostFrame frame);

  // Waits until a frame has come whose text is, or begins with, `start`;
  // returns it, or nothing in time. As in //broker/hosts/attached/testing, but
  // without the channel: `terminate host_lost room:a {} redelivered`.
  std::string Await(absl::string_view start);
  // How many frames have come that begin so.
  size_t Count(absl::string_view start);

  // After the end: the broker's word.
  grpc::Status Status();

 private:
  void Run();
  void Handle(const v1::ChannelFrame& frame);
  void Join(const v1::ChannelFrame& frame, broker::Actions& out);
  void Decide(const v1::ChannelFrame::Connect& connect);
  [[nodiscard]] bool Post(broker::Actions actions) override;
  void Note(std::string line);

  const RemoteHostOptions options_;
  const std::unique_ptr<v1::ChannelHost::Stub> stub_;
  grpc::ClientContext context_;
  const std::unique_ptr<
      grpc::ClientReaderWriter<v1::AttachRequest, v1::AttachResponse>>
      stream_;

  std::mutex writing_;

  std::mutex mutex_;
  std::condition_variable noted_;
  // By mutex_, as what follows.
  std::vector<std::string> lines_;
  absl::flat_hash_map<uint64_t, std::string> events_;  // Terminates under way.
  bool hanging_ = false;
  bool ended_ = false;
  grpc::Status status_;

  std::thread thread_;
  TestHost host_;  // Last: its own thread uses what is above.
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_REMOTE_HOST_H_
