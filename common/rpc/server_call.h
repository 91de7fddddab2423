#ifndef AERIE_COMMON_RPC_SERVER_CALL_H_
#define AERIE_COMMON_RPC_SERVER_CALL_H_

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "common/rpc/alive.h"
#include "common/rpc/call_operations.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/status.h"

namespace aerie::rpc {

// The server's end of one call on a completion queue, with the ways of gRPC's
// reactors: one read and one write under way at most; Finish once, when no
// write is. Handlers run on the queue's thread, but for those that the caller's
// own thread runs.
class ServerCall {
 public:
  // Runs when there is a call, so that the next may wait; or when there will be
  // none.
  using Next = absl::AnyInvocable<void(bool ok)>;

  ServerCall() = default;
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;
  virtual ~ServerCall() = default;

  // Waits for a client's call. From here until that is over the object (`self`)
  // keeps itself alive; then it lets go of `alive`.
  void Await(std::shared_ptr<ServerCall> self,
             grpc::ServerCompletionQueue& queue, std::shared_ptr<Alive> alive,
             Next next) {
    self_ = std::move(self);
    alive_ = std::move(alive);
    next_ = std::move(next);
    context_.AsyncNotifyWhenDone(over_.Begin());
    Request(queue, accepted_.Begin());
  }

  grpc::ServerContext& context() { return context_; }
  const grpc::ServerContext& context() const { return context_; }

 protected:
  // Calls the service's method that takes the next call as this one.
  virtual void Request(grpc::ServerCompletionQueue& queue, void* tag) = 0;
  // There is a call.
  virtual void OnAccepted() = 0;
  virtual void OnReadDone(bool /*ok*/) {}
  virtual void OnWriteDone(bool /*ok*/) {}
  // The client, or TryCancel, has ended the call.
  virtual void OnCancel() {}
  // Behind Finish, when nothing is under way any more: the last word. Only now
  // it is certain whether the client has ended the call (IsCancelled).
  virtual void OnDone() {}

  // The tags of operations.
  void* BeginRead() { return read_.Begin(); }
  void* BeginWrite() { return written_.Begin(); }
  void* BeginFinish() { return finished_.Begin(); }

 private:
  using Operations = CallOperations<ServerCall>;
  using Operation = Operations::Operation;
  friend class CallOperations<ServerCall>;

  void Accepted(bool ok) {
    next_(ok);
    if (ok) return OnAccepted();
    // gRPC does not give back the tag of AsyncNotifyWhenDone then.
    no_call_ = true;
    operations_.SetOver();
    operations_.Release(*this);
  }
  void Read(bool ok) { OnReadDone(ok); }
  void Written(bool ok) { OnWriteDone(ok); }
  void Finished(bool) { operations_.SetOver(); }
  void Over(bool) {
    if (context_.IsCancelled()) OnCancel();
  }
  void OnOver() {
    const std::shared_ptr<ServerCall> self = std::move(self_);
    if (!no_call_) OnDone();
    next_ = nullptr;
    alive_ = nullptr;
  }

  grpc::ServerContext context_;
  std::shared_ptr<ServerCall> self_;
  std::shared_ptr<Alive> alive_;
  Next next_;
  bool no_call_ = false;
  Operations operations_;
  Operation accepted_{*this, operations_, &ServerCall::Accepted};
  Operation read_{*this, operations_, &ServerCall::Read};
  Operation written_{*this, operations_, &ServerCall::Written};
  Operation finished_{*this, operations_, &ServerCall::Finished};
  Operation over_{*this, operations_, &ServerCall::Over};
};

// A call of which both sides are streams.
template <typename In, typename Out>
class ServerStream : public ServerCall {
 protected:
  // For the service's Request method.
  grpc::ServerAsyncReaderWriter<Out, In>& stream() { return stream_; }

  void StartRead(In* message) { stream_.Read(message, BeginRead()); }
  void StartWrite(const Out* message) { stream_.Write(*message, BeginWrite()); }
  void Finish(const grpc::Status& status) {
    stream_.Finish(status, BeginFinish());
  }

 private:
  grpc::ServerAsyncReaderWriter<Out, In> stream_{&context()};
};

// A call with one request, whose answer is a stream.
template <typename Out>
class ServerWriter : public ServerCall {
 protected:
  // For the service's Request method.
  grpc::ServerAsyncWriter<Out>& writer() { return writer_; }

  void StartWrite(const Out* message) { writer_.Write(*message, BeginWrite()); }
  void Finish(const grpc::Status& status) {
    writer_.Finish(status, BeginFinish());
  }

 private:
  grpc::ServerAsyncWriter<Out> writer_{&context()};
};

// A call with one request and one response.
template <typename Response>
class ServerUnary : public ServerCall {
 protected:
  // For the service's Request method.
  grpc::ServerAsyncResponseWriter<Response>& responder() { return responder_; }

  // With `response` if `status` is OK.
  void Finish(const Response& response, const grpc::Status& status) {
    status.ok() ? responder_.Finish(response, status, BeginFinish())
                : responder_.FinishWithError(status, BeginFinish());
  }

 private:
  grpc::ServerAsyncResponseWriter<Response> responder_{&context()};
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_SERVER_CALL_H_
