#include "broker/auth/renewal.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

absl::Status RenewGrant(const SocketPtr& socket, GrantPtr grant,
                        const ResumeBlobs& blobs, absl::Time now,
                        Shards& shards) {
  if (!socket->limited()) {
    return absl::FailedPreconditionError("the socket has no grant to renew");
  }
  absl::StatusOr<std::string> blob =
      blobs.Seal({.socket_id = socket->id(),
                  .assigns = socket->assigns(),
                  .policy = socket->policy(),
                  .grant = grant,
                  .dialect = socket->origin().dialect,
                  .transport = socket->origin().transport},
                 now);
  if (!blob.ok()) return blob.status();
  v1::BrokerFrame frame;
  frame.set_socket(socket->number());
  frame.mutable_renewed()->set_resume_blob(*std::move(blob));
  socket->edge().Send(std::move(frame));
  shards.Renew(socket, std::move(grant));
  return absl::OkStatus();
}

}  // namespace aerie::broker
