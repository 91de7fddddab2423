#ifndef AERIE_BROKER_HOSTS_CHANNEL_MODULE_H_
#define AERIE_BROKER_HOSTS_CHANNEL_MODULE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "broker/channel/host.h"
#include "proto/aerie/v1/message.pb.h"

// What the author of a channel in C++ writes and is given.
namespace aerie::broker {

// A channel, for use from any thread and at any later time, for as long as the
// broker runs. What comes after the channel's end is dropped. False when
// nothing was done: the payload is not what it must be, or the channel's shard
// has no room left.
class RemoteChannel {
 public:
  RemoteChannel(Pid pid, ActionSink& sink) : pid_(pid), sink_(&sink) {}

  bool Reply(std::string ref, std::string status, Payload response = {}) const;
  bool Push(std::string event, Payload payload = {}) const;
  bool Broadcast(std::string event, Payload payload = {}) const;
  // Graceful: the client gets phx_close, the module Terminate.
  bool Stop() const;

 private:
  bool Post(Action action) const;

  Pid pid_;
  ActionSink* sink_;
};

// A channel, inside one of its callbacks. What is done through it happens in
// order. A payload that is not what it must be crashes the channel, as it does
// in Phoenix: an object or bytes in a push or broadcast, any JSON in a reply.
class ChannelContext {
 public:
  ChannelContext(Pid pid, const std::string& topic, const SocketPtr& socket,
                 ActionSink& sink, Actions& out)
      : pid_(pid), topic_(topic), socket_(socket), sink_(sink), out_(out) {}

  const std::string& topic() const { return topic_; }
  // Its id and assigns, above all.
  const Socket& socket() const { return *socket_; }

  // Answers a message of the client: `ref` is the message's.
  void Reply(const std::string& ref, std::string status, Payload response = {});
  // To this channel's client.
  void Push(std::string event, Payload payload = {});
  // To every client of the topic, this one included.
  void Broadcast(std::string event, Payload payload = {});
  // To every other one.
  void BroadcastFrom(std::string event, Payload payload = {});

  // The same, with the payload of a client's message: it has been checked
  // already, but for being an object.
  void Reply(const std::string& ref, std::string status,
             const v1::Message& payload_of);
  void Push(std::string event, const v1::Message& payload_of);
  void Broadcast(std::string event, const v1::Message& payload_of);
  void BroadcastFrom(std::string event, const v1::Message& payload_of);

  // Ends the channel, last of all that the callback does: kStopNormal and
  // kStopShutdown as a stop (phx_close), kExitNormal as an exit that was not
  // announced, all others as a crash (phx_error).
  void Stop(ExitReason reason = ExitReason::kStopNormal);

  // Ends every connection of a socket id.
  void Disconnect(std::string socket_id);

  // This channel, beyond the callback.
  RemoteChannel remote() const { return RemoteChannel(pid_, sink_); }

  // Crashes the channel unless `response` may answer a ref.
  void Check(const Payload& response);

  // Whether a payload has crashed the channel; what follows is ignored.
  bool crashed() const { return crashed_; }
  // What Stop was told; what follows it is ignored.
  absl::optional<ExitReason> stop() const { return stop_; }

 private:
  // What becomes of an event; an object or bytes is all that may be sent.
  enum class To { kClient, kTopic, kOthers };
  void Send(To to, std::string event, Payload payload);
  template <typename What>
  void Add(What what);

  const Pid pid_;
  const std::string& topic_;
  const SocketPtr& socket_;
  ActionSink& sink_;
  Actions& out_;
  absl::optional<ExitReason> stop_;
  bool crashed_ = false;
};

// The payload of a message, as it came.
Payload PayloadOf(const v1::Message& message);

// Whether `message` may be pushed or broadcast: an object, or bytes.
bool HasObjectOrBytes(const v1::Message& message);

// What a join is answered with.
struct JoinResult {
  static JoinResult Ok(Payload response = {}) {
    return {true, std::move(response), {}};
  }
  static JoinResult Error(Payload response) {
    return {false, std::move(response), {}};
  }

  bool ok = true;
  Payload response;
  // Events whose broadcasts this channel wants through HandleOut, beside those
  // of its route.
  std::vector<std::string> intercepts;
};

// The callbacks of one channel, written in C++; one object per channel, so
// members are its state. Phoenix: a module that uses Phoenix.Channel.
//
// All calls come on the loop of the channel's shard: they must not block. An
// exception ends the channel as a crash (phx_error; `join crashed` from Join),
// and only that channel.
class ChannelModule {
 public:
  virtual ~ChannelModule() = default;

  // A client wants to join; `join` has its payload. What is done through
  // `channel` follows an ok, and is dropped with an error.
  virtual JoinResult Join(ChannelContext& channel, const v1::Message& join) = 0;

  // The client sent an event. An event that is no string (event_is_json)
  // crashes the channel before it gets here.
  virtual void HandleIn(ChannelContext& channel,
                        const v1::Message& message) = 0;

  // Somebody broadcast an intercepted event. By default it is pushed on.
  virtual void HandleOut(ChannelContext& channel, const v1::Message& broadcast);

  // A message to the channel itself: somebody's Info action, or an attached
  // host's Send. By default it is ignored.
  virtual void HandleInfo(ChannelContext& channel, const v1::Message& message) {
    (void)channel;
    (void)message;
  }

  // The channel is ending, as `reason` says; a crash is no exception. What is
  // pushed still reaches the client after a leave, a stop or a crash; what is
  // broadcast reaches the topic in any case but kDuplicateJoin.
  virtual void Terminate(ChannelContext& channel, ExitReason reason);
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_CHANNEL_MODULE_H_
