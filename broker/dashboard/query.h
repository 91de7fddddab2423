#ifndef AERIE_BROKER_DASHBOARD_QUERY_H_
#define AERIE_BROKER_DASHBOARD_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie::broker {

// The parameters of a page's request. A value; one thread.
class Query {
 public:
  static constexpr size_t kBytesMax = 4 << 10;
  static constexpr size_t kParamsMax = 8;

  // Of what stands behind the `?`, as browsers encode forms. INVALID_ARGUMENT
  // for what is longer, a name that stands twice, or an escape that is none.
  static absl::StatusOr<Query> Parse(absl::string_view encoded);

  // Empty when it is missing.
  std::string Text(const std::string& name) const;
  // `otherwise` when it is missing; INVALID_ARGUMENT when it is no number.
  absl::StatusOr<uint64_t> Number(const std::string& name,
                                  uint64_t otherwise) const;

 private:
  std::map<std::string, std::string> params_;
};

// Whether a Host header is one that no stranger's page can have: an address, or
// a name that only private networks resolve (`localhost`, `broker`,
// `broker.aerie.svc`, `*.internal`, `*.local`). Without this rule, a page
// anywhere whose name resolves to this port could read it through the browser
// of somebody who can reach it.
bool IsPrivateHost(absl::string_view host);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_QUERY_H_
