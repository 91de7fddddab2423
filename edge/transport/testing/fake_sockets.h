#ifndef AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_
#define AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_

#include <atomic>
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
  // How the broker answers polls; null: it waits.
  absl::AnyInvocable<v1::PollAnswer()> poll_answer;
  // Clients should go elsewhere.
  std::atomic<bool> drains{false};
  // Closes each transport while it opens; 0 does not.
  uint16_t close_on_open = 0;

  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> done) override;
  std::unique_ptr<Receiver> Open(SocketNumber number,
                                 Transport& transport) override;
  void Abandon(SocketNumber number) override;
  // `poll TOKEN`, `send TOKEN 2`, `end 1 written`: answered as `poll_answer`
  // says, kept until AnswerPoll without one.
  SocketNumber Poll(v1::Poll request, PollAnswered answered) override;
  SocketNumber PollSend(v1::PollSend request, PollAnswered answered) override;
  void EndPoll(SocketNumber number, bool written) override;
  void Tick() override {}
  bool draining() const override { return drains; }

  // On the io thread:
  void AnswerAll();
  void AnswerPoll(SocketNumber number, const v1::PollAnswer& answer);
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

  SocketNumber TakePoll(PollAnswered answered);

  SocketNumber last_ = 0;
  std::map<SocketNumber, PollAnswered> polls_;
  std::map<SocketNumber, Transport*> open_;
  std::vector<absl::AnyInvocable<void()>> waiting_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> events_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TESTING_FAKE_SOCKETS_H_
