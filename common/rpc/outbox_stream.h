#ifndef AERIE_COMMON_RPC_OUTBOX_STREAM_H_
#define AERIE_COMMON_RPC_OUTBOX_STREAM_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/outbox.h"
#include "common/rpc/status.h"

namespace aerie::rpc {

// Why a client ended a call by itself; `greeting` is what the server was to
// say first.
inline absl::Status Cancelled(absl::StatusCode code,
                              absl::string_view greeting) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return absl::Status(code, "the broker does not read what it is sent");
    case absl::StatusCode::kDeadlineExceeded:
      return absl::Status(code, absl::StrCat("no ", greeting, " in time"));
    case absl::StatusCode::kFailedPrecondition:
      return absl::Status(
          code, absl::StrCat("no ", greeting, " of a version that we speak"));
    default:
      return absl::Status(code, "closed");
  }
}

// A client's end of a call to the broker that sends what an Outbox batches.
// Sent to from any thread; what it reads, and its end, is told on the queue's
// thread. Keeps itself alive from Begin until the listener's Ended(status),
// which is the last that it calls.
template <typename Out, typename In, typename Listener>
class OutboxStream : public ClientStream<Out, In>, private Outbox<Out>::Stream {
 public:
  // Sends what is queued, then half-closes; the broker ends the call.
  void Finish() { outbox_.Finish(); }
  // Ends the call, for this reason.
  void Cancel(absl::StatusCode code) {
    absl::StatusCode none = absl::StatusCode::kOk;
    cancelled_.compare_exchange_strong(none, code);
    outbox_.Close();
    this->context().TryCancel();
  }

 protected:
  // `greeting` lives for ever; `alive` is let go when nothing is left of the
  // call.
  OutboxStream(absl::string_view greeting, std::shared_ptr<void> alive,
               const OutboxOptions& options, const OutboxMetrics& metrics)
      : greeting_(greeting),
        alive_(std::move(alive)),
        outbox_(*this, options, metrics) {}

  // Before StartCall.
  void Begin(std::shared_ptr<void> self, std::shared_ptr<Listener> listener) {
    self_ = std::move(self);
    listener_ = std::move(listener);
  }
  Outbox<Out>& outbox() { return outbox_; }
  Listener& listener() { return *listener_; }
  // A read has found the end.
  void EndReads() {
    outbox_.Close();
    this->ReadsOver();
  }

 private:
  // Of Outbox::Stream.
  void Write(const Out& batch) override { this->StartWrite(&batch); }
  void Overflowed() override { Cancel(absl::StatusCode::kResourceExhausted); }
  void Closed() override {
    this->StartWritesDone();
    this->WritesOver();
  }

  // Of ClientStream.
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnDone(const grpc::Status& status) override {
    const absl::StatusCode reason = cancelled_;
    const absl::Status ended = reason == absl::StatusCode::kOk
                                   ? FromGrpc(status)
                                   : Cancelled(reason, greeting_);
    const std::shared_ptr<Listener> listener = std::move(listener_);
    const std::shared_ptr<void> self = std::move(self_);
    listener->Ended(ended);
  }

  const absl::string_view greeting_;
  const std::shared_ptr<void> alive_;  // Before the outbox: it goes later.
  Outbox<Out> outbox_;
  std::shared_ptr<Listener> listener_;
  // Why we ended the call; kOk as long as we did not.
  std::atomic<absl::StatusCode> cancelled_{absl::StatusCode::kOk};
  std::shared_ptr<void> self_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_OUTBOX_STREAM_H_
