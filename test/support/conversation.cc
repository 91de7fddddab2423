#include "test/support/conversation.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::testing {

Conversation::Conversation(uint16_t port, absl::string_view target)
    : socket_(port, Upgrade::To(target)) {
  EXPECT_EQ(socket_.answer().status, 101) << target;
}

void Conversation::Say(const Json& message) {
  EXPECT_TRUE(socket_.SendText(message.dump())) << message;
}

Json Conversation::Hear() {
  const RawFrame frame = socket_.Receive();
  if (frame.kind != RawFrame::kText) {
    ADD_FAILURE() << "no text: kind " << frame.kind << ", close code "
                  << frame.close_code;
    return nullptr;
  }
  return Json::parse(frame.payload, nullptr, /*allow_exceptions=*/false);
}

void Conversation::Expect(const Json& message) { EXPECT_EQ(Hear(), message); }

void Conversation::Join(absl::string_view topic, absl::string_view ref) {
  const std::string r(ref), t(topic);
  Say({r, r, t, "phx_join", Json::object()});
  Expect(
      {r, r, t, "phx_reply", {{"status", "ok"}, {"response", Json::object()}}});
}

void Conversation::Echo(absl::string_view topic, absl::string_view join_ref) {
  const std::string j(join_ref), t(topic);
  const std::string ref = absl::StrCat("echo-", ++echoes_);
  Say({j, ref, t, "echo", {{"n", echoes_}}});
  Expect({j,
          ref,
          t,
          "phx_reply",
          {{"status", "ok"}, {"response", {{"n", echoes_}}}}});
}

int Conversation::CloseCode() {
  for (;;) {
    const RawFrame frame = socket_.Receive();
    switch (frame.kind) {
      case RawFrame::kClose:
        EXPECT_EQ(frame.payload, "") << "reasons stay empty";
        return frame.close_code;
      case RawFrame::kNothing:
        ADD_FAILURE() << "the socket stays open";
        return -1;
      case RawFrame::kEnd:
        return -1;
      default:
        break;
    }
  }
}

}  // namespace aerie::testing
