#include "broker/rpc/broadcast_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/auth/scope.h"
#include "common/rpc/status.h"

namespace aerie::broker {

BroadcastStream::BroadcastStream(v1::Control::AsyncService& service,
                                 ControlCalls& calls, OpenCalls& open,
                                 Broadcasts& broadcasts, const Limits& limits,
                                 Metrics& metrics)
    : service_(service),
      calls_(calls),
      open_(open),
      broadcasts_(broadcasts),
      limits_(limits),
      metrics_(metrics) {}

void BroadcastStream::Request(grpc::ServerCompletionQueue& queue, void* tag) {
  service_.RequestBroadcastStream(&context(), &stream(), &queue, &queue, tag);
}

void BroadcastStream::OnAccepted() {
  const grpc::Status begun = calls_.Begin(
      context(), ControlMethod::kBroadcastStream, {Scope::kPublish});
  if (!begun.ok()) {
    ending_ = finished_ = true;
    return Finish(begun);
  }
  open_.Add(shared_from_this());
  strand_.Post([self = shared_from_this()] { self->ReadOn(); });
}

// What shards have yet to send is bounded: beyond that, Sent reads on.
void BroadcastStream::ReadOn() {
  if (ending_) return;
  paused_ = under_way_bytes_ > limits_.broadcast_stream_bytes_max;
  if (paused_) return metrics_.broadcast_stream_pauses.Increment();
  StartRead(&reading_);
}

void BroadcastStream::OnReadDone(bool ok) {
  strand_.Post([self = shared_from_this(), ok] {
    ok ? self->Received() : self->DoEnd(absl::OkStatus());
  });
}

void BroadcastStream::Received() {
  if (ending_) return;
  const absl::Status status = Take();
  status.ok() ? ReadOn() : DoEnd(status);
}

absl::Status BroadcastStream::Take() {
  const uint64_t count = reading_.broadcasts_size();
  if (count == 0) {
    return absl::InvalidArgumentError("a message without broadcasts");
  }
  if (reading_.first_sequence() != taken_ + 1) {
    return absl::InvalidArgumentError(absl::StrCat("first_sequence ",
                                                   reading_.first_sequence(),
                                                   ": expected ", taken_ + 1));
  }
  const uint64_t unacknowledged = taken_ + count - next_.acknowledged();
  if (unacknowledged > limits_.broadcast_stream_credit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        unacknowledged, " broadcasts would be unacknowledged; the credit is ",
        limits_.broadcast_stream_credit));
  }
  taken_ += count;
  Taken taken;
  taken.last = taken_;
  taken.bytes = reading_.ByteSizeLong();
  under_way_bytes_ += taken.bytes;
  under_way_.push_back(std::move(taken));
  broadcasts_.Send(
      *reading_.mutable_broadcasts(),
      [self = shared_from_this(),
       last = taken_](std::vector<BroadcastOutcome> outcomes) {
        self->strand_.Post(
            [self, last, outcomes = std::move(outcomes)]() mutable {
              self->Sent(last, std::move(outcomes));
            });
      });
  reading_.Clear();
  return absl::OkStatus();
}

void BroadcastStream::Sent(uint64_t last,
                           std::vector<BroadcastOutcome> outcomes) {
  const auto taken = std::lower_bound(
      under_way_.begin(), under_way_.end(), last,
      [](const Taken& taken, uint64_t last) { return taken.last < last; });
  taken->sent = true;
  taken->outcomes = std::move(outcomes);
  while (!under_way_.empty() && under_way_.front().sent) {
    Acknowledge(under_way_.front());
    under_way_bytes_ -= under_way_.front().bytes;
    under_way_.pop_front();
  }
  if (paused_) ReadOn();
  Pump();
}

void BroadcastStream::Acknowledge(const Taken& taken) {
  uint64_t sequence = taken.last - taken.outcomes.size();
  uint32_t duplicates = 0;
  for (const BroadcastOutcome& outcome : taken.outcomes) {
    ++sequence;
    duplicates += outcome.result.duplicate;
    if (outcome.status.ok()) continue;
    auto& failure = *next_.add_failures();
    failure.set_sequence(sequence);
    *failure.mutable_status() = rpc::ToProto(outcome.status);
  }
  next_.set_duplicates(next_.duplicates() + duplicates);
  next_.set_acknowledged(taken.last);
}

void BroadcastStream::Pump() {
  if (write_under_way_ || lost_ || finished_) return;
  if (next_.acknowledged() == writing_.acknowledged()) return FinishIfDone();
  next_.set_credit(limits_.broadcast_stream_credit);
  writing_ = next_;
  next_.clear_failures();
  next_.clear_duplicates();
  write_under_way_ = true;
  StartWrite(&writing_);
}

void BroadcastStream::OnWriteDone(bool ok) {
  strand_.Post([self = shared_from_this(), ok] {
    self->write_under_way_ = false;
    ok ? self->Pump() : self->Lost();
  });
}

void BroadcastStream::OnCancel() {
  strand_.Post([self = shared_from_this()] { self->Lost(); });
}

void BroadcastStream::End(absl::Status reason) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason)] {
    self->DoEnd(reason);
  });
}

// An end has one reason: the first.
void BroadcastStream::DoEnd(const absl::Status& reason) {
  if (ending_) return;
  ending_ = true;
  reason_ = reason;
  open_.Remove(shared_from_this());
  Pump();
}

// Nobody hears anything any more, whatever the end was to be.
void BroadcastStream::Lost() {
  lost_ = true;
  DoEnd(absl::CancelledError("connection lost"));
  FinishIfDone();
}

void BroadcastStream::FinishIfDone() {
  if (!ending_ || finished_ || write_under_way_) return;
  if (!lost_ && !under_way_.empty()) return;
  finished_ = true;
  const grpc::Status status = rpc::ToGrpc(reason_);
  calls_.End(ControlMethod::kBroadcastStream, status);
  Finish(status);
}

}  // namespace aerie::broker
