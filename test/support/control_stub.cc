#include "test/support/control_stub.h"

#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "proto/google/rpc/error_details.pb.h"
#include "proto/google/rpc/status.pb.h"

namespace aerie::testing {
namespace {

using Event = v1::WatchResponse::Event;

constexpr std::chrono::seconds kPatience(20);

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status proto;
  Detail detail;
  if (!proto.ParseFromString(status.error_details())) return detail;
  for (const google::protobuf::Any& any : proto.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return detail;
}

std::string Line(const Event& event) {
  std::string line = Event::Kind_Name(event.kind()).substr(5);
  if (!event.topic().empty()) absl::StrAppend(&line, " ", event.topic());
  if (!event.event().empty()) {
    absl::StrAppend(&line, " ", event.event(), " ", event.payload().json());
  }
  if (event.kind() == Event::KIND_LEFT) {
    absl::StrAppend(
        &line, " ",
        absl::AsciiStrToLower(v1::ExitReason_Name(event.reason()).substr(12)));
  }
  if (!event.socket().socket_id().empty()) {
    absl::StrAppend(&line, " ", event.socket().socket_id());
  }
  if (event.lost() > 0) absl::StrAppend(&line, " ", event.lost());
  return line;
}

}  // namespace

ControlStub::ControlStub(const std::string& address, std::string token)
    : ControlStub(
          grpc::CreateChannel(address, grpc::InsecureChannelCredentials()),
          std::move(token)) {}

ControlStub::ControlStub(const std::shared_ptr<grpc::Channel>& channel,
                         std::string token)
    : token_(std::move(token)), stub_(v1::Control::NewStub(channel)) {}

std::unique_ptr<grpc::ClientContext> ControlStub::Context() const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  if (!token_.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", token_));
  }
  return context;
}

v1::BroadcastRequest BroadcastOf(absl::string_view topic,
                                 absl::string_view event,
                                 absl::string_view json) {
  v1::BroadcastRequest request;
  request.set_topic(std::string(topic));
  request.set_event(std::string(event));
  request.mutable_payload()->set_json(std::string(json));
  return request;
}

std::vector<std::string> WrongFields(const grpc::Status& status) {
  std::vector<std::string> fields;
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  for (const auto& violation : bad.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

Watching::Watching(ControlStub& control, const v1::WatchRequest& request)
    : context_(control.Context()),
      reader_(control.stub().Watch(context_.get(), request)) {}

Watching::~Watching() {
  context_->TryCancel();
  while (reader_->Read(&response_)) {
  }
}

std::string Watching::Next() {
  if (next_ == response_.events_size()) {
    next_ = 0;
    if (!reader_->Read(&response_)) {
      response_.Clear();
      return "end";
    }
  }
  return Line(response_.events(next_++));
}

}  // namespace aerie::testing
