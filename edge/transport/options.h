#ifndef AERIE_EDGE_TRANSPORT_OPTIONS_H_
#define AERIE_EDGE_TRANSPORT_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "edge/limits.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// Which Origin headers a mount accepts. Phoenix: the `check_origin` option.
struct CheckOrigin {
  enum class Mode {
    kUnset,  // kConn; kOff on a mount that serves the founding dialect alone.
    kConn,   // Scheme, host and port of the request itself.
    kHost,   // The host of `url_host`, any if empty; Phoenix's `true`.
    kList,   // One of `list`.
    kOff,    // Any.
  };
  Mode mode = Mode::kUnset;
  std::vector<std::string> list;  // `https://example.com`, `//*.example.com`.
  std::string url_host;
};

// One place where sockets are served. Phoenix: `socket "/socket", …`.
struct MountOptions {
  // Starts with a slash; may hold variables (`/rooms/:id`).
  std::string path = "/socket";
  // Serves 1.0.0 and 2.0.0, below `path`.
  bool modern = true;
  // Serves the founding dialect too, at `path` itself.
  bool founding = true;
  // Serves long polls too, beside each WebSocket.
  bool long_poll = true;
  // What a client without `vsn` speaks: DIALECT_V1 or DIALECT_BRIDGE.
  v1::Dialect default_dialect = v1::DIALECT_V1;
  CheckOrigin check_origin;
  std::vector<std::string> subprotocols;
  // Takes tokens from the auth-token subprotocol.
  bool auth_token = true;
  // permessage-deflate.
  bool compress = false;
  uint32_t idle_timeout_ms = Limits{}.idle_timeout_ms;
  uint64_t max_frame_size = Limits{}.max_frame_size;
};

// Files served beside the mounts, read once at start.
struct PageOptions {
  std::string path;       // `/`
  std::string directory;  // Its index.html answers `path` itself.
};

// Where and how clients are accepted.
struct ListenerOptions {
  std::string address = "127.0.0.1:4000";  // Port 0: any free one.
  // PEM files; both or neither. Read again when they change.
  std::string tls_certificate_file;
  std::string tls_key_file;
  // Addresses or CIDR blocks whose X-Forwarded-* headers count.
  std::vector<std::string> trusted_proxies;
  std::vector<MountOptions> mounts = {MountOptions{}};
  std::vector<PageOptions> pages;
  // io threads; 0: one per core.
  uint32_t threads = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_OPTIONS_H_
