#include "clients/cpp/testing/fake_broker.h"

#include <chrono>
#include <utility>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace aerie::client {
namespace {

constexpr std::chrono::seconds kPatience{10};

}  // namespace

FakeBroker::FakeBroker() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeBroker::~FakeBroker() {
  server_->Shutdown(std::chrono::system_clock::now());
}

std::string FakeBroker::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void FakeBroker::Refuse(grpc::StatusCode code) {
  std::lock_guard<std::mutex> lock(mutex_);
  refuse_ = code;
}

void FakeBroker::Cut() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (context_ != nullptr) context_->TryCancel();
}

void FakeBroker::Send(v1::ChannelFrame frame) {
  v1::AttachResponse batch;
  *batch.add_frames() = std::move(frame);
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, kPatience, [this] { return stream_ != nullptr; });
  if (stream_ != nullptr) stream_->Write(batch);
}

std::string FakeBroker::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return !said_.empty(); })) {
    return "";
  }
  std::string text = std::move(said_.front());
  said_.pop_front();
  return text;
}

grpc::Status FakeBroker::Attach(grpc::ServerContext* context, Stream* stream) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (refuse_ != grpc::StatusCode::OK) return {refuse_, "refused"};
    v1::AttachResponse batch;
    v1::ChannelFrame::Attached& attached =
        *batch.add_frames()->mutable_attached();
    attached.set_major(1);
    attached.set_broker("b-1");
    stream->Write(batch);
    stream_ = stream;
    context_ = context;
    changed_.notify_all();
  }
  v1::AttachRequest batch;
  while (stream->Read(&batch)) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const v1::HostFrame& frame : batch.frames()) {
      said_.push_back(frame.ShortDebugString());
    }
    changed_.notify_all();
  }
  std::lock_guard<std::mutex> lock(mutex_);
  stream_ = nullptr;
  context_ = nullptr;
  return grpc::Status::OK;
}

}  // namespace aerie::client
