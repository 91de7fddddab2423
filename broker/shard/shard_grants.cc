#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/shard/shard.h"
#include "common/log.h"

// What grants forbid, and how they end.
namespace aerie::broker {
namespace {

// WebSocket close code: policy violation.
constexpr uint32_t kClosePolicy = 1008;

constexpr char kTokenExpiring[] = "token_expiring";

}  // namespace

Expiries::Calls Shard::ExpiryCalls() {
  return {.expiring =
              [this](const SocketPtr& socket, int64_t seconds) {
                peers_.GrantExpiring(socket, seconds);
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

// What a host makes of it may end a channel.
void Shard::GrantExpiring(const Socket& socket, int64_t seconds) {
  loop_.CheckInTurn();
  const auto first = sockets_.find(&socket);
  if (first == sockets_.end()) return;
  std::vector<Pid> pids;
  for (const Channel* channel = first->second; channel != nullptr;
       channel = channel->next) {
    pids.push_back(channel->pid);
  }
  for (const Pid& pid : pids) {
    Channel* const channel = Find(pid);
    if (channel == nullptr || channel->state != Channel::State::kJoined) {
      continue;
    }
    TellExpiring(*channel, seconds);
  }
}

void Shard::TellExpiring(Channel& channel, int64_t seconds) {
  const std::string json = absl::StrCat(R"({"expires_in":)", seconds, "}");
  ++tally_.pushes;
  channel.SendPush({kTokenExpiring, {json}});
  v1::Message info;
  info.set_event(kTokenExpiring);
  info.set_json(json);
  Actions actions;
  channel.host.Info(channel.pid, info, actions);
  Act(std::move(actions));
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
  TellExpiring(channel, *seconds);
}

}  // namespace aerie::broker
