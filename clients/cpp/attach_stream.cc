#include "clients/cpp/attach_stream.h"

#include <utility>

namespace aerie::client {

void AttachStream::Start(v1::ChannelHost::Stub& stub,
                         grpc::CompletionQueue& queue,
                         v1::HostFrame registration,
                         std::shared_ptr<Listener> listener) {
  Begin(shared_from_this(), std::move(listener));
  StartCall(stub.PrepareAsyncAttach(&context(), &queue));
  outbox().Send(std::move(registration));
  StartRead(&reading_);
}

void AttachStream::OnReadDone(bool ok) {
  if (!ok) return EndReads();
  listener().Received(std::exchange(reading_, {}));
  StartRead(&reading_);
}

}  // namespace aerie::client
