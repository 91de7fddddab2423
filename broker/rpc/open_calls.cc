#include "broker/rpc/open_calls.h"

#include <utility>

namespace aerie::broker {

void OpenCalls::Add(std::shared_ptr<OpenCall> call) {
  strand_.Post([this, call = std::move(call)] {
    if (!end_.ok()) return call->End(end_);
    calls_.insert(call);
  });
}

void OpenCalls::Remove(const std::shared_ptr<OpenCall>& call) {
  strand_.Post([this, call] { calls_.erase(call); });
}

void OpenCalls::EndAll(absl::Status reason) {
  strand_.Post([this, reason = std::move(reason)] {
    end_ = reason;
    for (const auto& call : std::exchange(calls_, {})) call->End(end_);
  });
}

}  // namespace aerie::broker
