#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/shard/shard.h"
#include "common/log.h"

// What grants forbid, and how they end.
namespace aerie::broker {
namespace {

// WebSocket close code: policy violation.
constexpr uint32_t kClosePolicy = 1008;

Push TokenExpiring(int64_t seconds) {
  return {"token_expiring", {absl::StrCat(R"({"expires_in":)", seconds, "}")}};
}

}  // namespace

Expiries::Calls Shard::ExpiryCalls() {
  return {.expiring =
              [this](const SocketPtr& socket, int64_t seconds) {
                peers_.PushTo(socket, TokenExpiring(seconds));
              },
          .expired =
              [this](const SocketPtr& socket) {
                if (socket->closing()) return;
                ++tally_.closes_expired;
                socket->Close(kClosePolicy);
              }};
}

void Shard::Renewed(const SocketPtr& socket) {
  loop_.CheckInTurn();
  expiries_.Renewed(socket);
}

void Shard::PushTo(const Socket& socket, const Push& push) {
  loop_.CheckInTurn();
  const auto first = sockets_.find(&socket);
  if (first == sockets_.end()) return;
  for (Channel* channel = first->second; channel != nullptr;
       channel = channel->next) {
    if (channel->state != Channel::State::kJoined) continue;
    ++tally_.pushes;
    channel->SendPush(push);
  }
}

bool Shard::Allowed(const Socket& socket, const v1::Message& join) const {
  const GrantPtr grant = socket.grant();
  return grant == nullptr || grant->Allows(join.topic(), loop_.clock().Now());
}

void Shard::Unauthorized(const Socket& socket, v1::Message& join) {
  ++tally_.joins_unauthorized;
  log::Debug("join unauthorized");
  Answer(socket, v1::Message::KIND_JOIN_REPLY, join);
}

// A channel that joins when the end has been announced already.
void Shard::TellIfExpiring(Channel& channel) {
  const GrantPtr grant = channel.socket->grant();
  if (grant == nullptr) return;
  const absl::optional<int64_t> seconds =
      Expiries::SecondsLeft(*grant, limits_, loop_.clock().Now());
  if (!seconds.has_value()) return;
  ++tally_.pushes;
  channel.SendPush(TokenExpiring(*seconds));
}

}  // namespace aerie::broker
