#ifndef AERIE_TEST_SUPPORT_TEST_HOST_H_
#define AERIE_TEST_SUPPORT_TEST_HOST_H_

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "broker/channel/host.h"
#include "test/support/later.h"

namespace aerie::testing {

// The channel under test of the golden transcripts, and every other behaviour
// that a client can meet. A client chooses it by topic and event:
//
//   topic, behind its first `:`     its join
//     after                         ok, then a push `after`
//     crash                         raises
//     deny…                         refused: {"reason":"denied"}
//     slow…                         ok, 300 ms later, from another thread
//     silent…                       never answered
//     watch…                        ok; told of every channel that terminates,
//                                   event `terminated`: {"topic","reason"}
//     farewell…                     ok; its terminate pushes `farewell`
//     (any other)                   ok; with a member `reply` in the payload,
//                                   that is the reply
//
//   event                           what the channel does
//     echo                          replies ok with the payload
//     fail                          replies error with the payload
//     odd                           replies `odd` with the payload
//     push, push_reply              pushes `pushed`; the latter then replies ok
//     bcast, bcast_from             broadcasts `bc` and replies ok; the latter
//                                   to all others
//     rewrite, swallow, stop_out    broadcasts that event and replies ok; every
//                                   channel intercepts it: pushes `rewritten`
//                                   instead, does nothing, stops
//     quiet                         nothing
//     late                          replies ok with the payload, 50 ms later,
//                                   from another thread
//     slow                          keeps its shard busy for 1 ms, replies ok
//     whoami                        replies ok: {"id", "assigns"}
//     disconnect                    ends the sockets of the payload's `id`
//     stop_normal, stop_shutdown, stop_bad, stop_reply, stop_bad_reply
//                                   stops; `bad` is an abnormal reason
//     exitnormal                    exits normally without saying so
//     boom, or an unknown event     raises
//
// Thread: all loops, and its own for what comes late.
class TestHost final : public broker::Host {
 public:
  void Start(uint32_t shards, broker::ActionSink& sink) override;
  void Join(broker::Pid pid, const broker::SocketPtr& socket,
            const v1::Message& join, broker::Actions& out) override;
  void In(broker::Pid pid, const v1::Message& message,
          broker::Actions& out) override;
  void Out(broker::Pid pid, const v1::Message& broadcast,
           broker::Actions& out) override;
  void Terminate(broker::Pid pid, broker::ExitReason reason,
                 broker::Actions& out) override;

 private:
  struct Channel {
    std::string topic;
    broker::SocketPtr socket;
  };

  // Returns the topic that it had.
  std::string Forget(broker::Pid pid);
  broker::Action WhoAmI(broker::Pid pid, const v1::Message& message);
  void TellWatchers(const std::string& topic, broker::ExitReason reason);

  void Post(broker::Action action);

  broker::ActionSink* sink_ = nullptr;
  // Several loops share the host.
  std::mutex mutex_;
  absl::flat_hash_map<broker::Pid, Channel> channels_;
  absl::flat_hash_set<broker::Pid> watchers_;
  Later later_;  // Last: its thread uses what is above.
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_TEST_HOST_H_
