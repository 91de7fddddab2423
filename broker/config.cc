#include "broker/config.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/auth/built_in_rules.h"
#include "broker/auth/jws_algorithm.h"
#include "broker/auth/resume_blob.h"
#include "broker/config_services.h"
#include "common/config/shared_keys.h"

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

void BindJwtKey(Section& section, JwtKeyOptions& key) {
  section.Choice<JwsAlgorithm>(
      "algorithm", &key.algorithm,
      {{"HS256", JwsAlgorithm::kHs256},
       {"RS256", JwsAlgorithm::kRs256},
       {"ES256", JwsAlgorithm::kEs256},
       {"EdDSA", JwsAlgorithm::kEdDsa}},
      "What it is for; a token that names another one is refused.");
  section.Text("kid", &key.kid,
               "Its name: tokens with that `kid` are checked with it. Empty: "
               "only those without.");
  section.Text("file", &key.file, "PEM file: the public key; or, for HS256:");
  section.Text("secret_file", &key.secret_file,
               "The file that holds the secret, without its last newline; or:");
  section.Text("secret_env", &key.secret_env,
               "The environment variable that holds it.");
  section.Check("file", [&key]() -> absl::optional<std::string> {
    if (key.file.empty() + key.secret_file.empty() + key.secret_env.empty() ==
        2) {
      return absl::nullopt;
    }
    return "expected one of file, secret_file and secret_env";
  });
}

void BindJwt(Section& section, JwtOptions& jwt) {
  section.List("keys", &jwt.keys, JwtKeyOptions(),
               "Those that tokens are signed with.", BindJwtKey);
  section.Text("jwks_file", &jwt.jwks_file,
               "A JSON Web Key Set with more of them, read again when it "
               "changes.");
  section.Text("issuer", &jwt.issuer, "What `iss` must be; empty: anything.");
  section.Texts("audience", &jwt.audience,
                "`aud` must name one of these; empty: tokens with `aud` are "
                "meant for others, and refused.");
  section.DurationMs("leeway", Number(&jwt.leeway_ms), {0, kMinuteMs},
                     "How far the issuer's clock may be from ours.");
  section.Switch("expiry_required", &jwt.expiry_required,
                 "Refuses tokens without `exp`.");
  section.Text("param", &jwt.param,
               "The connect param with the token, for clients that can't send "
               "it otherwise; empty: none.");
  section.Text("socket_id", &jwt.socket_id,
               "The id of its sockets, `users:{sub}`: who lacks a claim in it "
               "is refused. Empty: none.");
  section.TextMap("assigns", &jwt.assigns,
                  "What channels are told of its sockets: names, and the "
                  "claims or texts with claims that they stand for.");
  section.Texts("topics", &jwt.topics,
                "What may be joined: topics and, with `*` at the end, their "
                "starts. `room:{room}` is the claim `room`, or one for each of "
                "its values; without the claim, it is no topic at all.");
}

absl::optional<std::string> CheckKeysOfRule(const RuleOptions& rule) {
  const bool by_jwt = rule.rule == RuleOptions::Rule::kJwt;
  const bool keys = !rule.jwt.keys.empty() || !rule.jwt.jwks_file.empty();
  if (by_jwt && !keys) {
    return "expected keys or a jwks_file, because of `rule: jwt`";
  }
  if (!by_jwt && keys) {
    return "nobody asks for its keys: expected `rule: jwt`";
  }
  return by_jwt ? Complaint(CheckRule(rule)) : absl::nullopt;
}

void BindRule(Section& section, RuleOptions& rule) {
  section.Choice<RuleOptions::Rule>(
      "rule", &rule.rule,
      {{"allow", RuleOptions::Rule::kAllow},
       {"tokens", RuleOptions::Rule::kTokens},
       {"jwt", RuleOptions::Rule::kJwt}},
      "Who may open a socket: everybody, or who shows one of `tokens`, or a "
      "valid JSON Web Token; in the auth-token subprotocol, the header "
      "X-Phoenix-AuthToken, or the param `token`.");
  section.List("tokens", &rule.tokens, TokenOptions(),
               "With `rule: tokens`: those that are let in.", BindToken);
  BindJwt(section.Child("jwt", "With `rule: jwt`: which tokens are valid."),
          rule.jwt);
  section.Text("socket_id_param", &rule.socket_id_param,
               "With `rule: allow`: the connect param that becomes the socket "
               "id. Clients choose it themselves: for development.");
  section.Check("tokens", [&rule]() -> absl::optional<std::string> {
    const bool by_token = rule.rule == RuleOptions::Rule::kTokens;
    if (by_token && rule.tokens.empty()) {
      return "expected at least one, because of `rule: tokens`";
    }
    if (!by_token && !rule.tokens.empty()) {
      return "nobody asks for them: expected `rule: tokens`";
    }
    return by_token ? Complaint(CheckRule(rule)) : absl::nullopt;
  });
  section.Check("jwt", [&rule] { return CheckKeysOfRule(rule); });
}

