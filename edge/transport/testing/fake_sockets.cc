#include "edge/transport/testing/fake_sockets.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aerie::edge {

class FakeSockets::FakeReceiver final : public Receiver {
 public:
  FakeReceiver(FakeSockets& sockets, SocketNumber number, Transport& transport)
      : sockets_(sockets), number_(number), transport_(transport) {}

  void OnFrame(phoenix::Opcode opcode, absl::string_view bytes) override {
    sockets_.Record(absl::StrCat(
        opcode == phoenix::Opcode::kText ? "text " : "binary ",
        bytes.size() > 100 ? absl::StrCat(bytes.size()) : std::string(bytes)));
    const std::vector<std::string> words = absl::StrSplit(bytes, ' ');
    if (words[0] == "close") return transport_.Close(Number(words[1]));
    if (words[0] == "pause") return transport_.Pause();
    if (words[0] == "flood") return Flood(Number(words[1]), Number(words[2]));
    transport_.Send({std::make_shared<const std::string>(bytes), opcode});
  }

  void OnClosed() override {
    sockets_.open_.erase(number_);
    sockets_.Record(absl::StrCat("closed ", number_));
  }

 private:
  static uint32_t Number(const std::string& text) {
    uint32_t number = 0;
    return absl::SimpleAtoi(text, &number) ? number : 0;
  }

  void Flood(uint32_t frames, uint32_t size) {
    const auto bytes = std::make_shared<const std::string>(size, 'x');
    for (uint32_t i = 0; i < frames; ++i) {
      transport_.Send({bytes, phoenix::Opcode::kBinary});
    }
  }

  FakeSockets& sockets_;
  const SocketNumber number_;
  Transport& transport_;
};

void FakeSockets::Connect(v1::Connect request,
                          absl::AnyInvocable<void(ConnectAnswer)> done) {
  Record(absl::StrCat("connect ", request.mount()));
  ConnectAnswer result = answer ? answer(request) : ConnectAnswer(++last_);
  if (!slow) return done(std::move(result));
  waiting_.push_back([done = std::move(done),
                      result = std::move(result)]() mutable { done(result); });
}

std::unique_ptr<Receiver> FakeSockets::Open(SocketNumber number,
                                            Transport& transport) {
  open_[number] = &transport;
  Record(absl::StrCat("open ", number));
  if (close_on_open != 0) transport.Close(close_on_open);
  return std::make_unique<FakeReceiver>(*this, number, transport);
}

void FakeSockets::Abandon(SocketNumber number) {
  Record(absl::StrCat("abandon ", number));
}

SocketNumber FakeSockets::Poll(v1::Poll request, PollAnswered answered) {
  Record(absl::StrCat("poll ", std::string(request.token()),
                      request.has_connect() ? "" : " without connect"));
  return TakePoll(std::move(answered));
}

SocketNumber FakeSockets::PollSend(v1::PollSend request,
                                   PollAnswered answered) {
  Record(absl::StrCat("send ", std::string(request.token()), " ",
                      request.messages_size(),
                      request.malformed() ? " malformed" : ""));
  return TakePoll(std::move(answered));
}

SocketNumber FakeSockets::TakePoll(PollAnswered answered) {
  const SocketNumber number = ++last_;
  if (poll_answer) {
    answered(poll_answer());
  } else {
    polls_[number] = std::move(answered);
  }
  return number;
}

void FakeSockets::EndPoll(SocketNumber number, bool written) {
  polls_.erase(number);
  Record(absl::StrCat("end ", number, written ? " written" : " lost"));
}

void FakeSockets::AnswerPoll(SocketNumber number,
                             const v1::PollAnswer& answer) {
  const auto found = polls_.find(number);
  if (found == polls_.end()) return;
  PollAnswered answered = std::move(found->second);
  polls_.erase(found);
  answered(answer);
}

void FakeSockets::AnswerAll() {
  for (auto& one : std::exchange(waiting_, {})) one();
}

void FakeSockets::ResumeAll() {
  for (const auto& [number, transport] : open_) transport->Resume();
}

void FakeSockets::CloseAll(uint16_t code) {
  for (const auto& [number, transport] : open_) transport->Close(code);
}

std::vector<std::string> FakeSockets::Events() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return events_;
}

bool FakeSockets::Await(absl::string_view event) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(5), [&] {
    return std::find(events_.begin(), events_.end(), event) != events_.end();
  });
}

void FakeSockets::Record(std::string event) {
  std::lock_guard<std::mutex> lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

}  // namespace aerie::edge
