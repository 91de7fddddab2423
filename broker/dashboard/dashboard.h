#ifndef AERIE_BROKER_DASHBOARD_DASHBOARD_H_
#define AERIE_BROKER_DASHBOARD_DASHBOARD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/control/control.h"
#include "broker/dashboard/history.h"
#include "broker/dashboard/looks.h"
#include "broker/dashboard/query.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "common/admin.h"
#include "common/clock.h"

namespace aerie::broker {

// What the dashboard speaks of. Outlives it.
struct DashboardContext {
  Control& control;
  const Limits& limits;
  Metrics& metrics;
  const Clock& clock;
  // How many loops there are.
  uint32_t loops = 1;
  // Why the broker should get no edges; none: it is ready. Any thread.
  std::function<std::vector<std::string>()> not_ready;
};

// The page `/dashboard` of the broker's admin port, and the JSON that it lives
// on. It only reads: GET, and 405 for anything else. Phoenix: LiveDashboard.
//
// Below /dashboard/api, with the messages of control.proto as JSON (json.h),
// less what excerpt.h takes away:
//   overview                   {"cluster": ClusterInfoResponse,
//                               "not_ready": [reasons]}
//   history?from=              History::Json
//   top                        ListTopicsResponse: the 50 topics with the most
//                              channels
//   topics?prefix=&page=       ListTopicsResponse, 50 to a page
//   topic?name=                GetTopicResponse
//   sockets?id=&edge=&page=    ListSocketsResponse, 25 to a page
//   socket?key=                GetSocketResponse
// Errors are `{"error":"..."}`: 400 for what cannot be asked, 403 for a Host
// header that is a stranger's, 404 for what is not there, 429 and 503 from
// Looks.
//
// Lives on the admin server's thread. What it asks is answered on loops, and
// posted back.
class Dashboard final : public AdminSection {
 public:
  explicit Dashboard(DashboardContext context);

  absl::string_view path() const override { return "/dashboard"; }
  void Start(Post post) override { post_ = std::move(post); }
  void Answer(const AdminRequest& request, Reply reply) override;
  void Tick() override;

 private:
  void AnswerApi(const AdminRequest& request, Reply reply);
  // What stands behind /dashboard/api/; 404 when nothing does.
  void Look(absl::string_view name, const std::string& key, const Query& query,
            Reply reply);
  void LookAtHistory(const std::string& key, const Query& query, Reply reply);

  // Asks `kLook` of Control, once for all who want to know.
  template <typename Response, auto kLook, typename Request>
  void Ask(const std::string& key, Looks::Kind kind, Request request,
           Reply reply);
  template <typename Response>
  Control::Answer<Response> ToThisThread(Reply done,
                                         std::shared_ptr<const void> kept);

  // What Control says, for a page.
  template <typename Response>
  AdminAnswer Write(absl::StatusOr<Response> response) const;
  std::string Overview(const std::string& cluster) const;

  const DashboardContext context_;
  Post post_;
  Looks looks_;
  History history_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_DASHBOARD_H_
