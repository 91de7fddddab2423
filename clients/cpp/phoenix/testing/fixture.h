#ifndef AERIE_CLIENTS_CPP_PHOENIX_TESTING_FIXTURE_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TESTING_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/phoenix/socket.h"
#include "clients/cpp/phoenix/testing/fake_network.h"
#include "clients/cpp/phoenix/testing/fake_timers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::client::phx {

// A socket on a network and a clock that the test holds. What happens is noted
// in `heard_`.
class SocketFixture : public ::testing::Test {
 protected:
  void Make(SocketOptions options = {},
            absl::string_view endpoint = "ws://host/socket") {
    socket_.reset();
    socket_ = std::make_unique<Socket>(endpoint, std::move(options), timers_,
                                       network_.Factory());
    socket_->OnOpen([this] { heard_.push_back("open"); });
    socket_->OnClose([this](const CloseEvent& event) {
      heard_.push_back(absl::StrCat("close ", event.code));
    });
    socket_->OnError([this](const absl::Status& status) {
      heard_.push_back(absl::StrCat("error ", status.message()));
    });
  }

  // A socket that is open.
  void MakeOpen(SocketOptions options = {}) {
    Make(std::move(options));
    ASSERT_TRUE(socket_->Connect().ok());
    network_.Open();
    heard_.clear();
  }

  // Notes how a push ends, as `NAME STATUS RESPONSE`.
  void Note(const Push& push, const std::string& name) {
    for (const char* status : {"ok", "error", "timeout"}) {
      push.Receive(status, [this, name, status](const Payload& response) {
        heard_.push_back(absl::StrCat(name, " ", status, " ", response.text()));
      });
    }
  }

  // Notes the channel's end and errors.
  void Note(Channel& channel) {
    channel.OnError([this](const Payload& reason) {
      heard_.push_back(absl::StrCat("phx_error ", reason.text()));
    });
    channel.OnClose([this] { heard_.push_back("phx_close"); });
  }

  // A channel that is joined; its join's ref is `ref`.
  std::shared_ptr<Channel> Joined(absl::string_view topic,
                                  absl::string_view ref) {
    auto channel = socket_->MakeChannel(topic);
    channel->Join();
    Reply(topic, ref, ref, "ok");
    EXPECT_EQ(channel->state(), Channel::State::kJoined);
    network_.Said();
    return channel;
  }

  void Reply(absl::string_view topic, absl::string_view join_ref,
             absl::string_view ref, absl::string_view status,
             absl::string_view response = "{}") {
    network_.Text(absl::StrCat("[\"", join_ref, "\",\"", ref, "\",\"", topic,
                               R"(","phx_reply",{"status":")", status,
                               R"(","response":)", response, "}]"));
  }

  std::vector<std::string> Heard() { return std::exchange(heard_, {}); }
  std::vector<std::string> Said() { return network_.Said(); }

  FakeTimers timers_;
  FakeNetwork network_;
  std::vector<std::string> heard_;
  std::unique_ptr<Socket> socket_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TESTING_FIXTURE_H_
