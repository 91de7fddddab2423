#include "broker/broker_main.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "broker/config.h"
#include "broker/options.h"
#include "broker/server.h"
#include "common/log.h"
#include "common/process.h"
#include "common/rpc/setup.h"

namespace aerie::broker {

int BrokerMain(int argc, char** argv, const HostRegistry& hosts) {
  rpc::PrepareProcess();
  Options options;
  const absl::optional<int> exit_status =
      LoadOptions(argc, argv, options, [&hosts](const RouteOptions& route) {
        return hosts.MakeRouter({route}).status();
      });
  if (exit_status.has_value()) return *exit_status;
  log::Configure(options.log_level, options.log_format);
  RaiseFileLimit();
  StopSignal stop;  // A second signal ends the process at once.

  const absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(std::move(options), hosts);
  if (!server.ok()) {
    log::Error("broker cannot start", {{"reason", server.status().message()}});
    return EXIT_FAILURE;
  }
  stop.Wait();
  (*server)->Drain();
  return EXIT_SUCCESS;
}

}  // namespace aerie::broker
