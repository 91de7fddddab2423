#include "test/support/remote_host.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/testing/host_frames.h"
#include "common/rpc/setup.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "test/support/raw_socket.h"

namespace aerie::testing {
namespace {

using broker::Pid;

Pid PidOf(uint64_t channel) {
  return {0, static_cast<uint16_t>(channel >> 48),
          channel & ((1ull << 48) - 1)};
}

template <typename Event>
v1::Message MessageOf(const Event& event) {
  v1::Message message;
  message.set_event(event.event());
  if (event.payload().has_binary()) {
    message.set_binary(event.payload().binary());
  } else if (event.payload().has_json()) {
    message.set_json(event.payload().json());
  }
  return message;
}

void SetPayload(const broker::Payload& payload, v1::Payload* out) {
  if (payload.binary) {
    out->set_binary(payload.bytes);
  } else if (!payload.bytes.empty()) {
    out->set_json(payload.bytes);
  }
}

v1::ExitReason StopReasonOf(broker::ExitReason reason) {
  switch (reason) {
    case broker::ExitReason::kStopNormal:
      return v1::EXIT_REASON_STOP_NORMAL;
    case broker::ExitReason::kStopShutdown:
      return v1::EXIT_REASON_STOP_SHUTDOWN;
    case broker::ExitReason::kExitNormal:
      return v1::EXIT_REASON_EXIT_NORMAL;
    default:
      return v1::EXIT_REASON_CRASH;
  }
}

broker::ExitReason FromProto(v1::ExitReason reason) {
  return static_cast<broker::ExitReason>(reason - 1);
}

// What TestHost does, in the words of ChannelHost.
struct ToFrame {
  v1::HostFrame& frame;

  void operator()(const broker::Joined& joined) const {
    v1::HostFrame::JoinReply& reply = *frame.mutable_join_reply();
    reply.set_ok(joined.ok);
    SetPayload(joined.response, reply.mutable_payload());
    for (const std::string& event : joined.intercepts) {
      reply.add_intercepts(event);
    }
  }
  void operator()(const broker::JoinCrashed&) const {
    frame.mutable_join_reply()->set_crashed(true);
  }
  void operator()(const broker::JoinUnavailable&) const {}
  void operator()(const broker::Reply& reply) const {
    frame.mutable_reply()->set_ref(reply.ref);
    frame.mutable_reply()->set_status(reply.status);
    SetPayload(reply.response, frame.mutable_reply()->mutable_payload());
  }
  void operator()(const broker::Push& push) const {
    frame.mutable_push()->set_event(push.event);
    SetPayload(push.payload, frame.mutable_push()->mutable_payload());
  }
  void operator()(const broker::Broadcast& broadcast) const {
    frame.mutable_broadcast()->set_event(broadcast.event);
    frame.mutable_broadcast()->set_except_self(broadcast.except_self);
    SetPayload(broadcast.payload, frame.mutable_broadcast()->mutable_payload());
  }
  void operator()(const broker::Stop& stop) const {
    frame.mutable_stop()->set_reason(StopReasonOf(stop.reason));
  }
  void operator()(const broker::Left&) const { frame.mutable_left(); }
  void operator()(const broker::TerminateAck&) const {
    frame.mutable_terminated();
  }
  void operator()(const broker::Info& info) const {
    frame.mutable_send()->set_event(info.event);
  }
  void operator()(const broker::Disconnect& disconnect) const {
    frame.mutable_disconnect()->set_socket_id(disconnect.socket_id);
  }
};

// Without the channel, which is the second word.
std::string Text(const v1::ChannelFrame& frame) {
  std::string line = broker::Line(frame);
  if (frame.channel() == 0) return line;
  const size_t first = line.find(' ');
  const size_t second = line.find(' ', first + 1);
  return absl::StrCat(line.substr(0, first), line.substr(second));
}

}  // namespace

RemoteHost::RemoteHost(RemoteHostOptions options)
    : options_(std::move(options)),
      stub_(v1::ChannelHost::NewStub(grpc::CreateCustomChannel(
          options_.broker, grpc::InsecureChannelCredentials(),
          rpc::ClientArguments()))),
      stream_(stub_->Attach(&context_)) {
  host_.Start(0, *this);
  v1::HostFrame registration = broker::Registration(
      options_.instance, options_.patterns, options_.capacity);
  registration.mutable_registration()->set_connect(options_.connect);
  Say(std::move(registration));
  thread_ = std::thread([this] { Run(); });
  Await("attached");
}

RemoteHost::~RemoteHost() {
  context_.TryCancel();
  if (thread_.joinable()) thread_.join();
}

void RemoteHost::Kill() {
  context_.TryCancel();
  thread_.join();
}

void RemoteHost::Close() {
  stream_->WritesDone();
  thread_.join();
}

void RemoteHost::Drain(uint32_t window_ms) { Say(broker::DrainFor(window_ms)); }

void RemoteHost::Hang() {
  std::lock_guard<std::mutex> lock(mutex_);
  hanging_ = true;
}

void RemoteHost::Say(v1::HostFrame frame) {
  v1::AttachRequest batch;
  *batch.add_frames() = std::move(frame);
  std::lock_guard<std::mutex> lock(writing_);
  stream_->Write(batch);
}

std::string RemoteHost::Await(absl::string_view start) {
  std::string found;
  std::unique_lock<std::mutex> lock(mutex_);
  noted_.wait_for(lock, kPatience, [&] {
    for (const std::string& line : lines_) {
      if (absl::StartsWith(line, start)) found = line;
    }
    return !found.empty() || ended_;
  });
  return found;
}

size_t RemoteHost::Count(absl::string_view start) {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<size_t>(std::count_if(
      lines_.begin(), lines_.end(), [start](const std::string& line) {
        return absl::StartsWith(line, start);
      }));
}

grpc::Status RemoteHost::Status() {
  if (thread_.joinable()) thread_.join();
  return status_;
}

void RemoteHost::Run() {
  v1::AttachResponse batch;
  while (stream_->Read(&batch)) {
    for (const v1::ChannelFrame& frame : batch.frames()) {
      Note(Text(frame));
      Handle(frame);
    }
  }
  const grpc::Status status = stream_->Finish();
  std::lock_guard<std::mutex> lock(mutex_);
  status_ = status;
  ended_ = true;
  noted_.notify_all();
}

void RemoteHost::Note(std::string line) {
  std::lock_guard<std::mutex> lock(mutex_);
  lines_.push_back(std::move(line));
  noted_.notify_all();
}

void RemoteHost::Handle(const v1::ChannelFrame& frame) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (hanging_) return;
  }
  const Pid pid = PidOf(frame.channel());
  broker::Actions out;
  bool event = true;
  if (frame.has_handle_in()) {
    v1::Message message = MessageOf(frame.handle_in());
    message.set_ref(frame.handle_in().ref());
    host_.In(pid, message, out);
  } else if (frame.has_handle_out()) {
    host_.Out(pid, MessageOf(frame.handle_out()), out);
  } else if (frame.has_handle_info()) {
    host_.Info(pid, MessageOf(frame.handle_info()), out);
  } else {
    event = false;
    if (frame.has_join()) Join(frame, out);
    if (frame.has_connect()) Decide(frame.connect());
    if (frame.has_terminate()) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        events_[frame.channel()] = frame.terminate().event_id();
      }
      host_.Terminate(pid, FromProto(frame.terminate().reason()), out);
    }
  }
  (void)Post(std::move(out));
  if (event) Say(broker::Done(1));
}

