#ifndef AERIE_CLIENTS_CPP_PHOENIX_WEBSOCKET_TRANSPORT_H_
#define AERIE_CLIENTS_CPP_PHOENIX_WEBSOCKET_TRANSPORT_H_

#include "boost/asio/io_context.hpp"
#include "clients/cpp/options.h"
#include "clients/cpp/phoenix/limits.h"
#include "clients/cpp/phoenix/transport.h"

namespace aerie::client::phx {

// Makes WebSockets (RFC 6455) over TCP, and over TLS for endpoints of wss.
// They live on the context's thread.
TransportFactory WebSocketTransports(boost::asio::io_context& context,
                                     TlsOptions tls, const Limits& limits);

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_WEBSOCKET_TRANSPORT_H_
