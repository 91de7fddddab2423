#ifndef AERIE_CLIENTS_CPP_MEMBERSHIP_H_
#define AERIE_CLIENTS_CPP_MEMBERSHIP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/assigns.h"
#include "clients/cpp/channel.h"
#include "clients/cpp/ends.h"
#include "clients/cpp/uplink.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::client {

// What a pattern was registered with.
struct Route {
  std::string pattern;
  std::function<std::unique_ptr<Channel>()> make;
  std::vector<std::string> intercepts;
  int spread = 0;  // HostFrame.Pattern.Spread.
};

// What the SDK knows of a channel: its mailbox, how far it has come, and the
// application's Channel. Phoenix: Phoenix.Channel.Server. Any thread; callbacks
// run inside of Run, which the workers call. Lives as long as anybody refers
// to it.
class Membership : public std::enable_shared_from_this<Membership> {
 public:
  struct Facts {
    uint64_t id = 0;
    std::string topic;
    Socket socket;
    std::shared_ptr<const Route> route;
    std::string assigns;
    // There was no join here: it is made for a redelivered end.
    bool redelivered = false;
  };

  Membership(std::shared_ptr<Uplink> uplink, Facts facts);

  const Facts& facts() const { return facts_; }
  const std::shared_ptr<Ending>& ending() const { return ending_; }

  // From the stream: what the broker says to this channel, and that there is
  // no stream any more.
  void Deliver(v1::ChannelFrame frame);
  void Lost();

  // From the workers, after Uplink::Schedule: handles what waits.
  void Run();

  // For ChannelRef, Ref and Channel, whose words these are.
  std::string assigns() const;
  absl::Status Assign(absl::string_view json);
  absl::Status Push(absl::string_view event, Payload payload);
  absl::Status Broadcast(absl::string_view topic, absl::string_view event,
                         Payload payload, bool except_self);
  absl::Status SendSelf(absl::string_view event, Payload payload);
  absl::Status Reply(const std::string& ref, absl::string_view status,
                     Payload payload);
  absl::Status Stop(ExitReason reason, std::optional<Result::Answer> answer,
                    const std::string& ref);
  absl::Status Intercept(std::vector<std::string> events);

 private:
  // How far it has come; it only grows.
  enum class Phase {
    kJoining,
    kJoined,
    kStopping,  // Stop is sent: Terminate will come.
    kExiting,   // Stop is sent: terminate runs when the callback has returned.
    kEnded
  };
  struct Entry {
    enum class Kind { kFrame, kSelf, kLost };
    Kind kind;
    v1::ChannelFrame frame;
  };

  static bool Credited(const Entry& entry);

  bool Queue(Entry entry);
  void Wake();
  bool Take(Entry* entry);
  void Handle(Entry entry);
  void Join(const v1::ChannelFrame::Join& join);
  bool AskJoin(const v1::ChannelFrame::Join& join,
               v1::HostFrame::JoinReply* reply);
  void Call(v1::ChannelFrame& frame);
  void In(v1::ChannelFrame::HandleIn& in);
  void Obey(const Next& next);
  void Terminate(const v1::ChannelFrame::Terminate& terminate);
  void Finish(const End& end);
  void Close();
  void Drop(const Entry& entry);
  void DropTerminate(const Entry& entry);

  bool MakeChannel();
  // Whether the callback has returned; else it is logged.
  bool Guard(const char* callback, const std::function<void()>& call);

  v1::HostFrame Frame() const;
  absl::Status Say(v1::HostFrame frame);
  absl::Status FillReply(const std::string& ref, absl::string_view status,
                         Payload payload, v1::HostFrame::Reply* reply) const;
  // Gives so many credits back.
  void Done(size_t callbacks);
  void Terminated(const std::string& event_id);
  Phase phase() const;

  const std::shared_ptr<Uplink> uplink_;
  const Facts facts_;
  const std::shared_ptr<Ending> ending_ = std::make_shared<Ending>();

  // Of Run.
  std::unique_ptr<Channel> channel_;

  // What is said is queued with the lock, so that nothing of a channel
  // overtakes its own end.
  mutable std::mutex mutex_;
  Phase phase_ = Phase::kJoining;
  ExitReason exit_ = ExitReason::kCrash;  // Of kExiting.
  Assigns assigns_;
  bool assigned_ = false;  // Not those of the socket any more.
  std::vector<std::string> intercepts_;

  std::mutex mailbox_;
  std::deque<Entry> entries_;  // By mailbox_, as what follows.
  size_t self_sends_ = 0;
  bool running_ = false;
  bool closed_ = false;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_MEMBERSHIP_H_
