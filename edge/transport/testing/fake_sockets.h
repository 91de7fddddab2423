#ifndef AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_
#define AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "edge/transport/sockets.h"

namespace aerie::edge {

// Sockets that do what their client says, so that a test needs nothing but a
// client: `close 1001`, `pause`, `flood 10 1000` (frames, bytes of each); what
// is none of these comes back. Lives on an io thread; what happened may be
// asked on any.
class FakeSockets final : public Sockets {
 public:
  FakeSockets() = default;
  FakeSockets(const FakeSockets&) = delete;
  FakeSockets& operator=(const FakeSockets&) = delete;

  // How the broker answers, to be set before the listener starts. Null: every
  // client is let in.
  absl::AnyInvocable<ConnectAnswer(const v1::Connect&)> answer;
  // Answers are kept until AnswerAll.
  bool slow = false;
  // Closes each transport while it opens; 0 does not.
  uint16_t close_on_open = 0;

  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> done) override;
  std::unique_ptr<Receiver> Open(SocketNumber number,
                                 Transport& transport) override;
  void Abandon(SocketNumber number) override;
  void Tick() override {}

  // On the io thread:
  void AnswerAll();
  void ResumeAll();
  void CloseAll(uint16_t code);

  // On any thread: the events so far, such as `connect /socket`, `open 1`,
  // `text hello`, `closed 1`, `abandon 1`.
  std::vector<std::string> Events() const;
  // Waits until `event` has happened; false after five seconds.
  bool Await(absl::string_view event) const;

 private:
  class FakeReceiver;

  void Record(std::string event);

  SocketNumber last_ = 0;
  std::map<SocketNumber, Transport*> open_;
  std::vector<absl::AnyInvocable<void()>> waiting_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> events_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_
