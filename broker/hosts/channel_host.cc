#include "broker/hosts/channel_host.h"

#include <exception>
#include <utility>

#include "common/log.h"

namespace aerie::broker {

void ChannelHost::Start(uint32_t shards, ActionSink& sink) {
  sink_ = &sink;
  shards_ = std::vector<Instances>(shards);
}

template <typename Callback>
bool ChannelHost::Run(const char* name, ChannelContext& channel,
                      Callback callback) {
  try {
    callback();
    if (!channel.crashed()) return true;
    log::Error("channel crashed", {{"callback", name}, {"cause", "payload"}});
  } catch (const std::exception& e) {
    log::Error("channel crashed", {{"callback", name}, {"cause", e.what()}});
  } catch (...) {
    log::Error("channel crashed", {{"callback", name}, {"cause", "unknown"}});
  }
  return false;
}

template <typename Callback>
void ChannelHost::Call(const char* name, Pid pid, Actions& out,
                       Callback callback) {
  Instance* const instance = Find(pid);
  if (instance == nullptr) return;
  ChannelContext channel = Context(pid, *instance, out);
  if (!Run(name, channel, [&] { callback(*instance->module, channel); })) {
    return Stop(pid, *instance, ExitReason::kCrash, out);
  }
  if (channel.stop()) Stop(pid, *instance, *channel.stop(), out);
}

// What the module does in Join follows its answer.
void ChannelHost::Join(Pid pid, const SocketPtr& socket,
                       const v1::Message& join, Actions& out) {
  Instance instance{nullptr, socket, join.topic()};
  Actions after;
  ChannelContext channel = Context(pid, instance, after);
  JoinResult result;
  const bool answered = Run("join", channel, [&] {
    instance.module = factory_();
    result = instance.module->Join(channel, join);
    channel.Check(result.response);
  });
  if (!answered) {
    out.push_back({pid, JoinCrashed{}});
    return;
  }
  out.push_back({pid, Joined{result.ok, std::move(result.response),
                             std::move(result.intercepts)}});
  if (!result.ok) return;
  for (Action& action : after) out.push_back(std::move(action));
  Instance& kept = shards_[pid.shard]
                       .by_serial.emplace(pid.serial, std::move(instance))
                       .first->second;
  if (channel.stop()) Stop(pid, kept, *channel.stop(), out);
}

void ChannelHost::In(Pid pid, const v1::Message& message, Actions& out) {
  Call("handle_in", pid, out,
       [&message](ChannelModule& module, ChannelContext& channel) {
         // Phoenix: no clause of handle_in matches.
         if (message.event_is_json()) return channel.Stop(ExitReason::kCrash);
         module.HandleIn(channel, message);
       });
}

void ChannelHost::Out(Pid pid, const v1::Message& broadcast, Actions& out) {
  Call("handle_out", pid, out,
       [&broadcast](ChannelModule& module, ChannelContext& channel) {
         module.HandleOut(channel, broadcast);
       });
}

void ChannelHost::Info(Pid pid, const v1::Message& message, Actions& out) {
  Call("handle_info", pid, out,
       [&message](ChannelModule& module, ChannelContext& channel) {
         module.HandleInfo(channel, message);
       });
}

void ChannelHost::Terminate(Pid pid, ExitReason reason, Actions& out) {
  if (reason == ExitReason::kLeft) out.push_back({pid, Left{}});
  Instance* const instance = Find(pid);
  if (instance != nullptr) {
    ChannelContext channel = Context(pid, *instance, out);
    Run("terminate", channel,
        [&] { instance->module->Terminate(channel, reason); });
    shards_[pid.shard].by_serial.erase(pid.serial);
  }
  out.push_back({pid, TerminateAck{}});
}

// Terminate follows a graceful stop. In the other cases the module terminates
// here, as a GenServer does whose callback has raised.
void ChannelHost::Stop(Pid pid, Instance& instance, ExitReason reason,
                       Actions& out) {
  if (reason != ExitReason::kStopNormal &&
      reason != ExitReason::kStopShutdown) {
    if (reason != ExitReason::kExitNormal) reason = ExitReason::kCrash;
    ChannelContext channel = Context(pid, instance, out);
    Run("terminate", channel,
        [&] { instance.module->Terminate(channel, reason); });
    shards_[pid.shard].by_serial.erase(pid.serial);
  }
  out.push_back({pid, broker::Stop{reason}});
}

ChannelHost::Instance* ChannelHost::Find(Pid pid) {
  auto& by_serial = shards_[pid.shard].by_serial;
  const auto instance = by_serial.find(pid.serial);
  return instance == by_serial.end() ? nullptr : &instance->second;
}

ChannelContext ChannelHost::Context(Pid pid, const Instance& instance,
                                    Actions& out) {
  return ChannelContext(pid, instance.topic, instance.socket, *sink_, out);
}

}  // namespace aerie::broker
