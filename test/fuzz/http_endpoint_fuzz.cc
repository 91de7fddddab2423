// The HTTP endpoint without a socket: bytes to requests, routes, handshakes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "edge/limits.h"
#include "edge/transport/handshake.h"
#include "edge/transport/mount.h"
#include "edge/transport/proxies.h"
#include "edge/transport/request.h"
#include "edge/transport/request_reader.h"
#include "test/fuzz/check.h"

namespace aerie::fuzz {
namespace {

using edge::RequestReader;

edge::MountOptions At(const std::string& path) {
  edge::MountOptions options;
  options.path = path;
  return options;
}

std::vector<edge::Mount> Mounts() {
  edge::MountOptions list = At("/rooms/:id");
  list.check_origin = {edge::CheckOrigin::Mode::kList,
                       {"//example.com", "https://*.wild.com"},
                       ""};
  list.subprotocols = {"sip", "mqtt"};
  edge::MountOptions host = At("/host");
  host.check_origin = {edge::CheckOrigin::Mode::kHost, {}, "localhost"};
  host.auth_token = false;
  edge::MountOptions founding = At("/founding");
  founding.modern = false;
  std::vector<edge::Mount> mounts;
  for (const edge::MountOptions& options :
       {At("/socket"), list, host, founding}) {
    mounts.push_back(*edge::Mount::Create(options));
  }
  return mounts;
}

void CheckConnect(const v1::Connect& connect) {
  v1::Connect copy;
  Check(copy.ParseFromString(connect.SerializeAsString()),
        "what the broker is asked can be read");
  Check(connect.dialect() != v1::DIALECT_UNSPECIFIED, "a dialect is chosen");
}

void CheckRequest(const edge::Request& request) {
  static const std::vector<edge::Mount> mounts = Mounts();
  static const edge::TrustedProxies trusting =
      *edge::TrustedProxies::Create({"127.0.0.1", "10.0.0.0/8", "::/0"});
  const auto route = edge::FindRoute(mounts, request.path());
  if (!route.has_value()) return;
  const auto provenance = trusting.Of(request, {"127.0.0.1", 1, false});
  Check(!provenance.peer.empty(), "somebody has sent it");
  const auto result = edge::CheckHandshake(request, *route, provenance);
  if (const auto* handshake = std::get_if<edge::Handshake>(&result)) {
    Check(request.method == "GET", "only GET opens sockets");
    CheckConnect(handshake->connect);
  } else {
    const auto status = std::get<edge::HandshakeRefusal>(result).status;
    Check(status >= 400 && status < 600, "refusals are errors");
  }
  const auto headers = edge::CheckUpgradeHeaders(request);
  if (!headers.has_value()) {
    edge::AcceptKey(*request.Header("sec-websocket-key"));
  }
}

// Reads everything, in pieces of `piece` bytes, and says what came out.
std::string ReadAll(absl::string_view bytes, size_t piece) {
  edge::Limits limits;
  limits.request_header_bytes_max = 4096;
  limits.request_body_bytes_max = 512;
  RequestReader reader(limits);
  edge::Request request;
  std::string seen;
  while (!bytes.empty()) {
    const absl::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    reader.Append(next);
    for (;;) {
      const RequestReader::Result result = reader.Next(&request);
      if (result == RequestReader::Result::kNeedMore) break;
      if (result == RequestReader::Result::kError) {
        Check(reader.error_status() >= 400, "an error has a status");
        return seen;
      }
      if (result == RequestReader::Result::kContinue) continue;
      Check(request.body.size() <= 512, "bodies are bounded");
      absl::StrAppend(&seen, request.method, " ", request.target, " ",
                      request.headers.size(), " ", request.body, "\n");
      CheckRequest(request);
    }
  }
  return seen;
}

void Run(absl::string_view bytes) {
  const std::string whole = ReadAll(bytes, bytes.size());
  Check(ReadAll(bytes, 7) == whole, "how bytes arrive does not matter");
}

}  // namespace
}  // namespace aerie::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) {
    aerie::fuzz::Run({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
