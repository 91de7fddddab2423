// How attached hosts decide who may open a socket.

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/host_connect_rule.h"
#include "broker/hosts/attached/testing/attached_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Lets everybody in, as `configured`.
class ConfiguredRule final : public ConnectRule {
 public:
  void Decide(const v1::Connect& /*request*/,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    answer(Admission{.socket_id = "configured", .assigns = {}});
  }
};

class AttachedConnectsTest : public AttachedFixture {
 protected:
  // A client asks for a socket.
  void Connect(const std::string& mount = "/socket") {
    v1::Connect request;
    request.set_mount(mount);
    v1::Field& param = *request.add_params();
    param.set_name("user");
    param.set_value("7");
    request.set_token("secret");
    rule_.Decide(request, [this](const ConnectVerdict& verdict) {
      verdicts_.push_back(Text(verdict));
    });
    Run();
  }
  PlayedHost AttachForConnect(const std::string& instance,
                              uint32_t capacity = 0) {
    v1::HostFrame registration = Registration(instance, {}, capacity);
    registration.mutable_registration()->set_connect(true);
    return Attach(registration);
  }
  std::vector<std::string> Verdicts() { return std::exchange(verdicts_, {}); }

 private:
  static std::string Text(const ConnectVerdict& verdict) {
    if (const auto* denial = std::get_if<Denial>(&verdict)) {
      return absl::StrCat(denial->status, " ", denial->body);
    }
    const Admission& admission = std::get<Admission>(verdict);
    return absl::StrCat("ok ", admission.socket_id, " ", admission.assigns);
  }

  ConfiguredRule configured_;
  HostConnectRule rule_{hosts(), configured_};
  std::vector<std::string> verdicts_;
};

TEST_F(AttachedConnectsTest, WithoutAHostTheConfiguredRuleDecides) {
  Attach("h1");
  Connect();
  EXPECT_THAT(Verdicts(), ElementsAre("ok configured "));
  const PlayedHost host = AttachForConnect("h2");
  Lose(host);
  Connect();
  EXPECT_THAT(Verdicts(), ElementsAre("ok configured "));
}

TEST_F(AttachedConnectsTest, AHostDecides) {
  const PlayedHost host = AttachForConnect("h1");
  Connect("/chat");
  EXPECT_THAT(Hear(host), ElementsAre("connect 1 /chat"));
  const v1::ChannelFrame::Connect& asked = host.stream->last().connect();
  EXPECT_EQ(asked.params(0).name(), "user");
  EXPECT_EQ(asked.token(), "secret");
  EXPECT_THAT(Verdicts(), IsEmpty());
  v1::HostFrame ok = ConnectOk(1, "users:7");
  ok.mutable_connect_reply()->set_assigns(R"({"a":1})");
  Say(host, {ok});
  EXPECT_THAT(Verdicts(), ElementsAre(R"(ok users:7 {"a":1})"));
}

TEST_F(AttachedConnectsTest, ARefusalHasAStatusAndAReason) {
  const PlayedHost host = AttachForConnect("h1");
  Connect();
  Connect();
  v1::HostFrame refused = ConnectRefused(2, 429);
  refused.mutable_connect_reply()->set_reason("slow down");
  Say(host, {refused, ConnectRefused(1, 0)});
  EXPECT_THAT(Verdicts(), ElementsAre("429 slow down", "403 "));
}

TEST_F(AttachedConnectsTest, HostsShareTheWork) {
  const PlayedHost h1 = AttachForConnect("h1");
  const PlayedHost h2 = AttachForConnect("h2");
  for (int i = 0; i < 10; ++i) Connect();
  EXPECT_THAT(Hear(h1), SizeIs(5));
  EXPECT_THAT(Hear(h2), SizeIs(5));
}

TEST_F(AttachedConnectsTest, NobodyWaitsForAnAnswerForLong) {
  const PlayedHost host = AttachForConnect("h1");
  Connect();
  Advance(4'999);
  EXPECT_THAT(Verdicts(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Verdicts(), ElementsAre("503 "));
  Say(host, {ConnectOk(1, "late")});
  EXPECT_THAT(Verdicts(), IsEmpty());
}

TEST_F(AttachedConnectsTest, AConnectWaitsForACredit) {
  limits_.host_connects_waiting_max = 2;
  const PlayedHost host = AttachForConnect("h1", 1);
  for (int i = 0; i < 4; ++i) Connect();
  EXPECT_THAT(Hear(host), ElementsAre("connect 1 /socket"));
  EXPECT_THAT(Verdicts(), ElementsAre("503 ")) << "only so many wait";
  Say(host, {ConnectOk(1, "a")});
  EXPECT_THAT(Hear(host), ElementsAre("connect 2 /socket"));
  Say(host, {ConnectOk(2, "b")});
  Say(host, {ConnectOk(3, "c")});
  EXPECT_THAT(Verdicts(), ElementsAre("ok a ", "ok b ", "ok c "));
}

TEST_F(AttachedConnectsTest, ALostHostsClientsAreRefused) {
  const PlayedHost h1 = AttachForConnect("h1");
  Connect();
  const PlayedHost h2 = AttachForConnect("h2");
  Lose(h1);
  EXPECT_THAT(Verdicts(), ElementsAre("503 "));
  Connect();
  EXPECT_THAT(Hear(h2), ElementsAre("connect 2 /socket"));
}

TEST_F(AttachedConnectsTest, ADrainingHostIsNotAsked) {
  const PlayedHost h1 = AttachForConnect("h1");
  const PlayedHost h2 = AttachForConnect("h2");
  Say(h1, {DrainFor(0)});
  Hear(h1);
  Connect();
  Connect();
  EXPECT_THAT(Hear(h1), IsEmpty());
  EXPECT_THAT(Hear(h2), SizeIs(2));
}

TEST_F(AttachedConnectsTest, AHostAnswersOnlyWhatItWasAsked) {
  const PlayedHost h1 = AttachForConnect("h1");
  const PlayedHost h2 = AttachForConnect("h2");
  Connect();
  EXPECT_EQ(TrySay(h2, {ConnectOk(1, "mine")}).code(),
            absl::StatusCode::kInvalidArgument)
      << "it owes no answer";
  Connect();
  Say(h2, {ConnectOk(1, "mine")});
  EXPECT_THAT(Verdicts(), IsEmpty());
  Say(h1, {ConnectOk(1, "theirs")});
  EXPECT_THAT(Verdicts(), ElementsAre("ok theirs "));
}

}  // namespace
}  // namespace aerie::broker
