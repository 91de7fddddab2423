#ifndef AERIE_CLIENTS_CPP_TESTING_FAKE_BROKER_H_
#define AERIE_CLIENTS_CPP_TESTING_FAKE_BROKER_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "grpcpp/server.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"

namespace aerie::client {

// A broker of one host at a time, for tests: takes streams one after another,
// answers Registration with Attached, and leaves the rest to the test.
class FakeBroker final : private v1::ChannelHost::Service {
 public:
  FakeBroker();
  ~FakeBroker() override;

  // `host:port`.
  std::string address() const;
  // Refuses every stream from now on.
  void Refuse(grpc::StatusCode code);
  // Ends the present stream.
  void Cut();

  void Send(v1::ChannelFrame frame);
  // The host's next frame as text, in a line; empty when there is none in 10 s.
  std::string Next();

 private:
  using Stream =
      grpc::ServerReaderWriter<v1::AttachResponse, v1::AttachRequest>;

  grpc::Status Attach(grpc::ServerContext* context, Stream* stream) override;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> said_;
  Stream* stream_ = nullptr;
  grpc::ServerContext* context_ = nullptr;
  grpc::StatusCode refuse_ = grpc::StatusCode::OK;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_TESTING_FAKE_BROKER_H_
