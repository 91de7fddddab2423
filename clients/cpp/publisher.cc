#include "clients/cpp/publisher.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/connection.h"
#include "common/rpc/setup.h"
#include "common/rpc/status.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::client {
namespace {

constexpr uint32_t kCreditAtFirst = 4096;
// Of one message, unless one broadcast alone is larger.
constexpr size_t kBatchBytesMax = 1 << 20;

}  // namespace

class Publisher::Impl {
 public:
  explicit Impl(const ConnectionOptions& options);
  ~Impl();

  std::future<absl::Status> Publish(v1::BroadcastRequest broadcast);
  absl::Status Close();

 private:
  using Stream = grpc::ClientReaderWriter<v1::BroadcastStreamRequest,
                                          v1::BroadcastStreamResponse>;

  absl::Status Connect(const ConnectionOptions& options);
  void Write();
  void Read();
  void Acknowledge(const v1::BroadcastStreamResponse& response);
  void Break(absl::Status status);

  std::unique_ptr<v1::Control::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
  std::thread writer_;
  std::thread reader_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::BroadcastRequest> queue_;  // By mutex_, as what follows.
  // Unacknowledged, in order; the first has the number acknowledged_ + 1.
  std::deque<std::promise<absl::Status>> pending_;
  uint64_t acknowledged_ = 0;
  // By number, told before they are acknowledged.
  absl::flat_hash_map<uint64_t, absl::Status> failures_;
  uint32_t credit_ = kCreditAtFirst;
  bool closing_ = false;
  bool broken_ = false;
  absl::Status status_;
};

Publisher::Impl::Impl(const ConnectionOptions& options) {
  const absl::Status status = Connect(options);
  if (!status.ok()) {
    Break(status);
    return;
  }
  writer_ = std::thread([this] { Write(); });
  reader_ = std::thread([this] { Read(); });
}

Publisher::Impl::~Impl() {
  if (!reader_.joinable()) return;
  context_.TryCancel();
  Close().IgnoreError();
}

absl::Status Publisher::Impl::Connect(const ConnectionOptions& options) {
  absl::Status status = Authorize(options, context_);
  if (!status.ok()) return status;
  status = absl::InvalidArgumentError("there is no address of a broker");
  for (const std::string& address : options.brokers) {
    const auto channel = MakeChannel(options, address);
    if (!channel.ok()) return channel.status();
    const auto deadline =
        std::chrono::system_clock::now() + std::chrono::seconds(5);
    if ((*channel)->WaitForConnected(deadline)) {
      stub_ = v1::Control::NewStub(*channel);
      stream_ = stub_->BroadcastStream(&context_);
      return absl::OkStatus();
    }
    status = absl::UnavailableError("no broker can be reached");
  }
  return status;
}

std::future<absl::Status> Publisher::Impl::Publish(
    v1::BroadcastRequest broadcast) {
  std::promise<absl::Status> promise;
  std::future<absl::Status> future = promise.get_future();
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] {
    return broken_ || closing_ || pending_.size() < credit_;
  });
  if (broken_ || closing_) {
    promise.set_value(closing_ ? absl::FailedPreconditionError("closed")
                               : status_);
    return future;
  }
  pending_.push_back(std::move(promise));
  queue_.push_back(std::move(broadcast));
  changed_.notify_all();
  return future;
}

absl::Status Publisher::Impl::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  if (writer_.joinable()) writer_.join();
  if (reader_.joinable()) reader_.join();
  std::lock_guard<std::mutex> lock(mutex_);
  return status_;
}

void Publisher::Impl::Write() {
  uint64_t next = 1;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock,
                  [this] { return broken_ || closing_ || !queue_.empty(); });
    if (broken_) return;
    if (queue_.empty()) break;
    v1::BroadcastStreamRequest batch;
    batch.set_first_sequence(next);
    size_t bytes = 0;
    while (!queue_.empty()) {
      bytes += queue_.front().ByteSizeLong();
      if (bytes > kBatchBytesMax && batch.broadcasts_size() > 0) break;
      *batch.add_broadcasts() = std::move(queue_.front());
      queue_.pop_front();
    }
    next += batch.broadcasts_size();
    lock.unlock();
    const bool written = stream_->Write(batch);
    lock.lock();
    if (!written) return;  // The reader hears why.
  }
  lock.unlock();
  stream_->WritesDone();
}

void Publisher::Impl::Read() {
  v1::BroadcastStreamResponse response;
  while (stream_->Read(&response)) Acknowledge(response);
  Break(rpc::FromGrpc(stream_->Finish()));
}

void Publisher::Impl::Acknowledge(const v1::BroadcastStreamResponse& response) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (response.credit() > 0) credit_ = response.credit();
  for (const auto& failure : response.failures()) {
    const uint64_t number = failure.sequence();
    // Of what waits only: so the map has a bound.
    if (number <= acknowledged_ || number > acknowledged_ + pending_.size()) {
      continue;
    }
    failures_[number] =
        absl::Status(static_cast<absl::StatusCode>(failure.status().code()),
                     failure.status().message());
  }
  while (!pending_.empty() && acknowledged_ < response.acknowledged()) {
    const auto failure = failures_.find(++acknowledged_);
    pending_.front().set_value(failure == failures_.end() ? absl::OkStatus()
                                                          : failure->second);
    if (failure != failures_.end()) failures_.erase(failure);
    pending_.pop_front();
  }
  changed_.notify_all();
}

void Publisher::Impl::Break(absl::Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  broken_ = true;
  if (status.ok() && !(closing_ && pending_.empty())) {
    status = absl::UnavailableError("the broker ended the stream");
  }
  status_ = std::move(status);
  for (auto& promise : pending_) promise.set_value(status_);
  pending_.clear();
  queue_.clear();
  changed_.notify_all();
}

Publisher::Publisher(const ConnectionOptions& options)
    : impl_((rpc::PrepareProcess(), std::make_unique<Impl>(options))) {}

Publisher::~Publisher() = default;

std::future<absl::Status> Publisher::Publish(v1::BroadcastRequest broadcast) {
  return impl_->Publish(std::move(broadcast));
}

absl::Status Publisher::Close() { return impl_->Close(); }

}  // namespace aerie::client
