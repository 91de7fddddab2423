#ifndef AERIE_EDGE_TRANSPORT_CONNECT_REQUEST_H_
#define AERIE_EDGE_TRANSPORT_CONNECT_REQUEST_H_

#include "absl/strings/string_view.h"
#include "edge/transport/mount.h"
#include "edge/transport/proxies.h"
#include "edge/transport/query.h"
#include "edge/transport/request.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// What the broker is asked about a client: who it is, what it wants, and which
// of its headers an application may see. `params` are those of the query;
// `offered` its subprotocols, without tokens. The token is left to the caller,
// but for that in the header of its own. Pure: any thread.
v1::Connect MakeConnect(const Request& request, const Route& route,
                        const Provenance& provenance, const Params& params,
                        absl::string_view offered);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_CONNECT_REQUEST_H_
