#ifndef AERIE_EDGE_TRANSPORT_VERSION_H_
#define AERIE_EDGE_TRANSPORT_VERSION_H_

#include "absl/strings/string_view.h"
#include "edge/transport/query.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// The dialect that a version string stands for: 1.0.x or 2.0.x, written in
// full; build metadata is ignored. Anything else, pre-releases too, is
// DIALECT_UNSPECIFIED. Phoenix: Phoenix.Socket's negotiate_serializer.
v1::Dialect DialectOfVersion(absl::string_view version);

// The dialect that a client asks for with its parameter `vsn`, or
// `default_dialect` without one. DIALECT_UNSPECIFIED: refuse.
v1::Dialect ChooseDialect(const Params& params, v1::Dialect default_dialect);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_VERSION_H_
