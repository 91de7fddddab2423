#ifndef AERIE_COMMON_RPC_CLIENT_STREAM_H_
#define AERIE_COMMON_RPC_CLIENT_STREAM_H_

#include <atomic>
#include <memory>
#include <utility>

#include "common/rpc/call_operations.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/status.h"

namespace aerie::rpc {

// The client's end of one bidirectional call on a completion queue, with the
// ways of grpc::ClientBidiReactor: one read and one write under way at most.
// The call is over when both directions are: after ReadsOver and WritesOver,
// and with the server's status. Handlers run on the queue's thread.
template <typename Out, typename In>
class ClientStream {
 public:
  using Stream = grpc::ClientAsyncReaderWriter<Out, In>;

  virtual ~ClientStream() = default;

  grpc::ClientContext& context() { return context_; }

  // First. `stream` is what the stub's Prepare method has made.
  void StartCall(std::unique_ptr<Stream> stream) {
    stream_ = std::move(stream);
    stream_->StartCall(started_.Begin());
  }
  void StartRead(In* message) { stream_->Read(message, read_.Begin()); }
  void StartWrite(const Out* message) {
    outgoing_ = message;
    Send();
  }
  void StartWritesDone() {
    outgoing_ = nullptr;
    Send();
  }

  // Once each: no read, no write, will be started any more.
  void ReadsOver() { DirectionOver(); }
  void WritesOver() { DirectionOver(); }

 protected:
  virtual void OnReadDone(bool ok) = 0;
  virtual void OnWriteDone(bool ok) = 0;
  // The call is over; nothing is under way: the last word.
  virtual void OnDone(const grpc::Status& status) = 0;

 private:
  using Operations = CallOperations<ClientStream>;
  using Operation = typename Operations::Operation;
  friend class CallOperations<ClientStream>;

  // gRPC takes nothing to send before the call has started: whichever comes
  // second, the start or the first thing to send, sends it.
  void Send() {
    if (ready_ == 2 || ++ready_ == 2) SendNow();
  }
  void Started(bool) {
    if (++ready_ == 2) SendNow();
  }
  void SendNow() {
    // Read before the operation begins: only what comes before that is ordered
    // before its end, after which another thread may send.
    const Out* const outgoing = outgoing_;
    outgoing != nullptr ? stream_->Write(*outgoing, written_.Begin())
                        : stream_->WritesDone(writes_done_.Begin());
  }

  void DirectionOver() {
    if (directions_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      stream_->Finish(&status_, finished_.Begin());
    }
  }
  void SentAll(bool) {}
  void Finished(bool) { operations_.SetOver(); }
  void Read(bool ok) { OnReadDone(ok); }
  void Written(bool ok) { OnWriteDone(ok); }
  void OnOver() { OnDone(status_); }

  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
  std::atomic<int> ready_{0};
  const Out* outgoing_ = nullptr;  // Null: all has been sent.
  std::atomic<int> directions_{2};
  grpc::Status status_;
  Operations operations_;
  Operation started_{*this, operations_, &ClientStream::Started};
  Operation read_{*this, operations_, &ClientStream::Read};
  Operation written_{*this, operations_, &ClientStream::Written};
  Operation writes_done_{*this, operations_, &ClientStream::SentAll};
  Operation finished_{*this, operations_, &ClientStream::Finished};
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_CLIENT_STREAM_H_
