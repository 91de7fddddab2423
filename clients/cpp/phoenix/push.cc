#include "clients/cpp/phoenix/push.h"

namespace aerie::client::phx {

const Push& Push::Receive(const std::string& status,
                          const Callback& callback) const {
  const std::optional<PushState::Answer> received = state_->received;
  if (!received || state_->repeats) {
    state_->hooks.emplace_back(status, callback);
  }
  if (received && received->status == status) callback(received->response);
  return *this;
}

const absl::Status& Push::error() const { return state_->error; }

}  // namespace aerie::client::phx
