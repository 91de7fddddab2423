#include "common/config/shared_keys.h"

#include "common/address.h"

namespace aerie::config {

absl::Status AddressRule(absl::string_view text) {
  return ParseAddress(text).status();
}

Section& BindProcess(Section& root, std::string* admin_address,
                     uint32_t* drain_window_ms, log::Level* level,
                     log::Format* format) {
  Section& admin = root.Child("admin", "The port for operators.");
  admin.Text("listen", admin_address,
             "Address and port of `/livez`, `/readyz`, `/metrics` and "
             "`/buildinfo`. Keep it from strangers.",
             AddressRule);
  root.Child("drain", "The end.")
      .DurationMs("window", Number(drain_window_ms), {0, kHourMs},
                  "From SIGTERM to the exit, at the latest. Kubernetes' "
                  "`terminationGracePeriodSeconds` has to be longer.");
  Section& log = root.Child("log", "What is written to standard error.");
  log.Choice<log::Level>("level", level,
                         {{"debug", log::Level::kDebug},
                          {"info", log::Level::kInfo},
                          {"warning", log::Level::kWarning},
                          {"error", log::Level::kError}},
                         "The least that is written.");
  log.Choice<log::Format>(
      "format", format,
      {{"text", log::Format::kText}, {"json", log::Format::kJson}},
      "One line of `key=value`, or one JSON object a line.");
  return admin;
}

absl::optional<std::string> Complaint(const absl::Status& status) {
  if (status.ok()) return absl::nullopt;
  return std::string(status.message());
}

}  // namespace aerie::config