void BindConnect(Section& section, ConnectOptions& connect) {
  BindRule(section, connect);
  section.List("mounts", &connect.mounts, MountRuleOptions(),
               "Mounts of the edges that have a rule of their own; what is "
               "left out there is as by default, not as above.",
               [](Section& mount, MountRuleOptions& options) {
                 mount.Text("path", &options.path,
                            "Of the mount, as the edges have it: `/admin`.");
                 BindRule(mount, options);
               });
  section.Check("mounts", [&connect]() -> absl::optional<std::string> {
    std::set<std::string> paths;
    for (const MountRuleOptions& mount : connect.mounts) {
      if (mount.path.empty() || mount.path[0] != '/') {
        return "expected a path that starts with a slash in each";
      }
      if (paths.insert(mount.path).second) continue;
      return absl::StrCat("\"", mount.path, "\" stands here twice");
    }
    return absl::nullopt;
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
  section.DurationMs("grant_notice", Number(&limits.grant_notice_ms),
                     {0, kHourMs},
                     "Before a token expires, `token_expiring` is pushed on "
                     "each joined topic; 0: never.");
  section.DurationMs("grant_grace", Number(&limits.grant_grace_ms),
                     {0, kHourMs},
                     "From a token's expiry on, to renew it; meanwhile nothing "
                     "can be joined. Then: closed with 1008.");
  section.Bytes("token_bytes_max", Number(&limits.token_bytes_max),
                {256, 64 * kKiB}, "A JSON Web Token. Then: refused with 403.");
  section.Bytes("resume_blob_bytes_max", Number(&limits.resume_blob_bytes_max),
                {256, 64 * kKiB},
                "What an edge keeps of a socket for its broker. Then: the "
                "socket is refused with 500.");
}

// Of clients that poll.
void BindPollLimits(Section& section, Limits& limits) {
  section.DurationMs("poll_window", Number(&limits.poll_window_ms),
                     {100, kMinuteMs},
                     "How long a long poll waits for something; its client "
                     "gives up after 20s. A session ends one and a half to "
                     "three times as long after its last poll.");
  section.Integer("poll_sessions_max", Number(&limits.poll_sessions_max),
                  {0, 10'000'000}, "Sessions of long polls. Then: 503.");
  section.Bytes("poll_session_bytes_max",
                Number(&limits.poll_session_bytes_max), {kKiB, kGiB},
                "What waits in one of them for the next poll. Then: it ends.");
  section.Integer("polls_per_session_max",
                  Number(&limits.polls_per_session_max), {1, 1'024},
                  "Its polls at once. Then: the oldest is answered with "
                  "nothing.");
  section.Integer("poll_sends_max", Number(&limits.poll_sends_max), {1, 1'024},
                  "Its POSTs that wait for one another. Then: 408.");
  section.Bytes("poll_sends_bytes_max", Number(&limits.poll_sends_bytes_max),
                {kKiB, kGiB}, "Their bytes. Then: 408.");
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

// Of services that call Control.
void BindControlLimits(Section& section, Limits& limits) {
  section.Integer("idempotency_keys_max", Number(&limits.idempotency_keys_max),
                  {0, 100'000'000},
                  "Idempotency keys that each thread remembers. Then: the "
                  "oldest is forgotten.");
  section.DurationMs("idempotency_ttl", Number(&limits.idempotency_ttl_ms),
                     {kSecondMs, 24 * kHourMs},
                     "How long each of them is remembered.");
  section.Integer("control_calls_max", Number(&limits.control_calls_max),
                  {1, 1'000'000},
                  "Calls of services under way, without streams. Then: "
                  "RESOURCE_EXHAUSTED.");
  section.Integer("broadcast_streams_max",
                  Number(&limits.broadcast_streams_max), {0, 1'000'000},
                  "BroadcastStream calls. Then: RESOURCE_EXHAUSTED.");
  section.Integer("broadcast_stream_credit",
                  Number(&limits.broadcast_stream_credit), {1, 1'000'000},
                  "Broadcasts of one of them that are not acknowledged. Then: "
                  "it ends, RESOURCE_EXHAUSTED.");
  section.Bytes("broadcast_stream_bytes_max",
                Number(&limits.broadcast_stream_bytes_max),
                {64 * kKiB, 64 * kGiB},
                "Their bytes. Then: it is not read until some are sent.");
  section.Integer("watchers_max", Number(&limits.watchers_max), {0, 65'536},
                  "Watch calls. Then: RESOURCE_EXHAUSTED.");
  section.Bytes("watch_queue_bytes_max", Number(&limits.watch_queue_bytes_max),
                {64 * kKiB, 64 * kGiB},
                "What one of them has yet to read. Then: events are lost, and "
                "it is told how many.");
}

}  // namespace

void Bind(Section& root, Options& options, RouteCheck check_route) {
  root.Text("name", &options.name,
            "What edges and logs call this broker; empty: the machine's name.");
  BindGrpc(root, options);
  root.Integer("threads", Number(&options.loops), {0, 1'024},
               "Threads, each with its shard of the topics; 0: one per core.");
  BindRoutes(root, options, std::move(check_route));
  BindConnect(root.Child("connect", "Who may open a socket."), options.connect);
  BindResume(root.Child("resume", "How sockets outlive their broker."),
             options.resume);
  config::BindProcess(root, &options.admin_address, &options.drain_window_ms,
                      &options.log_level, &options.log_format)
      .Switch("dashboard", &options.dashboard,
              "Serves a page at `/dashboard` there: edges, hosts, sockets, "
              "topics and rates, for reading.");
  Section& limits = root.Child("limits", "What is bounded.");
  BindLimits(limits, options.limits);
  BindPollLimits(limits, options.limits);
  BindHostLimits(limits, options.limits);
  BindHostQueues(limits, options.limits);
  BindControlLimits(limits, options.limits);
}

absl::optional<int> LoadOptions(int argc, char** argv, Options& options,
                                RouteCheck check_route) {
  Section root;
  Bind(root, options, std::move(check_route));
  return config::LoadOrExit(kProgram, root, argc, argv);
}

}  // namespace aerie::broker
