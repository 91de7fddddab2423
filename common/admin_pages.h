#ifndef AERIE_COMMON_ADMIN_PAGES_H_
#define AERIE_COMMON_ADMIN_PAGES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/admin.h"

namespace aerie {

struct AdminAnswer {
  int status;
  absl::string_view content_type;
  std::string body;
};

// What a request for `target` (query included) is answered. A pure function of
// its arguments.
AdminAnswer Answer(const AdminPages& pages, absl::string_view method,
                   absl::string_view target);

}  // namespace aerie

#endif  // AERIE_COMMON_ADMIN_PAGES_H_
