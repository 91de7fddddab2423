#include "edge/transport/poll_request.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "edge/transport/connect_request.h"
#include "edge/transport/poll_response.h"
#include "edge/transport/query.h"
#include "edge/transport/version.h"
#include "proto/phoenix/events.h"
#include "proto/phoenix/serializer.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

constexpr absl::string_view kTokenHeader = "x-phoenix-longpoll-token";
constexpr absl::string_view kBatchType = "application/x-ndjson";
// Phoenix: what follows in the same body is dropped.
constexpr size_t kLinesMax = 100;
// Far more than our tokens have, far less than would be a burden.
constexpr size_t kTokenBytesMax = 256;

PollRefusal Refuse(RefusalCause cause, Response response) {
  return {cause, std::move(response)};
}

// The last of equal names wins.
std::string Param(const Params& params, absl::string_view name) {
  const auto found =
      std::find_if(params.rbegin(), params.rend(),
                   [name](const auto& param) { return param.first == name; });
  return found == params.rend() ? "" : found->second;
}

// A token that is no text of the kind that tokens are cannot be one of ours,
// and is not repeated in a response.
std::string TokenOf(const Request& request, const Params& params,
                    Endpoint endpoint) {
  std::string token = Param(params, "token");
  if (endpoint == Endpoint::kFoundingPoll) {
    token += Param(params, "sig");
  } else if (const auto header = request.Header(kTokenHeader)) {
    token = std::string(*header);
  }
  const bool plain =
      std::all_of(token.begin(), token.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_';
      });
  return plain && token.size() <= kTokenBytesMax ? token : std::string();
}

v1::Dialect DialectOf(const Params& params, const Route& route) {
  if (route.endpoint == Endpoint::kFoundingPoll) return v1::DIALECT_FOUNDING;
  return ChooseDialect(params, route.mount->options().default_dialect);
}

bool IsBatch(const Request& request) {
  const absl::string_view type =
      request.Header("content-type").value_or(absl::string_view());
  return absl::EqualsIgnoreCase(
      absl::StripAsciiWhitespace(type.substr(0, type.find(';'))), kBatchType);
}

// Both alphabets are read, padded or not.
absl::optional<std::string> DecodeBase64(absl::string_view line) {
  const std::string standard =
      absl::StrReplaceAll(line, {{"-", "+"}, {"_", "/"}});
  const bool plain =
      std::all_of(standard.begin(), standard.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
      });
  std::string bytes;
  if (!plain || !absl::Base64Unescape(standard, &bytes)) return absl::nullopt;
  return bytes;
}

// One message of a body, as a WebSocket would bring it.
struct Line {
  phoenix::Opcode opcode = phoenix::Opcode::kText;
  std::string decoded = {};
  absl::string_view text = {};

  absl::string_view bytes() const {
    return opcode == phoenix::Opcode::kText ? text : decoded;
  }
};

// The lines of a batch; nothing when one of them is neither text nor base64.
absl::optional<std::vector<Line>> LinesOf(absl::string_view body) {
  std::vector<Line> lines;
  for (absl::string_view text : absl::StrSplit(body, '\n')) {
    absl::ConsumeSuffix(&text, "\r");
    if (text.empty()) continue;
    if (lines.size() == kLinesMax) break;
    if (text.front() == '[') {
      lines.push_back({.text = text});
      continue;
    }
    absl::optional<std::string> bytes = DecodeBase64(text);
    if (!bytes.has_value()) return absl::nullopt;
    lines.push_back(
        {.opcode = phoenix::Opcode::kBinary, .decoded = *std::move(bytes)});
  }
  return lines;
}

// Names of a join are remembered as long as its channel.
bool IsTooLong(const v1::Message& message, const Limits& limits) {
  return message.event() == phoenix::kPhxJoin &&
         message.topic().size() + message.ref().size() +
                 message.join_ref().size() >
             limits.join_names_bytes_max;
}

void Decode(const std::vector<Line>& lines, const Limits& limits,
            v1::PollSend& send) {
  const phoenix::Serializer& serializer = phoenix::SerializerOf(send.dialect());
  for (const Line& line : lines) {
    v1::Message message;
    const bool text = line.opcode == phoenix::Opcode::kText;
    if ((text && !phoenix::IsValidUtf8(line.bytes())) ||
        !serializer.Decode(line.opcode, line.bytes(), &message).ok() ||
        IsTooLong(message, limits)) {
      send.set_malformed(true);
      return;
    }
    *send.add_messages() = std::move(message);
  }
}

// A client of 1.0.0 writes objects, one of 2.0.0 arrays; whether that is what
// the session speaks, the broker knows.
v1::Dialect DialectOfBody(const Request& request, const Route& route) {
  if (route.endpoint == Endpoint::kFoundingPoll) return v1::DIALECT_FOUNDING;
  const absl::string_view body =
      absl::StripLeadingAsciiWhitespace(request.body);
  return absl::StartsWith(body, "[") || IsBatch(request) ? v1::DIALECT_V2
                                                         : v1::DIALECT_V1;
}

PollReading ReadPost(const Request& request, const Route& route,
                     std::string token, const Limits& limits) {
  std::vector<Line> lines;
  if (route.endpoint == Endpoint::kLongPoll && IsBatch(request)) {
    absl::optional<std::vector<Line>> batch = LinesOf(request.body);
    if (!batch.has_value()) {
      return Refuse(RefusalCause::kBody, PollError(route.endpoint, 400));
    }
    lines = *std::move(batch);
  } else {
    lines.push_back({.text = request.body});
  }
  v1::PollSend send;
  send.set_token(token);
  send.set_dialect(DialectOfBody(request, route));
  Decode(lines, limits, send);
  return PollQuestion{std::move(send), std::move(token)};
}

PollReading ReadGet(const Request& request, const Route& route,
                    const Provenance& provenance, const Params& params,
                    std::string token) {
  v1::Poll poll;
  poll.set_token(token);
  const v1::Dialect dialect = DialectOf(params, route);
  if (dialect != v1::DIALECT_UNSPECIFIED) {
    *poll.mutable_connect() =
        MakeConnect(request, route, provenance, params, "");
    poll.mutable_connect()->set_dialect(dialect);
    poll.mutable_connect()->set_transport(v1::TRANSPORT_LONG_POLL);
  }
  return PollQuestion{std::move(poll), std::move(token)};
}

}  // namespace

PollReading ReadPoll(const Request& request, const Route& route,
                     const Provenance& provenance, const Limits& limits) {
  const Endpoint endpoint = route.endpoint;
  const absl::StatusOr<Params> params = ParseQuery(request.query());
  if (!params.ok() || !phoenix::IsValidUtf8(request.target) ||
      !phoenix::IsValidUtf8(provenance.site.host)) {
    return Refuse(RefusalCause::kQuery, PollError(endpoint, 400));
  }
  if (!route.mount->origin().Allows(request.Header("origin"),
                                    provenance.site)) {
    return Refuse(RefusalCause::kOrigin, PollForbidden(endpoint));
  }
  std::string token = TokenOf(request, *params, endpoint);
  if (request.method == "OPTIONS") {
    return PollPreflight(
        request.Header("access-control-request-headers").value_or(""));
  }
  if (request.method == "GET") {
    return ReadGet(request, route, provenance, *params, std::move(token));
  }
  if (request.method == "POST") {
    return ReadPost(request, route, std::move(token), limits);
  }
  return Refuse(RefusalCause::kMethod, PollError(endpoint, 400));
}

}  // namespace aerie::edge
