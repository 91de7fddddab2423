#include "broker/config.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/auth/built_in_rules.h"
#include "broker/auth/resume_blob.h"
#include "common/config/shared_keys.h"
#include "common/rpc/authority.h"

namespace aerie::broker {
namespace {

using config::Complaint;
using config::kGiB;
using config::kHourMs;
using config::kKiB;
using config::kMiB;
using config::kMinuteMs;
using config::kSecondMs;
using config::Number;
using config::Section;

void BindRoute(Section& section, RouteOptions& route,
               const RouteCheck& check_route) {
  section.Text("pattern", &route.pattern,
               "A topic, or the start of topics and `*`: `room:*`.");
  section.Text("host", &route.host,
               "Who runs their channels: `relay`, `echo`, `attached` (services "
               "that attach over gRPC), or a host of your own broker.");
  section.Texts("intercepts", &route.intercepts,
                "Events whose broadcasts go through the channel's `handle_out` "
                "first.");
  section.TextsMap("options", &route.options,
                   "The host's own. `relay`: `from` (`all`, or `others`: not "
                   "the sender) and `events`, those that are relayed (all). "
                   "`attached`: `spread`, over several of them by `topic`, "
                   "`socket` or `least_loaded` (topic).");
  section.Check("pattern", [&route, check_route] {
    return Complaint(check_route(route));
  });
}

void BindRoutes(Section& root, Options& options, RouteCheck check_route) {
  root.List("routes", &options.routes, RouteOptions(),
            "Which host runs the channels of which topics; the first one that "
            "matches. Without the key: `room:*` is relayed, `echo:*` echoed.",
            [check_route = std::move(check_route)](Section& section,
                                                   RouteOptions& route) {
              BindRoute(section, route, check_route);
            });
  root.Check("routes", [&options]() -> absl::optional<std::string> {
    std::set<std::string> patterns;
    for (const RouteOptions& route : options.routes) {
      if (patterns.insert(route.pattern).second) continue;
      return absl::StrCat("\"", route.pattern, "\" stands here twice");
    }
    return absl::nullopt;
  });
}

void BindToken(Section& section, TokenOptions& token) {
  section.Secret("token", &token.token, "The token itself; or:");
  section.Text("token_file", &token.token_file,
               "The file that holds it, without its last newline.");
  section.Text("socket_id", &token.socket_id,
               "The id of its sockets, by which they can be disconnected; "
               "empty: none.");
  section.TextMap("assigns", &token.assigns,
                  "What channels are told of its sockets.");
  section.Check("token", [&token]() -> absl::optional<std::string> {
    if (token.token.empty() == token.token_file.empty()) {
      return "expected one of token and token_file";
    }
    return absl::nullopt;
  });
}

void BindConnect(Section& section, ConnectOptions& connect) {
  section.Choice<ConnectOptions::Rule>(
      "rule", &connect.rule,
      {{"allow", ConnectOptions::Rule::kAllow},
       {"tokens", ConnectOptions::Rule::kTokens}},
      "Who may open a socket: everybody, or who shows one of `tokens`, in the "
      "auth-token subprotocol, the header X-Phoenix-AuthToken, or the param "
      "`token`.");
  section.List("tokens", &connect.tokens, TokenOptions(),
               "With `rule: tokens`: those that are let in.", BindToken);
  section.Text("socket_id_param", &connect.socket_id_param,
               "With `rule: allow`: the connect param that becomes the socket "
               "id. Clients choose it themselves: for development.");
  section.Check("tokens", [&connect]() -> absl::optional<std::string> {
    const bool by_token = connect.rule == ConnectOptions::Rule::kTokens;
    if (by_token && connect.tokens.empty()) {
      return "expected at least one, because of `rule: tokens`";
    }
    if (!by_token && !connect.tokens.empty()) {
      return "nobody asks for them: expected `rule: tokens`";
    }
    return Complaint(MakeConnectRule(connect).status());
  });
}

void BindResume(Section& section, ResumeOptions& resume) {
  section.Text("key_file", &resume.key_file,
               "Keys of 32 bytes in base64, one a line; the first one seals, "
               "all open. Empty: each start makes its own, and sockets don't "
               "outlive a broker's restart.");
  section.DurationMs("ttl", Number(&resume.ttl_ms), {kMinuteMs, 720 * kHourMs},
                     "How old a socket may be to outlive the loss of its "
                     "broker; an older one has to connect anew.");
  section.Check("key_file", [&resume] {
    return Complaint(ResumeBlobs::LoadKeys(resume.key_file).status());
  });
}

// A key is a limit's name without its unit, which stands with the value.
void BindLimits(Section& section, Limits& limits) {
  section.Integer("channels_per_socket_max",
                  Number(&limits.channels_per_socket_max), {1, 1'000'000},
                  "Topics of one socket. Then: the join is refused.");
  section.Integer("frames_behind_join_max",
                  Number(&limits.frames_behind_join_max), {1, 65'536},
                  "Frames of a socket for a topic whose join is pending. Then: "
                  "closed with 1008.");
  section.Integer("groups_per_topic_max", Number(&limits.groups_per_topic_max),
                  {1, 16},
                  "Different sets of intercepted events in one topic. Then: "
                  "the join crashes.");
  section.DurationMs("join_deadline", Number(&limits.join_deadline_ms),
                     {10, kMinuteMs},
                     "A host's answer to a join; clients wait for 10s. Then: "
                     "`join crashed`.");
  section.DurationMs("terminate_deadline",
                     Number(&limits.terminate_deadline_ms), {10, kMinuteMs},
                     "A host's answer to a leave, and to a terminate. Then: "
                     "the broker goes on alone.");
  section.Bytes("max_frame_size", Number(&limits.max_frame_size),
                config::kFrameSizes, "The largest payload that a host sends.");
  section.Bytes("shard_inbox_bytes_max", Number(&limits.shard_inbox_bytes_max),
                {16 * kMiB, 64 * kGiB},
                "What waits for one shard. Then: the sockets that fill it are "
                "closed with 1013.");
  section.Bytes("link_outbox_bytes_max", Number(&limits.link_outbox_bytes_max),
                {32 * kMiB, 64 * kGiB},
                "What waits for one edge. Then: its link ends, and it makes "
                "another one.");
  section.Bytes("resume_blob_bytes_max", Number(&limits.resume_blob_bytes_max),
                {256, 64 * kKiB},
                "What an edge keeps of a socket for its broker. Then: the "
                "socket is refused with 500.");
}

// Of attached hosts.
void BindHostLimits(Section& section, Limits& limits) {
  section.Integer("hosts_max", Number(&limits.hosts_max), {1, 65'536},
                  "Attached hosts. Then: RESOURCE_EXHAUSTED.");
  section.Integer("host_patterns_max", Number(&limits.host_patterns_max),
                  {1, 1'000'000},
                  "Patterns of attached hosts that are known. Then: those "
                  "without a host are forgotten, or RESOURCE_EXHAUSTED.");
  section.DurationMs("host_pattern_ttl", Number(&limits.host_pattern_ttl_ms),
                     {kSecondMs, 720 * kHourMs},
                     "How long a pattern is known without a host: its joins "
                     "are `unavailable`. Then: unmatched.");
  section.Integer("host_capacity_max", Number(&limits.host_capacity_max),
                  {1, 1'000'000},
                  "Callbacks that one host may have unanswered. More that it "
                  "asks for it does not get.");
  section.Integer("host_joins_waiting_max",
                  Number(&limits.host_joins_waiting_max), {0, 1'000'000},
                  "Joins that wait for one host's capacity. Then: "
                  "`unavailable`.");
  section.DurationMs("host_join_wait", Number(&limits.host_join_wait_ms),
                     {10, kMinuteMs},
                     "How long each of them waits. Then: the same.");
}

// Of what waits for attached hosts.
void BindHostQueues(Section& section, Limits& limits) {
  section.Integer("host_channel_queue_max",
                  Number(&limits.host_channel_queue_max), {1, 65'536},
                  "Events of one channel that wait for its host's capacity. "
                  "Then: the channel crashes.");
  section.DurationMs("host_hang", Number(&limits.host_hang_ms), {100, kHourMs},
                     "How long a host that owes answers may give none. Then: "
                     "its channels crash.");
  section.Bytes("host_outbox_bytes_max", Number(&limits.host_outbox_bytes_max),
                {kMiB, 64 * kGiB},
                "What waits for one host. Then: its stream ends.");
  section.Bytes("host_inbox_bytes_max", Number(&limits.host_inbox_bytes_max),
                {64 * kKiB, 64 * kGiB},
                "What shards have yet to take of one host. Then: it is not "
                "read until they have.");
  section.Bytes("host_terminates_bytes_max",
                Number(&limits.host_terminates_bytes_max), {0, 64 * kGiB},
                "Terminates of one pattern that wait for a host. Then: "
                "dropped.");
  section.DurationMs("host_terminate_ttl",
                     Number(&limits.host_terminate_ttl_ms),
                     {kSecondMs, 24 * kHourMs},
                     "How long each of them is kept. Then: dropped.");
  section.DurationMs("host_connect_deadline",
                     Number(&limits.host_connect_deadline_ms), {10, kMinuteMs},
                     "A host's answer to a client that wants to connect. Then: "
                     "503.");
  section.Integer("host_connects_waiting_max",
                  Number(&limits.host_connects_waiting_max), {0, 1'000'000},
                  "Clients that wait for a host's capacity. Then: 503.");
}

}  // namespace

void Bind(Section& root, Options& options, RouteCheck check_route) {
  root.Text("name", &options.name,
            "What edges and logs call this broker; empty: the machine's name.");
  root.Text("listen", &options.address, "Address and port for edges (gRPC).",
            config::AddressRule);
  root.Switch("insecure", &options.insecure,
              "Lets `listen` be an address that other machines reach, though "
              "whoever reaches it has every power: the network keeps strangers "
              "out.");
  root.Check("listen", [&options] {
    return Complaint(rpc::CheckListenAddress(
        options.address, /*credentials=*/false, options.insecure));
  });
  root.Integer("threads", Number(&options.loops), {0, 1'024},
               "Threads, each with its shard of the topics; 0: one per core.");
  BindRoutes(root, options, std::move(check_route));
  BindConnect(root.Child("connect", "Who may open a socket."), options.connect);
  BindResume(root.Child("resume", "How sockets outlive their broker."),
             options.resume);
  config::BindProcess(root, &options.admin_address, &options.drain_window_ms,
                      &options.log_level, &options.log_format);
  Section& limits = root.Child("limits", "What is bounded.");
  BindLimits(limits, options.limits);
  BindHostLimits(limits, options.limits);
  BindHostQueues(limits, options.limits);
}

absl::optional<int> LoadOptions(int argc, char** argv, Options& options,
                                RouteCheck check_route) {
  Section root;
  Bind(root, options, std::move(check_route));
  return config::LoadOrExit(kProgram, root, argc, argv);
}

}  // namespace aerie::broker
