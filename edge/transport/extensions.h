#ifndef AERIE_EDGE_TRANSPORT_EXTENSIONS_H_
#define AERIE_EDGE_TRANSPORT_EXTENSIONS_H_

#include <string>

#include "absl/strings/string_view.h"

// Negotiation of WebSocket extensions (RFC 6455 section 9.1, RFC 7692 section
// 7.1). Pure functions: any thread.
namespace aerie::edge {

struct Extensions {
  // For Sec-WebSocket-Extensions; empty: none.
  std::string answer = {};
  // permessage-deflate: the window of what we compress; 0 without it.
  int window_bits = 0;
};

// Takes the first offer of permessage-deflate that can be had. Each side starts
// every message with an empty window, so that a connection holds none.
Extensions AcceptExtensions(absl::string_view offers);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_EXTENSIONS_H_
