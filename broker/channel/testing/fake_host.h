#ifndef AERIE_BROKER_CHANNEL_TESTING_FAKE_HOST_H_
#define AERIE_BROKER_CHANNEL_TESTING_FAKE_HOST_H_

#include <string>
#include <utility>
#include <vector>

#include "broker/channel/host.h"

namespace aerie::broker {

// A Host that records its calls, a line for each, and leaves the answers to the
// test, which posts Actions to Shards when it likes:
//
//   join 1 room:a {}            pid's serial, topic, payload
//   in 1 echo "2" {"x":1}       ..., event, ref, payload
//   out 1 tick {}
//   info 1 token_expiring {"expires_in":30}
//   terminate 1 left
//
// For tests on one thread.
class FakeHost final : public Host {
 public:
  void Start(uint32_t shards, ActionSink& /*sink*/) override {
    shards_ = shards;
  }
  void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
            Actions& out) override;
  void In(Pid pid, const v1::Message& message, Actions& out) override;
  void Out(Pid pid, const v1::Message& broadcast, Actions& out) override;
  void Info(Pid pid, const v1::Message& message, Actions& out) override;
  void Terminate(Pid pid, ExitReason reason, Actions& out) override;

  // Answers Join and Terminate within the call, as hosts in C++ do.
  void AnswerAtOnce() { at_once_ = true; }

  // What the next call of In gives back within the call.
  void NextIn(Actions actions) { next_in_ = std::move(actions); }

  // What has come since the last call.
  std::vector<std::string> Take() { return std::exchange(calls_, {}); }

  // The pid of the latest Join.
  Pid last() const { return last_; }
  uint32_t shards() const { return shards_; }

 private:
  bool at_once_ = false;
  uint32_t shards_ = 0;
  Pid last_;
  Actions next_in_;
  std::vector<std::string> calls_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_TESTING_FAKE_HOST_H_
