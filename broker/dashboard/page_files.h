#ifndef AERIE_BROKER_DASHBOARD_PAGE_FILES_H_
#define AERIE_BROKER_DASHBOARD_PAGE_FILES_H_

#include "absl/strings/string_view.h"

// What web/build has made of the page, as it stands in web/dist: in the binary,
// for the broker to need no file at run time.
namespace aerie::broker {

extern const absl::string_view kPageHtml;
extern const absl::string_view kPageScript;
extern const absl::string_view kPageStyle;
extern const absl::string_view kPageIcon;

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_PAGE_FILES_H_
