// aerie-edge: holds the sockets of Phoenix clients and carries their messages
// to a broker.

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/log.h"
#include "common/process.h"
#include "common/rpc/setup.h"
#include "edge/config.h"
#include "edge/options.h"
#include "edge/server.h"

int main(int argc, char** argv) {
  aerie::rpc::PrepareProcess();
  aerie::edge::Options options;
  const absl::optional<int> exit_status =
      aerie::edge::LoadOptions(argc, argv, options);
  if (exit_status.has_value()) return *exit_status;
  aerie::log::Configure(options.log_level, options.log_format);
  aerie::RaiseFileLimit();
  aerie::StopSignal stop;  // A second signal ends the process at once.

  absl::StatusOr<std::unique_ptr<aerie::edge::Server>> server =
      aerie::edge::Server::Start(std::move(options));
  if (!server.ok()) {
    aerie::log::Error("edge cannot start",
                      {{"reason", server.status().message()}});
    return EXIT_FAILURE;
  }
  stop.Wait();
  (*server)->Drain();
  return EXIT_SUCCESS;
}
