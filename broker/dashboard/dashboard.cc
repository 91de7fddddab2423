#include "broker/dashboard/dashboard.h"

#include <memory>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "broker/dashboard/excerpt.h"
#include "broker/dashboard/json.h"
#include "broker/dashboard/page_files.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kTopTopics = 50;
constexpr uint32_t kTopicsPage = 50;
constexpr uint32_t kSocketsPage = 25;

// Nothing but the port's own files and answers; no script but the page's, and
// none that writes HTML; in nobody's frame.
constexpr absl::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

AdminAnswer Guarded(AdminAnswer answer) {
  for (const auto& header : {
           std::pair<absl::string_view, absl::string_view>(
               "Content-Security-Policy", kPolicy),
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"},
           {"Cross-Origin-Opener-Policy", "same-origin"},
           {"Cross-Origin-Resource-Policy", "same-origin"},
       }) {
    answer.headers.push_back(header);
  }
  return answer;
}

AdminAnswer WrongMethod() {
  AdminAnswer answer = ErrorAnswer(405, "the dashboard only reads: GET");
  answer.headers.emplace_back("Allow", "GET");
  return answer;
}

AdminAnswer Nothing() { return ErrorAnswer(404, "nothing here"); }

AdminAnswer File(absl::string_view path) {
  if (path.empty())
    return {200, "text/html; charset=utf-8", std::string(kPageHtml)};
  if (path == "/page.js") {
    return {200, "text/javascript; charset=utf-8", std::string(kPageScript)};
  }
  if (path == "/page.css") {
    return {200, "text/css; charset=utf-8", std::string(kPageStyle)};
  }
  if (path == "/icon.svg") {
    return {200, "image/svg+xml", std::string(kPageIcon)};
  }
  // Relative, for proxies that put a path before it.
  if (path == "/") {
    return {308, "text/plain", "", {{"Location", "../dashboard"}}};
  }
  return Nothing();
}

}  // namespace

Dashboard::Dashboard(DashboardContext context)
    : context_(std::move(context)),
      looks_(context_.limits, context_.clock, context_.metrics),
      history_(context_.metrics, context_.loops) {
  history_.Step(context_.clock.NowMs());
}

void Dashboard::Tick() {
  looks_.Step();
  history_.Step(context_.clock.NowMs());
}

void Dashboard::Answer(const AdminRequest& request, Reply reply) {
  Reply guarded = [reply = std::move(reply)](AdminAnswer answer) mutable {
    reply(Guarded(std::move(answer)));
  };
  if (!IsPrivateHost(request.host)) {
    return guarded(ErrorAnswer(
        403,
        "not by this name: use an address, localhost or a name of a "
        "private network"));
  }
  if (request.method != "GET") return guarded(WrongMethod());
  absl::string_view rest = absl::StripPrefix(request.path, path());
  if (absl::ConsumePrefix(&rest, "/api/")) {
    AdminRequest asked = request;
    asked.path = rest;
    return AnswerApi(asked, std::move(guarded));
  }
  guarded(File(rest));
}

void Dashboard::AnswerApi(const AdminRequest& request, Reply reply) {
  const absl::StatusOr<Query> query = Query::Parse(request.query);
  if (!query.ok()) return reply(ErrorAnswer(query.status()));
  const std::string key = absl::StrCat(request.path, "?", request.query);
  if (request.path == "history") {
    return LookAtHistory(key, *query, std::move(reply));
  }
  Look(request.path, key, *query, std::move(reply));
}

void Dashboard::LookAtHistory(const std::string& key, const Query& query,
                              Reply reply) {
  const absl::StatusOr<uint64_t> from = query.Number("from", 0);
  if (!from.ok()) return reply(ErrorAnswer(from.status()));
  looks_.Want(
      key, Looks::Kind::kOwn,
      [this, from = *from](Reply done) {
        done(JsonAnswer(history_.Json(from, context_.clock.NowMs())));
      },
      std::move(reply));
}

void Dashboard::Look(absl::string_view name, const std::string& key,
                     const Query& query, Reply reply) {
  using Kind = Looks::Kind;
  if (name == "overview") {
    return Ask<v1::ClusterInfoResponse, &Control::ClusterInfo>(
        "overview", Kind::kOne, v1::ClusterInfoRequest(), std::move(reply));
  }
  if (name == "top") {
    return looks_.Want(
        "top", Kind::kScan,
        [this](Reply done) {
          context_.control.TopTopics(
              kTopTopics,
              ToThisThread<v1::ListTopicsResponse>(std::move(done), nullptr));
        },
        std::move(reply));
  }
  if (name == "topics") {
    v1::ListTopicsRequest request;
    request.set_prefix(query.Text("prefix"));
    request.set_page_size(kTopicsPage);
    request.set_page_token(query.Text("page"));
    return Ask<v1::ListTopicsResponse, &Control::ListTopics>(
        key, Kind::kScan, request, std::move(reply));
  }
  if (name == "topic") {
    v1::GetTopicRequest request;
    request.set_topic(query.Text("name"));
    return Ask<v1::GetTopicResponse, &Control::GetTopic>(
        key, Kind::kOne, request, std::move(reply));
  }
  if (name == "sockets") {
    v1::ListSocketsRequest request;
    request.set_socket_id(query.Text("id"));
    request.set_edge(query.Text("edge"));
    request.set_page_size(kSocketsPage);
    request.set_page_token(query.Text("page"));
    return Ask<v1::ListSocketsResponse, &Control::ListSockets>(
        key, Kind::kOne, request, std::move(reply));
  }
  if (name == "socket") {
    v1::GetSocketRequest request;
    request.set_key(query.Text("key"));
    return Ask<v1::GetSocketResponse, &Control::GetSocket>(
        key, Kind::kOne, request, std::move(reply));
  }
  reply(Nothing());
}

template <typename Response, auto kLook, typename Request>
void Dashboard::Ask(const std::string& key, Looks::Kind kind, Request request,
                    Reply reply) {
  looks_.Want(
      key, kind,
      [this, request = std::move(request)](Reply done) mutable {
        // Lives until it is answered, as Control asks for.
        const auto kept = std::make_shared<const Request>(std::move(request));
        (context_.control.*kLook)(
            *kept, ToThisThread<Response>(std::move(done), kept));
      },
      std::move(reply));
}

// A loop has better things to do than to write JSON.
template <typename Response>
Control::Answer<Response> Dashboard::ToThisThread(
    Reply done, std::shared_ptr<const void> kept) {
  return [this, post = post_, done = std::move(done),
          kept = std::move(kept)](absl::StatusOr<Response> response) mutable {
    post([this, done = std::move(done),
          response = std::move(response)]() mutable {
      done(Write(std::move(response)));
    });
  };
}

template <typename Response>
AdminAnswer Dashboard::Write(absl::StatusOr<Response> response) const {
  if (!response.ok()) return ErrorAnswer(response.status());
  Shorten(&*response);
  std::string json = ToJson(*response);
  if constexpr (std::is_same_v<Response, v1::ClusterInfoResponse>) {
    if (!json.empty()) json = Overview(json);
  }
  return JsonAnswer(std::move(json));
}

std::string Dashboard::Overview(const std::string& cluster) const {
  const std::string reasons =
      absl::StrJoin(context_.not_ready(), ",",
                    [](std::string* out, const std::string& reason) {
                      absl::StrAppend(out, ToJson(absl::string_view(reason)));
                    });
  return absl::StrCat("{\"cluster\":", cluster, ",\"not_ready\":[", reasons,
                      "]}");
}

}  // namespace aerie::broker
