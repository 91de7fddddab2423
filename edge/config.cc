#include "edge/config.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/config/shared_keys.h"
#include "common/rpc/client_credentials.h"
#include "edge/transport/mount.h"
#include "edge/transport/proxies.h"

namespace aerie::edge {
namespace {

using config::Complaint;
using config::Errors;
using config::kGiB;
using config::kHourMs;
using config::kKiB;
using config::kMiB;
using config::kMinuteMs;
using config::kSecondMs;
using config::Number;
using config::Section;
using config::Value;

absl::Status ProxyRule(absl::string_view text) {
  return TrustedProxies::Create({std::string(text)}).status();
}

absl::Status TargetRule(absl::string_view text) {
  if (!text.empty() && text.find_first_of(" \t\n") == absl::string_view::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected host:port or dns:///name:port, got \"", text, "\""));
}

absl::Status PagePathRule(absl::string_view text) {
  if (absl::StartsWith(text, "/")) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a path that starts with a slash, got \"", text, "\""));
}

bool Readable(const std::string& file) {
  std::ifstream stream(file);
  stream.peek();  // Folders can be opened, but not read.
  return stream.good();
}

// `check_origin` is a word or a list.
constexpr std::pair<const char*, CheckOrigin::Mode> kOriginWords[] = {
    {"default", CheckOrigin::Mode::kUnset},
    {"conn", CheckOrigin::Mode::kConn},
    {"true", CheckOrigin::Mode::kHost},
    {"false", CheckOrigin::Mode::kOff},
};

void ReadCheckOrigin(const Value& value, CheckOrigin* target, Errors& errors) {
  if (value.node().IsSequence()) {
    target->mode = CheckOrigin::Mode::kList;
    target->list.clear();
    for (const auto& element : value.node()) {
      const Value origin = value.Element(element, target->list.size());
      const absl::optional<std::string> text = origin.Text();
      if (!text) origin.Expected("text", errors);
      target->list.push_back(text.value_or(""));
    }
    return;
  }
  const absl::optional<std::string> text = value.Plain();
  for (const auto& [word, mode] : kOriginWords) {
    if (text != word) continue;
    target->mode = mode;
    return;
  }
  value.Expected("true, false, conn, default or a list of origins", errors);
}

YAML::Node WriteCheckOrigin(const CheckOrigin& origin) {
  if (origin.mode == CheckOrigin::Mode::kList) {
    YAML::Node list(YAML::NodeType::Sequence);
    for (const std::string& text : origin.list) list.push_back(text);
    list.SetStyle(YAML::EmitterStyle::Flow);
    return list;
  }
  for (const auto& [word, mode] : kOriginWords) {
    if (mode == origin.mode) return YAML::Node(word);
  }
  return YAML::Node();
}

void BindCheckOrigin(Section& section, CheckOrigin* origin) {
  config::Key key;
  key.name = "check_origin";
  key.type = "true, false, conn, default or a list";
  key.description =
      "Which Origin headers open sockets; without the header all do. `conn`: "
      "scheme, host and port that the request was sent to; `true`: the host "
      "`url_host`; `false`: all; a list: `https://example.com`, "
      "`//example.com:8080`, `//*.example.com`. `default`: `conn`, but `false` "
      "where only the founding dialect is served.";
  key.read = [origin](const Value& value, Errors& errors) {
    ReadCheckOrigin(value, origin, errors);
  };
  key.write = [origin] { return WriteCheckOrigin(*origin); };
  section.Add(std::move(key));
  section.Text("url_host", &origin->url_host,
               "The host that `check_origin: true` compares with.");
}

absl::optional<std::string> CheckMount(const MountOptions& mount) {
  if (mount.check_origin.mode == CheckOrigin::Mode::kHost &&
      mount.check_origin.url_host.empty()) {
    return "`check_origin: true` needs a url_host";
  }
  return config::Complaint(Mount::Create(mount).status());
}

void BindMount(Section& section, MountOptions& mount) {
  section.Text("path", &mount.path,
               "Where the sockets are: clients connect to `<path>/websocket`. "
               "May hold variables (`/rooms/:id`), which become params.");
  section.Switch("modern", &mount.modern,
                 "Serves the dialects 1.0.0 and 2.0.0: every client since "
                 "2015.");
  section.Switch("founding", &mount.founding,
                 "Serves the dialect of Phoenix 0.11 and 0.12 as well, at "
                 "`<path>` and `<path>/poll`.");
  section.Switch("long_poll", &mount.long_poll,
                 "Serves long polls at `<path>/longpoll` (founding: "
                 "`<path>/poll`), for clients whose WebSockets something "
                 "breaks.");
  section.Choice<v1::Dialect>(
      "default_dialect", &mount.default_dialect,
      {{"1.0.0", v1::DIALECT_V1}, {"bridge", v1::DIALECT_BRIDGE}},
      "What clients without `vsn` speak. `bridge` is 1.0.0 with replies that "
      "founding clients understand too.");
  BindCheckOrigin(section, &mount.check_origin);
  section.Texts("subprotocols", &mount.subprotocols,
                "Those that are accepted, best first; empty: whatever is "
                "offered is ignored.");
  section.Switch("auth_token", &mount.auth_token,
                 "Takes tokens from the subprotocol header, as phoenix.js "
                 "sends its `authToken`.");
  section.Switch("compress", &mount.compress,
                 "Offers permessage-deflate: less traffic, more CPU and "
                 "memory.");
  section.DurationMs("timeout", Number(&mount.idle_timeout_ms),
                     {kSecondMs, 24 * kHourMs},
                     "A client that is silent so long is closed with 1002; "
                     "they send heartbeats every 30s. Founding clients are "
                     "spared.");
  section.Bytes("max_frame_size", Number(&mount.max_frame_size),
                config::kFrameSizes,
                "The largest message of a client; a larger one is closed with "
                "1009.");
  section.Check("path", [&mount] { return CheckMount(mount); });
}

void BindPage(Section& section, PageOptions& page) {
  section.Text("path", &page.path, "Where they are served.", PagePathRule);
  section.Text("directory", &page.directory,
               "Where they lie; read once, at start. Its `index.html` answers "
               "`path` itself.");
  section.Check("directory", [&page]() -> absl::optional<std::string> {
    if (page.path.empty()) return "expected a path as well";
    if (page.directory.empty()) return "expected a directory";
    return absl::nullopt;
  });
}

void BindTls(Section& section, ListenerOptions& listener) {
  section.Text("certificate", &listener.tls_certificate_file,
               "PEM file: the certificate, then its issuers. With `key` the "
               "edge speaks TLS; both are read again when they change.");
  section.Text("key", &listener.tls_key_file, "PEM file: the private key.");
  const auto check = [&section, &listener](const char* key,
                                           std::string ListenerOptions::*file,
                                           std::string ListenerOptions::*other,
                                           const char* message) {
    section.Check(key, [=, &listener]() -> absl::optional<std::string> {
      if (!(listener.*file).empty() && !Readable(listener.*file)) {
        return absl::StrCat("\"", listener.*file, "\" cannot be read");
      }
      if ((listener.*file).empty() && !(listener.*other).empty()) {
        return message;
      }
      return absl::nullopt;
    });
  };
  check("certificate", &ListenerOptions::tls_certificate_file,
        &ListenerOptions::tls_key_file, "expected, because there is a key");
  check("key", &ListenerOptions::tls_key_file,
        &ListenerOptions::tls_certificate_file,
        "expected, because there is a certificate");
}

void BindListener(Section& root, ListenerOptions& listener) {
  root.Text("listen", &listener.address,
            "Address and port where clients connect.", config::AddressRule);
  root.Integer("threads", Number(&listener.threads), {0, 1'024},
               "Threads that serve sockets; 0: one per core.");
  BindTls(root.Child("tls", "TLS, if the edge itself speaks it."), listener);
  root.Texts("trusted_proxies", &listener.trusted_proxies,
             "Addresses or CIDR blocks of proxies whose X-Forwarded-* headers "
             "are believed.",
             ProxyRule);
  MountOptions prototype;
  prototype.founding = false;
  root.List("mounts", &listener.mounts, prototype,
            "Where sockets are served. Without the key there is one, "
            "`/socket`, that serves founding clients too.",
            BindMount);
  root.List("pages", &listener.pages, PageOptions(),
            "Folders of files that are served beside the sockets.", BindPage);
  root.Check("mounts", [&listener]() -> absl::optional<std::string> {
    if (listener.mounts.empty()) return "expected at least one";
    std::set<std::string> paths;
    for (const MountOptions& mount : listener.mounts) {
      if (paths.insert(mount.path).second) continue;
      return absl::StrCat("\"", mount.path, "\" stands here twice");
    }
    return absl::nullopt;
  });
}

// A key is a limit's name without its unit, which stands with the value.
void BindLimits(Section& section, Limits& limits) {
  section.Integer("connections_max", Number(&limits.connections_max),
                  {0, 10'000'000},
                  "Sockets and requests at a time; 0: what the file limit "
                  "allows. Then: closed at once.");
  section.Integer("connects_pending_max", Number(&limits.connects_pending_max),
                  {1, 1'000'000},
                  "Upgrades that wait for the broker's answer. Then: 503.");
  section.Integer("connects_per_second", Number(&limits.connects_per_second),
                  {0, 1'000'000},
                  "Upgrades, and polls that open a session, per second, and as "
                  "many at once; 0: no limit. Then: 503 with a Retry-After "
                  "that spreads them.");
  section.DurationMs("connect_timeout", Number(&limits.connect_timeout_ms),
                     {100, kMinuteMs}, "The broker's answer. Then: 503.");
  section.DurationMs("request_timeout", Number(&limits.request_timeout_ms),
                     {100, 10 * kMinuteMs},
                     "From accept to a complete request. Then: closed.");
  section.Bytes("request_header_bytes_max",
                Number(&limits.request_header_bytes_max), {kKiB, kMiB},
                "Request line and headers. Then: 431.");
  section.Bytes("request_body_bytes_max",
                Number(&limits.request_body_bytes_max), {0, 16 * kMiB},
                "Body of a request that is not a poll. Then: 413.");
  section.Bytes("poll_body_bytes_max", Number(&limits.poll_body_bytes_max),
                {kKiB, 16 * kMiB}, "Body of a long poll's POST. Then: 400.");
  section.Bytes("request_bodies_bytes_max",
                Number(&limits.request_bodies_bytes_max), {kMiB, 64 * kGiB},
                "Bodies that are coming in, all together. Then: 503.");
  section.DurationMs("poll_timeout", Number(&limits.poll_timeout_ms),
                     {kSecondMs, kHourMs},
                     "The broker's answer to a long poll, far beyond its "
                     "window. Then: 503.");
  section.DurationMs("close_timeout", Number(&limits.close_timeout_ms),
                     {100, kMinuteMs},
                     "Between the edge's close frame and a TCP reset.");
  section.Bytes("socket_queue_bytes_max",
                Number(&limits.socket_queue_bytes_max), {64 * kKiB, kGiB},
                "What waits for a slow client, behind the frame that is being "
                "written. Then: closed with 1008.");
  section.Integer("socket_in_flight_frames_max",
                  Number(&limits.socket_in_flight_frames_max), {32, 65'536},
                  "A socket's frames on their way to the broker. Then: the "
                  "socket is not read for a while.");
  section.Bytes("socket_in_flight_bytes_max",
                Number(&limits.socket_in_flight_bytes_max),
                {128 * kKiB, 64 * kMiB}, "The same in bytes.");
  section.Bytes("join_names_bytes_max", Number(&limits.join_names_bytes_max),
                {256, kMiB},
                "Topic, ref and join_ref of one join. Then: closed with 1009.");
  section.Bytes("socket_joins_bytes_max",
                Number(&limits.socket_joins_bytes_max), {64 * kKiB, 64 * kMiB},
                "The same of a socket's joins that wait for the broker. Then: "
                "closed with 1008.");
  section.Bytes("thread_inbox_bytes_max",
                Number(&limits.thread_inbox_bytes_max), {kMiB, 4 * kGiB},
                "What the broker has sent and one thread has not yet seen. "
                "Then: the link is not read for a while.");
  section.Bytes("link_outbox_bytes_max", Number(&limits.link_outbox_bytes_max),
                {32 * kMiB, 4 * kGiB},
                "What waits for the broker. Then: the link ends, and another "
                "one is made.");
  section.Integer("relink_joins_per_second",
                  Number(&limits.relink_joins_per_second), {1, 1'000'000},
                  "Joins let through after a relink; others are answered "
                  "`unavailable` and come again.");
  section.DurationMs("relink_storm", Number(&limits.relink_storm_ms),
                     {0, kHourMs}, "How long that goes on.");
}

void BindBroker(Section& section, Options& options) {
  rpc::ClientCredentialOptions& credentials = options.credentials;
  section.Text("address", &options.broker,
               "A gRPC target: `host:port`, or `dns:///name:port`, whose "
               "addresses are taken in turn, one for each new link.",
               TargetRule);
  section.Text("token_file", &credentials.token_file,
               "The file that holds the edge's bearer token, read for each new "
               "link; or:");
  section.Text("token_env", &credentials.token_env,
               "The environment variable that holds it.");
  Section& tls = section.Child("tls", "TLS to the broker.");
  tls.Switch("enabled", &credentials.tls, "Whether there is TLS.");
  tls.Text("ca_file", &credentials.ca_file,
           "PEM file: who signs brokers' certificates; empty: those that the "
           "system trusts.");
  tls.Text("certificate_file", &credentials.certificate_file,
           "PEM file: the certificate that the edge shows; empty: none.");
  tls.Text("key_file", &credentials.key_file, "PEM file: its private key.");
  tls.Text("server_name", &credentials.server_name,
           "What brokers' certificates are for; empty: the name in `address`.");
  section.Check("token_file", [&credentials] {
    return Complaint(rpc::CheckClientToken(credentials));
  });
  section.Check("tls", [&credentials] {
    return Complaint(rpc::CheckClientTls(credentials));
  });
}

}  // namespace

void Bind(Section& root, Options& options) {
  root.Text("name", &options.name,
            "What brokers and logs call this edge; empty: the machine's name.");
  BindListener(root, options.listener);
  BindBroker(root.Child("broker", "Who decides."), options);
  config::BindProcess(root, &options.admin_address, &options.drain_window_ms,
                      &options.log_level, &options.log_format);
  BindLimits(root.Child("limits", "What is bounded."), options.limits);
}

absl::optional<int> LoadOptions(int argc, char** argv, Options& options) {
  Section root;
  Bind(root, options);
  const absl::optional<int> exit_status =
      config::LoadOrExit(kProgram, root, argc, argv);
  // Only mounts have keys for these; the process takes the largest.
  options.limits.max_frame_size = 0;
  for (const MountOptions& mount : options.listener.mounts) {
    options.limits.max_frame_size =
        std::max(options.limits.max_frame_size, mount.max_frame_size);
  }
  return exit_status;
}

}  // namespace aerie::edge
