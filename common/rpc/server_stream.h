#ifndef AERIE_COMMON_RPC_SERVER_STREAM_H_
#define AERIE_COMMON_RPC_SERVER_STREAM_H_

#include <utility>

#include "common/rpc/call_operations.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/status.h"

namespace aerie::rpc {

// The server's end of one bidirectional call on a completion queue, with the
// ways of grpc::ServerBidiReactor: one read and one write under way at most;
// Finish once, when no write is. Handlers run on the queue's thread, but for
// those that the caller's own thread runs.
template <typename In, typename Out>
class ServerStream {
 public:
  virtual ~ServerStream() = default;

  // For the service's Request method, which takes the next call as this one.
  grpc::ServerContext& context() { return context_; }
  const grpc::ServerContext& context() const { return context_; }
  grpc::ServerAsyncReaderWriter<Out, In>& stream() { return stream_; }
  void* Await() {
    context_.AsyncNotifyWhenDone(over_.Begin());
    return accepted_.Begin();
  }

  void StartRead(In* message) { stream_.Read(message, read_.Begin()); }
  void StartWrite(const Out* message) {
    stream_.Write(*message, written_.Begin());
  }
  void Finish(const grpc::Status& status) {
    stream_.Finish(status, finished_.Begin());
  }

 protected:
  // There is a call; or there will be none (the server shuts down), and OnOver
  // follows.
  virtual void OnAccepted() = 0;
  virtual void OnNoCall() = 0;
  virtual void OnReadDone(bool ok) = 0;
  virtual void OnWriteDone(bool ok) = 0;
  // The client, or TryCancel, has ended the call.
  virtual void OnCancel() = 0;
  // Behind Finish, when nothing is under way any more: the last word.
  virtual void OnOver() = 0;

 private:
  using Operations = CallOperations<ServerStream>;
  using Operation = typename Operations::Operation;
  friend class CallOperations<ServerStream>;

  void Accepted(bool ok) {
    if (ok) return OnAccepted();
    // gRPC does not give back the tag of AsyncNotifyWhenDone then.
    OnNoCall();
    operations_.SetOver();
    operations_.Release(*this);
  }
  void Finished(bool) { operations_.SetOver(); }
  void Over(bool) {
    if (context_.IsCancelled()) OnCancel();
  }
  void Read(bool ok) { OnReadDone(ok); }
  void Written(bool ok) { OnWriteDone(ok); }

  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<Out, In> stream_{&context_};
  Operations operations_;
  Operation accepted_{*this, operations_, &ServerStream::Accepted};
  Operation read_{*this, operations_, &ServerStream::Read};
  Operation written_{*this, operations_, &ServerStream::Written};
  Operation finished_{*this, operations_, &ServerStream::Finished};
  Operation over_{*this, operations_, &ServerStream::Over};
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_SERVER_STREAM_H_
