#ifndef AERIE_EDGE_TRANSPORT_POLL_REQUEST_H_
#define AERIE_EDGE_TRANSPORT_POLL_REQUEST_H_

#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "edge/causes.h"
#include "edge/limits.h"
#include "edge/transport/mount.h"
#include "edge/transport/proxies.h"
#include "edge/transport/request.h"
#include "edge/transport/response.h"
#include "proto/aerie/v1/edge_link.pb.h"

// What a request of a long poll asks for. Phoenix: Phoenix.Transports.LongPoll,
// of today and of 0.12. Pure functions: any thread.
namespace aerie::edge {

// The edge answers by itself, and counts why.
struct PollRefusal {
  RefusalCause cause;
  Response response;
};

// The broker is asked, and the response carries the token of the request.
struct PollQuestion {
  std::variant<v1::Poll, v1::PollSend> ask;
  std::string token;
};

// Refused; answered by the edge (OPTIONS); or for the broker. In the order of
// Phoenix: query, Origin, method. A body that is no base64 is refused as a
// whole; one with a message that cannot be read is cut there, `malformed`.
using PollReading = std::variant<PollRefusal, Response, PollQuestion>;
PollReading ReadPoll(const Request& request, const Route& route,
                     const Provenance& provenance, const Limits& limits);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_POLL_REQUEST_H_
