// aerie-broker with the channel under test, as the host `test`, and without it
// the same.

#include <memory>

#include "absl/status/statusor.h"
#include "broker/broker_main.h"
#include "broker/hosts/registry.h"
#include "test/support/test_host.h"

int main(int argc, char** argv) {
  aerie::broker::HostRegistry hosts;
  hosts.Add("test",
            [](const aerie::broker::RouteOptions&)
                -> absl::StatusOr<std::shared_ptr<aerie::broker::Host>> {
              return std::make_shared<aerie::testing::TestHost>();
            });
  return aerie::broker::BrokerMain(argc, argv, hosts);
}
