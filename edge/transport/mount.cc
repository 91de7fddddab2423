#include "edge/transport/mount.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace aerie::edge {
namespace {

std::vector<absl::string_view> Split(absl::string_view path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

bool IsVariable(absl::string_view segment) {
  return absl::StartsWith(segment, ":");
}

absl::Status Check(const MountOptions& options) {
  if (!absl::StartsWith(options.path, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "mount \"", options.path, "\": a path starts with a slash"));
  }
  for (absl::string_view segment : Split(options.path)) {
    if (segment == ":") {
      return absl::InvalidArgumentError(absl::StrCat(
          "mount \"", options.path, "\": a path variable needs a name"));
    }
  }
  if (!options.modern && !options.founding) {
    return absl::InvalidArgumentError(
        absl::StrCat("mount \"", options.path, "\" serves no dialect"));
  }
  if (options.default_dialect != v1::DIALECT_V1 &&
      options.default_dialect != v1::DIALECT_BRIDGE) {
    return absl::InvalidArgumentError(
        absl::StrCat("mount \"", options.path,
                     "\": the default dialect is 1.0.0 or bridge"));
  }
  return absl::OkStatus();
}

// The endpoint of what follows a mount's path.
absl::optional<Endpoint> EndpointOf(const MountOptions& options,
                                    absl::string_view rest) {
  if (options.modern && rest == "websocket") return Endpoint::kWebSocket;
  if (options.modern && options.long_poll && rest == "longpoll") {
    return Endpoint::kLongPoll;
  }
  if (options.founding && rest.empty()) return Endpoint::kFoundingWebSocket;
  if (options.founding && options.long_poll && rest == "poll") {
    return Endpoint::kFoundingPoll;
  }
  return absl::nullopt;
}

}  // namespace

Mount::Mount(MountOptions options, OriginCheck origin)
    : options_(std::move(options)), origin_(std::move(origin)) {
  for (absl::string_view segment : Split(options_.path)) {
    segments_.emplace_back(segment);
  }
}

absl::StatusOr<Mount> Mount::Create(MountOptions options) {
  const absl::Status status = Check(options);
  if (!status.ok()) return status;
  absl::StatusOr<OriginCheck> origin =
      OriginCheck::Create(options.check_origin, !options.modern);
  if (!origin.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "mount \"", options.path, "\": ", origin.status().message()));
  }
  return Mount(std::move(options), *std::move(origin));
}

bool Mount::Match(const std::vector<absl::string_view>& segments,
                  absl::string_view* rest, Params* variables) const {
  // The transport's name is one segment at most.
  if (segments.size() < segments_.size() ||
      segments.size() > segments_.size() + 1) {
    return false;
  }
  variables->clear();
  for (size_t i = 0; i < segments_.size(); ++i) {
    const absl::StatusOr<std::string> segment =
        PercentDecode(segments[i], Plus::kLiteral);
    if (!segment.ok()) return false;
    if (IsVariable(segments_[i])) {
      variables->emplace_back(segments_[i].substr(1), *segment);
    } else if (segments_[i] != *segment) {
      return false;
    }
  }
  *rest = segments.size() > segments_.size() ? segments.back() : "";
  return true;
}

absl::optional<Route> FindRoute(const std::vector<Mount>& mounts,
                                absl::string_view path) {
  const std::vector<absl::string_view> segments = Split(path);
  for (const Mount& mount : mounts) {
    absl::string_view rest;
    Params variables;
    if (!mount.Match(segments, &rest, &variables)) continue;
    const absl::optional<Endpoint> endpoint = EndpointOf(mount.options(), rest);
    if (endpoint.has_value()) {
      return Route{&mount, *endpoint, std::move(variables)};
    }
  }
  return absl::nullopt;
}

}  // namespace aerie::edge
