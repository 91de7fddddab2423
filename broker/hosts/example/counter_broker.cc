// A broker with a host of its own: every channel counts the events of its
// client. Build it, and name the host in the configuration:
//
//   routes:
//     - pattern: "count:*"
//       host: counter

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/broker_main.h"
#include "broker/hosts/channel_module.h"
#include "broker/hosts/registry.h"

namespace {

using aerie::broker::ChannelContext;
using aerie::broker::ChannelModule;
using aerie::broker::ExitReason;
using aerie::broker::JoinResult;

// One object is one channel: what it remembers, it remembers of one client on
// one topic. An exception would crash this channel and no other.
class Counter final : public ChannelModule {
 public:
  JoinResult Join(ChannelContext& channel,
                  const aerie::v1::Message& /*join*/) override {
    if (channel.topic() == "count:closed") {
      return JoinResult::Error({R"({"reason":"closed"})"});
    }
    return JoinResult::Ok({R"({"count":0})"});
  }

  void HandleIn(ChannelContext& channel,
                const aerie::v1::Message& message) override {
    const std::string count = absl::StrCat(R"({"count":)", ++count_, "}");
    if (message.event() == "shout") channel.BroadcastFrom("shouted", message);
    channel.Reply(message.ref(), "ok", {count});
    if (count_ == 1'000) channel.Stop();
  }

  void Terminate(ChannelContext& channel, ExitReason /*reason*/) override {
    channel.BroadcastFrom("left", {absl::StrCat(R"({"count":)", count_, "}")});
  }

 private:
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  aerie::broker::HostRegistry hosts;
  hosts.AddModule<Counter>("counter");
  return aerie::broker::BrokerMain(argc, argv, hosts);
}
