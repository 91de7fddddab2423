#ifndef AERIE_EDGE_TRANSPORT_POLL_RESPONSE_H_
#define AERIE_EDGE_TRANSPORT_POLL_RESPONSE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "edge/transport/mount.h"
#include "edge/transport/response.h"
#include "proto/aerie/v1/edge_link.pb.h"

// What the client of a long poll is answered, in the words of its endpoint.
// Phoenix answers 200 whatever happens: the status that counts is a member of
// the body. Pure functions: any thread.
namespace aerie::edge {

// The session's token and, for the founding dialect, its signature: our token
// is one text, cut where the last kPollSigBytes begin.
inline constexpr size_t kPollSigBytes = 22;

// `{"status":403}`, and so on.
Response PollStatus(Endpoint endpoint, uint32_t status);

// The same for an Origin that is not allowed: the founding server says nothing
// else to it.
Response PollForbidden(Endpoint endpoint);

// A real HTTP error that pages of any origin may see; 503 asks to try again, as
// Response::Text does.
Response PollError(Endpoint endpoint, uint32_t status,
                   uint32_t retry_after_s = 0);

// The answer to a preflight; `asked` is its access-control-request-headers.
Response PollPreflight(absl::string_view asked);

// What the broker has answered. `token` is that of the request, `malformed`
// whether it held what cannot be read. `skipped` is raised by the messages that
// the dialect cannot carry.
Response PollResponse(Endpoint endpoint, absl::string_view token,
                      const v1::PollAnswer& answer, bool malformed,
                      uint64_t* skipped);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_POLL_RESPONSE_H_
