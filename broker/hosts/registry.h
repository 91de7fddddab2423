#ifndef AERIE_BROKER_HOSTS_REGISTRY_H_
#define AERIE_BROKER_HOSTS_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/channel/host.h"
#include "broker/hosts/channel_host.h"
#include "broker/options.h"
#include "broker/topic/router.h"

namespace aerie::broker {

// The hosts that a configuration may name: `relay`, `echo`, `attached`, and
// what a broker of one's own adds before it starts. Filled by main, then only
// read.
class HostRegistry {
 public:
  // Makes the host of one route. INVALID_ARGUMENT for options that it does not
  // know or that can't be.
  using Factory =
      std::function<absl::StatusOr<std::shared_ptr<Host>>(const RouteOptions&)>;

  // With the built-in hosts.
  HostRegistry();

  // A later one of the same name wins.
  void Add(std::string name, Factory factory);

  // Channels of class Module, each made by its default constructor. Their
  // routes take no options.
  template <typename Module>
  void AddModule(const std::string& name) {
    Add(name, [](const RouteOptions& route) {
      return MakeChannelHost(route, [] { return std::make_unique<Module>(); });
    });
  }

  // The routing table; `attached` is the host of the routes that say so.
  // INVALID_ARGUMENT for an unknown host, a pattern that can't match, or
  // options that the host refuses.
  absl::StatusOr<std::shared_ptr<const Router>> MakeRouter(
      const std::vector<RouteOptions>& routes,
      const std::shared_ptr<Host>& attached = nullptr) const;

 private:
  absl::StatusOr<std::shared_ptr<Host>> MakeHost(
      const RouteOptions& route, const std::shared_ptr<Host>& attached) const;
  static absl::StatusOr<std::shared_ptr<Host>> MakeChannelHost(
      const RouteOptions& route, ChannelHost::Factory factory);

  std::map<std::string, Factory> factories_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_REGISTRY_H_
