#ifndef AERIE_TEST_LINK_RAW_EDGE_H_
#define AERIE_TEST_LINK_RAW_EDGE_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/setup.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "test/link/frames.h"
#include "test/link/test_broker.h"

namespace aerie::testing {

// An edge without a core: says frames, and waits for those it hears.
class RawEdge {
 public:
  explicit RawEdge(const TestBroker& broker)
      : stub_(v1::EdgeLink::NewStub(grpc::CreateCustomChannel(
            broker.address(), grpc::InsecureChannelCredentials(),
            rpc::ClientArguments()))),
        stream_(stub_->Link(&context_)) {}

  // False when the link is over.
  bool Say(const std::vector<v1::EdgeFrame>& frames) {
    v1::EdgeBatch batch;
    for (const v1::EdgeFrame& frame : frames) *batch.add_frames() = frame;
    return stream_->Write(batch);
  }

  // The next frame; null when there is none.
  const v1::BrokerFrame* Next() {
    while (frames_.empty()) {
      v1::BrokerBatch batch;
      if (!stream_->Read(&batch)) return nullptr;
      ++batches_;
      for (v1::BrokerFrame& frame : *batch.mutable_frames()) {
        frames_.push_back(std::move(frame));
      }
    }
    last_ = std::move(frames_.front());
    frames_.pop_front();
    return &last_;
  }

  // The next frame that has a text; `end` when there is none.
  std::string Hear() {
    while (const v1::BrokerFrame* frame = Next()) {
      std::string text = Text(*frame);
      if (!text.empty()) return text;
    }
    return "end";
  }

  void HalfClose() { stream_->WritesDone(); }
  // The link breaks, as when the edge is killed.
  void Kill() { context_.TryCancel(); }

  // After the end.
  grpc::Status Status() { return stream_->Finish(); }

  // What Next or Hear has told of.
  const v1::BrokerFrame& last() const { return last_; }
  int batches() const { return batches_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::EdgeLink::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::EdgeBatch, v1::BrokerBatch>>
      stream_;
  std::deque<v1::BrokerFrame> frames_;
  v1::BrokerFrame last_;
  int batches_ = 0;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_RAW_EDGE_H_
