#include "test/link/client_talk.h"

#include <chrono>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "test/support/raw_websocket.h"

namespace aerie::testing {
namespace {

// A push of the dialect 2.0.0: lengths of join_ref, ref, topic and event, then
// these, then the bytes.
constexpr absl::string_view kBytes(
    "\0\1\1\6\4"
    "15room:1echo\0\1\2",
    20);

constexpr absl::string_view kRejoin =
    R"(["10","10","room:1","phx_join",{"reply":{"back":true}}])";

struct Line {
  absl::string_view says;
  int hears;  // Frames that come of it.
};
constexpr Line kLines[] = {
    {R"(["1","1","room:1","phx_join",{"reply":{"hello":"world"}}])", 1},
    {R"(["1","2","room:1","echo",{"n":1}])", 1},
    {R"(["1","3","room:1","bcast",{"n":2}])", 2},
    {R"(["1","4","room:1","push",{"n":3}])", 1},
    {kBytes, 1},
    {R"([null,"6","room:2","echo",{}])", 1},
    {R"(["7","7","room:1","phx_join",{}])", 2},
    {R"(["7","8","room:1","phx_leave",{}])", 2},
    {R"(["9","9","room:1","phx_join",{}])", 1},
};

std::string TextOf(const RawFrame& frame) {
  switch (frame.kind) {
    case RawFrame::kText:
      return frame.payload;
    case RawFrame::kBinary:
      return absl::StrCat("binary ", absl::BytesToHexString(frame.payload));
    case RawFrame::kClose:
      return absl::StrCat("close ", frame.close_code);
    default:
      return "nothing";
  }
}

class Talker {
 public:
  explicit Talker(uint16_t port)
      : socket_(port, Upgrade::To("/socket/websocket?vsn=2.0.0&id=users%3A1")) {
  }

  void Say(absl::string_view frame) {
    socket_.SendFrame(frame[0] == '[' ? 0x81 : 0x82, frame);
  }
  void Hear(int frames) {
    for (int i = 0; i < frames; ++i) {
      heard_.push_back(TextOf(socket_.Receive()));
    }
  }
  // Says it until somebody is there to answer.
  void SayUntilAnswered(absl::string_view frame) {
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      Say(frame);
      Hear(1);
      if (!absl::StrContains(heard_.back(), "unavailable")) return;
      heard_.pop_back();
    } while (true);
  }
  const std::vector<std::string>& heard() const { return heard_; }

 private:
  RawWebSocket socket_;
  std::vector<std::string> heard_;
};

}  // namespace

std::vector<std::string> Talk(uint16_t port,
                              const std::function<void()>& drain) {
  Talker talker(port);
  for (const Line& line : kLines) {
    talker.Say(line.says);
    talker.Hear(line.hears);
  }
  drain();
  talker.Hear(1);
  talker.SayUntilAnswered(kRejoin);
  talker.Say(R"(["10","11","room:1","whoami",{}])");
  talker.Hear(1);
  talker.Say(R"(["10","12","room:1","disconnect",{"id":"users:1"}])");
  talker.Hear(1);
  return talker.heard();
}

}  // namespace aerie::testing
