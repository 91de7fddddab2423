#ifndef AERIE_BROKER_HOSTS_BUILT_IN_H_
#define AERIE_BROKER_HOSTS_BUILT_IN_H_

#include "broker/channel/host.h"

namespace aerie::broker {

// What relay and echo have in common: everybody may join, names that Phoenix
// reserves are refused, there is nothing to terminate. Without state: any loop,
// and no object per channel.
class BuiltInHost : public Host {
 public:
  void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
            Actions& out) override;
  void In(Pid pid, const v1::Message& message, Actions& out) override;
  void Out(Pid pid, const v1::Message& broadcast, Actions& out) override;
  void Terminate(Pid pid, ExitReason reason, Actions& out) override;

 private:
  // An event whose name is a string that is not reserved.
  virtual void Handle(Pid pid, const v1::Message& event, Actions& out) = 0;
};

// Answers a client's event: `{"reason": ...}` with status error.
Reply ErrorReply(const v1::Message& event, const char* reason);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_BUILT_IN_H_
