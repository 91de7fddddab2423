#ifndef AERIE_TEST_SUPPORT_CONTROL_STUB_H_
#define AERIE_TEST_SUPPORT_CONTROL_STUB_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/aerie/v1/control.grpc.pb.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::testing {

// A service that calls Control on one broker. One thread.
class ControlStub {
 public:
  // `token` is shown with every call; empty for none.
  explicit ControlStub(const std::string& address, std::string token = {});
  ControlStub(const std::shared_ptr<grpc::Channel>& channel, std::string token);

  v1::Control::Stub& stub() { return *stub_; }

  // With the token, and with a deadline that no call of a test should reach.
  std::unique_ptr<grpc::ClientContext> Context() const;

  // Calls `method`, and keeps the answer in `response`:
  // `Call(&v1::Control::Stub::GetTopic, request, &response)`.
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::Control::Stub::*method)(
                        grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    const std::unique_ptr<grpc::ClientContext> context = Context();
    return (*stub_.*method)(context.get(), request, response);
  }

 private:
  const std::string token_;
  const std::unique_ptr<v1::Control::Stub> stub_;
};

// A broadcast's request.
v1::BroadcastRequest BroadcastOf(absl::string_view topic,
                                 absl::string_view event,
                                 absl::string_view json);

// The fields that an error's google.rpc.BadRequest names.
std::vector<std::string> WrongFields(const grpc::Status& status);
// The reason of an error's google.rpc.ErrorInfo; empty for none.
std::string ReasonOf(const grpc::Status& status);

// A Watch call that is read event by event.
class Watching {
 public:
  Watching(ControlStub& control, const v1::WatchRequest& request);
  ~Watching();
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  // The next event, in short: `JOINED room:a users:1`, `LEFT room:a left`,
  // `BROADCAST room:a tick {}`, `LOST 7`; `end` when there is none any more.
  std::string Next();
  // Behind the end.
  grpc::Status Status() { return reader_->Finish(); }

 private:
  const std::unique_ptr<grpc::ClientContext> context_;
  const std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  v1::WatchResponse response_;
  int next_ = 0;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_CONTROL_STUB_H_
