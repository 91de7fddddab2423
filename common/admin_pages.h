#ifndef AERIE_COMMON_ADMIN_PAGES_H_
#define AERIE_COMMON_ADMIN_PAGES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/admin.h"

namespace aerie {

// What a request for `target` (query included) is answered, if it is not for
// the section. A pure function of its arguments.
AdminAnswer Answer(const AdminPages& pages, absl::string_view method,
                   absl::string_view target);

// The parts of a target; `method` and `host` are left to the caller.
AdminRequest SplitTarget(absl::string_view target);

// Whether the path is the section's, or below it.
bool IsOf(const AdminSection& section, absl::string_view path);

}  // namespace aerie

#endif  // AERIE_COMMON_ADMIN_PAGES_H_
