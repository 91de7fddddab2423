#include "common/admin_pages.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace aerie {
namespace {

constexpr absl::string_view kPlain = "text/plain; charset=utf-8";
constexpr absl::string_view kPrometheus =
    "text/plain; version=0.0.4; charset=utf-8";

AdminAnswer Check(const std::function<std::vector<std::string>()>& reasons) {
  const std::vector<std::string> found =
      reasons ? reasons() : std::vector<std::string>();
  if (found.empty()) return {200, kPlain, "ok\n"};
  return {503, kPlain, absl::StrCat(absl::StrJoin(found, "\n"), "\n")};
}

AdminAnswer Live(const AdminPages& pages) { return Check(pages.not_live); }
AdminAnswer Ready(const AdminPages& pages) { return Check(pages.not_ready); }
AdminAnswer Metrics(const AdminPages& pages) {
  return {200, kPrometheus, pages.metrics ? pages.metrics() : ""};
}
AdminAnswer Build(const AdminPages& pages) {
  return {200, kPlain, absl::StrCat(pages.build_info, "\n")};
}

struct Page {
  absl::string_view path;
  AdminAnswer (*answer)(const AdminPages&);
};
constexpr Page kPages[] = {
    {"/livez", Live},
    {"/readyz", Ready},
    {"/metrics", Metrics},
    {"/buildinfo", Build},
};

}  // namespace

AdminAnswer Answer(const AdminPages& pages, absl::string_view method,
                   absl::string_view target) {
  const absl::string_view path = SplitTarget(target).path;
  for (const Page& page : kPages) {
    if (page.path != path) continue;
    if (method == "GET" || method == "HEAD") return page.answer(pages);
    return {405,
            kPlain,
            "only GET and HEAD are answered here\n",
            {{"Allow", "GET, HEAD"}}};
  }
  std::string body = "nothing here; there are:\n";
  for (const Page& page : kPages) absl::StrAppend(&body, page.path, "\n");
  if (pages.section != nullptr) {
    absl::StrAppend(&body, pages.section->path(), "\n");
  }
  return {404, kPlain, std::move(body)};
}

AdminRequest SplitTarget(absl::string_view target) {
  const size_t mark = target.find('?');
  AdminRequest request;
  request.path = target.substr(0, mark);
  if (mark != absl::string_view::npos) request.query = target.substr(mark + 1);
  return request;
}

bool IsOf(const AdminSection& section, absl::string_view path) {
  return absl::ConsumePrefix(&path, section.path()) &&
         (path.empty() || path[0] == '/');
}

}  // namespace aerie
