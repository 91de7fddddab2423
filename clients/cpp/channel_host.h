#ifndef AERIE_CLIENTS_CPP_CHANNEL_HOST_H_
#define AERIE_CLIENTS_CPP_CHANNEL_HOST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/channel.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/options.h"
#include "clients/cpp/payload.h"

namespace aerie::client {

// How new channels are shared out among the hosts of a pattern; the first host
// of a pattern decides.
enum class Spread {
  kTopic = 1,        // All channels of a topic in one host.
  kSocket = 2,       // All channels of a socket in one host.
  kLeastLoaded = 3,  // Each in the host with the fewest.
};

struct PatternOptions {
  // Events whose broadcasts come to HandleOut; at most 256.
  std::vector<std::string> intercepts;
  Spread spread = Spread::kTopic;
};

// Channels that run in this process, for clients of any edge.
//
//   class Echo : public aerie::client::Channel {
//     Result HandleIn(Event event) override {
//       return Result::Ok(std::move(event.payload));
//     }
//   };
//   ChannelHost host({.name = "echo"});
//   host.Handle("echo:*", [] { return std::make_unique<Echo>(); });
//   return host.Run().ok() ? 0 : 1;
//
// Make it before other threads: it sets up gRPC. Handle and HandleConnect
// precede Run; everything else is for any thread.
class ChannelHost {
 public:
  using Factory = std::function<std::unique_ptr<Channel>()>;

  explicit ChannelHost(HostOptions options);
  ChannelHost(const ChannelHost&) = delete;
  ChannelHost& operator=(const ChannelHost&) = delete;
  // After Run has returned.
  ~ChannelHost();

  // Gives the channels of a topic, or of a prefix that ends in `*`, to what
  // `make` makes. A pattern that is wrong or known already is an error of Run.
  void Handle(std::string pattern, Factory make, PatternOptions options = {});
  // Lets this host decide who may open a socket.
  void HandleConnect(ConnectCallback connect);

  // Attaches to a broker and serves, until Drain, Stop, SIGTERM or SIGINT; to
  // the next broker whenever the stream is lost. Once. OK after a drain; an
  // error when a broker refuses a host that was never attached, and
  // INVALID_ARGUMENT for what was given to it.
  absl::Status Run();

  // Ends the channels one by one, then Run. Does not wait.
  void Drain();
  // Ends the stream at once, and with it all channels: their clients join
  // again. Does not wait.
  void Stop();

  // Whether there is a stream to a broker.
  bool attached() const;

  // An event to every client of a topic. UNAVAILABLE while there is no stream,
  // INVALID_ARGUMENT for what the contract does not allow, as below.
  absl::Status Broadcast(absl::string_view topic, absl::string_view event,
                         Payload payload = {});
  // HandleInfo of a channel (ChannelRef::id) of any host.
  absl::Status Send(uint64_t channel, absl::string_view event,
                    Payload payload = {});
  // Ends every connection of a socket id.
  absl::Status Disconnect(absl::string_view socket_id);

 private:
  class Impl;

  std::unique_ptr<Impl> impl_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_CHANNEL_HOST_H_
