#ifndef AERIE_BROKER_AUTH_RENEWAL_H_
#define AERIE_BROKER_AUTH_RENEWAL_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/auth/resume_blob.h"
#include "broker/channel/grant.h"
#include "broker/channel/socket.h"
#include "broker/shard/shards.h"

namespace aerie::broker {

// Gives an open socket another grant, and its edge a blob that says so: after
// the loss of a broker the new grant counts, not the one that it opened with.
// For what a newer token grants, ask the connect rule, and see that the socket
// id is the same. Any thread.
//
// FAILED_PRECONDITION for a socket that was opened without a grant,
// RESOURCE_EXHAUSTED when its blob would be too large; nothing has changed
// then.
absl::Status RenewGrant(const SocketPtr& socket, GrantPtr grant,
                        const ResumeBlobs& blobs, absl::Time now,
                        Shards& shards);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_RENEWAL_H_
