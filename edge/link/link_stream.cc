#include "edge/link/link_stream.h"

#include <utility>

#include "common/rpc/client_credentials.h"

namespace aerie::edge {

LinkStream::LinkStream(std::shared_ptr<void> alive,
                       const rpc::OutboxOptions& options,
                       const rpc::OutboxMetrics& metrics)
    : OutboxStream("Welcome", std::move(alive), options, metrics) {}

void LinkStream::Start(v1::EdgeLink::Stub& stub, grpc::CompletionQueue& queue,
                       const std::string& token, v1::EdgeFrame hello,
                       std::shared_ptr<Listener> listener) {
  Begin(shared_from_this(), std::move(listener));
  rpc::ShowToken(token, context());
  // The channel reconnects at its own pace; the call waits for it.
  context().set_wait_for_ready(true);
  StartCall(stub.PrepareAsyncLink(&context(), &queue));
  outbox().Send(std::move(hello));
  Read();
}

void LinkStream::Read() {
  reading_ = std::make_shared<v1::BrokerBatch>();
  StartRead(reading_.get());
}

void LinkStream::OnReadDone(bool ok) {
  if (!ok) return EndReads();
  if (listener().Received(std::move(reading_))) Read();
}

}  // namespace aerie::edge
