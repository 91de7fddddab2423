#include "common/build_info.h"

#include "absl/strings/str_cat.h"

#ifndef AERIE_COMMIT
#define AERIE_COMMIT unknown
#endif
#define AERIE_STRING(x) #x
#define AERIE_EXPANDED_STRING(x) AERIE_STRING(x)

namespace aerie {
namespace {

#ifdef __clang__
constexpr char kCompiler[] = "clang " __clang_version__;
#else
constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

}  // namespace

absl::string_view Version() { return "0.1.0"; }

absl::string_view Commit() { return AERIE_EXPANDED_STRING(AERIE_COMMIT); }

std::string BuildInfo(absl::string_view process) {
  return absl::StrCat("aerie-", process, " ", Version(), " (commit ", Commit(),
                      ", ", kCompiler, ")");
}

void AddBuildInfo(MetricsRegistry& registry, absl::string_view process) {
  registry
      .AddGauge(absl::StrCat("aerie_", process, "_build_info"),
                "1; the labels tell what is running.",
                {{"version", std::string(Version())},
                 {"commit", std::string(Commit())},
                 {"compiler", kCompiler}})
      .Set(1);
}

}  // namespace aerie