void RemoteHost::Join(const v1::ChannelFrame& frame, broker::Actions& out) {
  v1::Message join;
  join.set_topic(frame.join().topic());
  if (frame.join().payload().has_binary()) {
    join.set_binary(frame.join().payload().binary());
  } else {
    join.set_json(frame.join().payload().json());
  }
  const v1::SocketInfo& info = frame.join().socket();
  host_.Join(PidOf(frame.channel()),
             std::make_shared<broker::Socket>(nullptr, 0, info.socket_id(),
                                              info.assigns(), broker::Policy()),
             join, out);
}

void RemoteHost::Decide(const v1::ChannelFrame::Connect& connect) {
  v1::HostFrame frame = broker::ConnectOk(connect.id(), "");
  v1::HostFrame::ConnectReply& reply = *frame.mutable_connect_reply();
  for (const v1::NameValue& param : connect.params()) {
    if (param.name() == "id") reply.set_socket_id(param.value());
    uint32_t status = 0;
    if (param.name() == "refuse" && absl::SimpleAtoi(param.value(), &status)) {
      reply.set_ok(false);
      reply.set_status(status);
    }
  }
  Say(std::move(frame));
}

bool RemoteHost::Post(broker::Actions actions) {
  v1::AttachRequest batch;
  for (const broker::Action& action : actions) {
    v1::HostFrame& frame = *batch.add_frames();
    frame.set_channel(action.pid.number());
    std::visit(ToFrame{frame}, action.what);
    if (frame.has_terminated()) {
      std::lock_guard<std::mutex> lock(mutex_);
      frame.mutable_terminated()->set_event_id(events_[frame.channel()]);
      events_.erase(frame.channel());
    }
    if (frame.has_send()) frame.mutable_send()->set_to(frame.channel());
  }
  if (batch.frames().empty()) return true;
  std::lock_guard<std::mutex> lock(writing_);
  return stream_->Write(batch);
}

}  // namespace aerie::testing
