#ifndef AERIE_BROKER_HOSTS_CHANNEL_HOST_H_
#define AERIE_BROKER_HOSTS_CHANNEL_HOST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "broker/channel/host.h"
#include "broker/hosts/channel_module.h"

namespace aerie::broker {

// Runs ChannelModules: makes one for each join, gives it its callbacks, and
// turns what they do into Actions. An exception or a broken payload is a crash
// of that channel alone. Phoenix: Phoenix.Channel.Server's half of a callback.
//
// What belongs to a shard's channels is touched on that shard's loop only.
class ChannelHost final : public Host {
 public:
  // Called on any loop.
  using Factory = std::function<std::unique_ptr<ChannelModule>()>;

  explicit ChannelHost(Factory factory) : factory_(std::move(factory)) {}

  void Start(uint32_t shards, ActionSink& sink) override;
  void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
            Actions& out) override;
  void In(Pid pid, const v1::Message& message, Actions& out) override;
  void Out(Pid pid, const v1::Message& broadcast, Actions& out) override;
  void Info(Pid pid, const v1::Message& message, Actions& out) override;
  void Terminate(Pid pid, ExitReason reason, Actions& out) override;

 private:
  struct Instance {
    std::unique_ptr<ChannelModule> module;
    SocketPtr socket;
    std::string topic;
  };
  // The channels of one shard, by serial; apart from those of other threads.
  struct alignas(64) Instances {
    absl::flat_hash_map<uint64_t, Instance> by_serial;
  };

  // Runs a callback of a channel, if there still is one.
  template <typename Callback>
  void Call(const char* name, Pid pid, Actions& out, Callback callback);
  // Runs a callback; false when it has crashed its channel.
  template <typename Callback>
  static bool Run(const char* name, ChannelContext& channel, Callback callback);
  // Ends a channel after a callback that wants it.
  void Stop(Pid pid, Instance& instance, ExitReason reason, Actions& out);

  Instance* Find(Pid pid);
  ChannelContext Context(Pid pid, const Instance& instance, Actions& out);

  const Factory factory_;
  ActionSink* sink_ = nullptr;
  std::vector<Instances> shards_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_CHANNEL_HOST_H_
