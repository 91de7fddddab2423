#ifndef AERIE_CLIENTS_CPP_CHANNEL_H_
#define AERIE_CLIENTS_CPP_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/payload.h"
#include "clients/cpp/result.h"

namespace aerie::client {

class Membership;

// The client connection of a channel.
struct Socket {
  // Names the connection for as long as it lasts.
  std::string key;
  // The application's name for it (`users:42`), which several connections may
  // share; empty for none.
  std::string id;
  // What the connect rule has assigned: a JSON object.
  std::string assigns;
};

// A channel, as one may hold it anywhere and for any time. What is said before
// the join is answered is FAILED_PRECONDITION; what is said after the end is
// ignored, and ok. An error (INVALID_ARGUMENT for what the contract does not
// allow) means that nothing was sent. A value; any thread.
class ChannelRef {
 public:
  ChannelRef() = default;
  explicit ChannelRef(std::shared_ptr<Membership> membership)
      : membership_(std::move(membership)) {}

  // Names the channel for as long as the broker lives; ChannelHost::Send takes
  // it.
  uint64_t id() const;
  const std::string& topic() const;
  // The pattern that matched the topic.
  const std::string& pattern() const;
  const Socket& socket() const;

  // The channel's assigns: a JSON object, at first the socket's.
  std::string assigns() const;
  // Merges the keys of a JSON object into them: at most 64 KiB in all.
  absl::Status Assign(absl::string_view json) const;

  // An event to the channel's client.
  absl::Status Push(absl::string_view event, Payload payload = {}) const;
  // … to every client of the topic.
  absl::Status Broadcast(absl::string_view event, Payload payload = {}) const;
  // … to every other client of the topic.
  absl::Status BroadcastFrom(absl::string_view event,
                             Payload payload = {}) const;
  // … to every client of another topic.
  absl::Status BroadcastTo(absl::string_view topic, absl::string_view event,
                           Payload payload = {}) const;

  // HandleInfo of this channel, behind what waits in it. From Join: once the
  // join has been answered, and never when it is refused. RESOURCE_EXHAUSTED
  // when 1,024 wait already.
  absl::Status SendSelf(absl::string_view event, Payload payload = {}) const;

  // Ends the channel from outside of its callbacks, as Result::Stop does
  // inside.
  absl::Status Stop(ExitReason reason) const;

 protected:
  std::shared_ptr<Membership> membership_;
};

// What an answer needs of an event. Answers once, now or later, from any
// thread. A value.
class Ref {
 public:
  Ref(std::shared_ptr<Membership> membership, std::string ref)
      : membership_(std::move(membership)), ref_(std::move(ref)) {}

  // Whether the client wants an answer; else one is ignored.
  bool wanted() const { return !ref_.empty(); }

  absl::Status Reply(absl::string_view status, Payload payload = {}) const;
  absl::Status Ok(Payload payload = {}) const {
    return Reply("ok", std::move(payload));
  }
  absl::Status Error(Payload payload = {}) const {
    return Reply("error", std::move(payload));
  }

 private:
  std::shared_ptr<Membership> membership_;
  std::string ref_;
};

// What a client sends to its channel.
struct Event {
  std::string name;
  Payload payload;
  Ref ref;
};

// One socket's membership of one topic: derive from it. Phoenix: a channel
// module. The host makes one for each join, calls it on a thread of its pool,
// one callback at a time and in order, and destroys it after Terminate. A
// callback that throws ends its channel as a crash, and no other. Nothing of
// ChannelRef may be used in constructor and destructor.
class Channel : public ChannelRef {
 public:
  virtual ~Channel() = default;

  // A client joins. Default: everybody may.
  virtual JoinResult Join(const Payload& /*params*/) {
    return JoinResult::Ok();
  }
  // An event of the client. Default: a crash, since nobody handles it.
  virtual Result HandleIn(Event event);
  // A broadcast of an intercepted event. Default: it is pushed as it is.
  virtual Next HandleOut(const std::string& event, Payload payload);
  // A message to the channel itself. Default: nothing.
  virtual Next HandleInfo(const std::string& event, Payload payload);
  // The channel ends; at least once per joined channel.
  virtual void Terminate(const End& /*end*/) {}

 protected:
  // In Join only: broadcasts of these events come to HandleOut, beside the
  // pattern's.
  absl::Status Intercept(std::vector<std::string> events);

 private:
  friend class Membership;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_CHANNEL_H_
