// aerie-broker, with the built-in hosts.

#include "broker/broker_main.h"
#include "broker/hosts/registry.h"

int main(int argc, char** argv) {
  const aerie::broker::HostRegistry hosts;
  return aerie::broker::BrokerMain(argc, argv, hosts);
}
