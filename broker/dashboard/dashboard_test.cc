#include "broker/dashboard/dashboard.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/auth/connect_rule.h"
#include "broker/auth/resume_blob.h"
#include "broker/control/control.h"
#include "broker/control/edges.h"
#include "broker/hosts/attached/testing/attached_fixture.h"
#include "broker/topic/router.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::broker {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// One edge and its sockets.
class FakeEdges final : public Edges {
 public:
  void List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) override {
    ++lists;
    if (sockets.empty()) return to({});
    to({{.name = "edge-1", .sockets = sockets.size()}});
  }
  void Sockets(const std::string& /*edge*/, uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override {
    std::vector<SocketPtr> page;
    for (const SocketPtr& socket : sockets) {
      if (socket->number() > after && page.size() < max) page.push_back(socket);
    }
    to(std::move(page));
  }
  void Find(const std::string& edge, uint64_t number,
            absl::AnyInvocable<void(SocketPtr)> to) override {
    for (const SocketPtr& socket : sockets) {
      if (edge == "edge-1" && socket->number() == number) return to(socket);
    }
    to(nullptr);
  }

  std::vector<SocketPtr> sockets;
  int lists = 0;
};

class NoRule final : public ConnectRule {
 public:
  void Decide(const v1::Connect& /*request*/,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    answer(Denial());
  }
};

// A dashboard of a broker with one edge and one attached host, on the test's
// own thread; what is posted waits until it is run.
class DashboardTest : public AttachedFixture {
 protected:
  DashboardTest() { UseShards(3); }

  Dashboard& dashboard() {
    if (dashboard_ == nullptr) {
      auto routes = std::make_shared<Router>();
      EXPECT_TRUE(routes->Add({"local:*", local_, {}, "local"}).ok());
      control_ = std::make_unique<Control>(
          ControlContext{shards(), edges_, hosts(), rule_, blobs_, limits_,
                         metrics_, clock_, std::move(routes), "broker-1"});
      dashboard_ = std::make_unique<Dashboard>(
          DashboardContext{*control_, limits_, metrics_, clock_, 3,
                           [this] { return not_ready_; }});
      dashboard_->Start([this](absl::AnyInvocable<void()> task) {
        posted_.push_back(std::move(task));
      });
    }
    return *dashboard_;
  }

  // Asks, without a turn for the answer.
  void Want(absl::string_view target, absl::string_view method = "GET",
            absl::string_view host = "127.0.0.1:4011") {
    const size_t mark = std::min(target.find('?'), target.size());
    AdminRequest request;
    request.method = method;
    request.path = target.substr(0, mark);
    request.query = target.substr(std::min(mark + 1, target.size()));
    request.host = host;
    dashboard().Answer(request, [this](AdminAnswer answer) {
      answers_.push_back(std::move(answer));
    });
  }
  AdminAnswer Ask(absl::string_view target, absl::string_view method = "GET",
                  absl::string_view host = "127.0.0.1:4011") {
    answers_.clear();
    Want(target, method, host);
    RunAll();
    EXPECT_EQ(answers_.size(), 1u) << target;
    return answers_.empty() ? AdminAnswer{0, "", ""} : answers_[0];
  }
  json Api(const std::string& target) {
    const AdminAnswer answer = Ask("/dashboard/api/" + target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body, nullptr, false);
  }
  int Status(const std::string& target) {
    return Ask("/dashboard/api/" + target).status;
  }
  void RunAll() {
    Run();
    for (auto& task : std::exchange(posted_, {})) task();
  }
  // For what was asked before not to be at hand.
  void Later() { clock_.AdvanceMs(10'000); }

  // A socket of the edge joins a topic of the host.
  void Chat(uint64_t number, const std::string& id, const std::string& topic) {
    auto found = std::find_if(
        edges_.sockets.begin(), edges_.sockets.end(),
        [number](const SocketPtr& s) { return s->number() == number; });
    if (found == edges_.sockets.end()) {
      edges_.sockets.push_back(std::make_shared<Socket>(
          link_, number, id, R"({"secret":"s3cr3t"})", Policy{}, nullptr,
          Origin{PeerAddress("192.0.2.7:51000"), v1::DIALECT_V2,
                 v1::TRANSPORT_WEBSOCKET, 1'700'000'000}));
      found = edges_.sockets.end() - 1;
      shards().SocketOpened(*found);
      Run();
    }
    JoinOf(*found, chat_, "1", topic);
  }
  void AttachChat() { chat_ = Attach("chat-1"); }

  FakeEdges edges_;
  std::shared_ptr<FakeEdge> link_ = std::make_shared<FakeEdge>("edge-1");
  NoRule rule_;
  ResumeBlobs blobs_{{std::string(32, 'k')}, absl::Hours(1), 4'096};
  std::vector<std::string> not_ready_;
  PlayedHost chat_;
  std::vector<absl::AnyInvocable<void()>> posted_;
  std::vector<AdminAnswer> answers_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Dashboard> dashboard_;
};

std::string HeaderOf(const AdminAnswer& answer, absl::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return std::string(value);
  }
  return {};
}

TEST_F(DashboardTest, ThePageAndItsFilesAreServed) {
  EXPECT_THAT(Ask("/dashboard").body, HasSubstr("<!doctype html>"));
  EXPECT_EQ(Ask("/dashboard").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(Ask("/dashboard/page.js").content_type,
            "text/javascript; charset=utf-8");
  EXPECT_EQ(Ask("/dashboard/page.css").content_type, "text/css; charset=utf-8");
  EXPECT_THAT(Ask("/dashboard/icon.svg").body, HasSubstr("<svg"));
  EXPECT_EQ(Ask("/dashboard/").status, 308);
  EXPECT_EQ(Ask("/dashboard/../secret").status, 404);
  EXPECT_EQ(Ask("/dashboard/api").status, 404);
  EXPECT_EQ(Ask("/dashboard/api/").status, 404);
  EXPECT_EQ(Ask("/dashboard/api/passwords").status, 404);
}

TEST_F(DashboardTest, ThePageIsSmall) {
  EXPECT_LT(Ask("/dashboard").body.size() +
                Ask("/dashboard/page.js").body.size() +
                Ask("/dashboard/page.css").body.size() +
                Ask("/dashboard/icon.svg").body.size(),
            60'000u);
}

TEST_F(DashboardTest, ItOnlyReads) {
  for (const char* method :
       {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    for (const char* target : {"/dashboard", "/dashboard/api/overview"}) {
      const AdminAnswer answer = Ask(target, method);
      EXPECT_EQ(answer.status, 405) << method;
      EXPECT_EQ(HeaderOf(answer, "Allow"), "GET");
    }
  }
  EXPECT_EQ(metrics_.dashboard_asked.Value(), 0);
}

TEST_F(DashboardTest, EveryAnswerIsGuarded) {
  for (const char* target : {"/dashboard", "/dashboard/api/overview",
                             "/dashboard/nothing", "/dashboard/api/socket"}) {
    const AdminAnswer answer = Ask(target);
    EXPECT_THAT(HeaderOf(answer, "Content-Security-Policy"),
                HasSubstr("default-src 'none'; script-src 'self'"));
    EXPECT_EQ(HeaderOf(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(HeaderOf(answer, "Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(HeaderOf(answer, "Set-Cookie"), "");
  }
}

TEST_F(DashboardTest, AStrangersNameForThePortReadsNothing) {
  EXPECT_EQ(Ask("/dashboard/api/overview", "GET", "evil.example:4011").status,
            403);
  EXPECT_EQ(Ask("/dashboard", "GET", "").status, 403);
  EXPECT_EQ(Ask("/dashboard", "GET", "localhost:4011").status, 200);
}

TEST_F(DashboardTest, AnEmptyBrokerHasEmptyLists) {
  const json overview = Api("overview");
  const json& cluster = overview["cluster"];
  EXPECT_EQ(cluster["brokers"][0]["name"], "broker-1");
  EXPECT_EQ(cluster["brokers"][0]["sockets"], "0");
  EXPECT_EQ(cluster["edges"], json::array());
  EXPECT_EQ(overview["not_ready"], json::array());
  EXPECT_EQ(Api("top")["topics"], json::array());
  EXPECT_EQ(Api("topics")["topics"], json::array());
  EXPECT_EQ(Api("sockets")["sockets"], json::array());
  EXPECT_EQ(Api("history")["samples"], json::array());
}

TEST_F(DashboardTest, TheTopologyIsControls) {
  AttachChat();
  Chat(1, "users:1", "room:a");
  Chat(2, "users:2", "room:a");
  not_ready_ = {"draining"};
  const json overview = Api("overview");
  const json& cluster = overview["cluster"];
  EXPECT_EQ(cluster["brokers"][0]["channels"], "2");
  EXPECT_EQ(cluster["edges"][0]["name"], "edge-1");
  EXPECT_EQ(cluster["edges"][0]["sockets"], "2");
  const json& host = cluster["hosts"].back();
  EXPECT_EQ(host["patterns"], json({"room:*"}));
  EXPECT_EQ(host["channels"], "2");
  EXPECT_EQ(overview["not_ready"], json({"draining"}));
}

TEST_F(DashboardTest, TopTopicsHaveTheMostChannels) {
  AttachChat();
  for (uint64_t n = 1; n <= 3; ++n) Chat(n, "", "room:large");
  for (uint64_t n = 1; n <= 2; ++n) Chat(n, "", "room:b");
  for (uint64_t n = 1; n <= 2; ++n) Chat(n, "", "room:a");
  for (int i = 0; i < 60; ++i) Chat(9, "", absl::StrCat("room:small-", i));
  const json topics = Api("top")["topics"];
  EXPECT_EQ(topics.size(), 50);
  EXPECT_EQ(topics[0], json({{"topic", "room:large"}, {"channels", 3}}));
  EXPECT_EQ(topics[1]["topic"], "room:a");
  EXPECT_EQ(topics[2]["topic"], "room:b");
  EXPECT_EQ(topics[3]["topic"], "room:small-0");
}

TEST_F(DashboardTest, TopicsAreFoundByPrefixAndPaged) {
  AttachChat();
  for (int i = 10; i < 70; ++i) Chat(1, "", absl::StrCat("room:x", i));
  Chat(1, "", "room:other");
  const json first = Api("topics?prefix=room%3Ax");
  EXPECT_EQ(first["topics"].size(), 50);
  EXPECT_EQ(first["topics"][0]["topic"], "room:x10");
  const std::string token = first["next_page_token"];
  const json second = Api("topics?prefix=room%3Ax&page=" + token);
  EXPECT_EQ(second["topics"].size(), 10);
  EXPECT_EQ(second["next_page_token"], "");
  EXPECT_EQ(Status("topics?page=nonsense"), 400);
}

TEST_F(DashboardTest, ATopicTellsWhoIsThere) {
  AttachChat();
  Chat(1, "users:1", "room:a");
  const json topic = Api("topic?name=room%3Aa");
  EXPECT_EQ(topic["channels"], 1);
  EXPECT_EQ(topic["edges"][0]["name"], "edge-1");
  EXPECT_EQ(topic["sample"][0]["socket_key"], "edge-1/1");
  EXPECT_EQ(topic["sample"][0]["socket_id"], "users:1");
  EXPECT_EQ(Status("topic?name=room%3Ab"), 404);
  EXPECT_EQ(Status("topic"), 400);
}

TEST_F(DashboardTest, SocketsAreListedAndFoundById) {
  AttachChat();
  for (uint64_t n = 1; n <= 30; ++n) {
    Chat(n, absl::StrCat("users:", n % 2), "room:a");
  }
  const json first = Api("sockets");
  EXPECT_EQ(first["sockets"].size(), 25);
  const std::string token = first["next_page_token"];
  EXPECT_EQ(Api("sockets?page=" + token)["sockets"].size(), 5);
  const json of_id = Api("sockets?id=users%3A1");
  EXPECT_EQ(of_id["sockets"].size(), 15);
  EXPECT_EQ(of_id["sockets"][0]["socket"]["key"], "edge-1/1");
  EXPECT_EQ(Api("sockets?id=nobody")["sockets"], json::array());
  EXPECT_EQ(Api("sockets?edge=edge-2")["sockets"], json::array());
}

TEST_F(DashboardTest, ASocketTellsAllButItsAssigns) {
  AttachChat();
  Chat(7, "users:7", "room:b");
  Chat(7, "users:7", "room:a");
  const AdminAnswer answer = Ask("/dashboard/api/socket?key=edge-1%2F7");
  const json socket = json::parse(answer.body)["socket"];
  EXPECT_EQ(socket["socket"]["socket_id"], "users:7");
  EXPECT_EQ(socket["transport"], "TRANSPORT_WEBSOCKET");
  EXPECT_EQ(socket["dialect"], "DIALECT_V2");
  EXPECT_EQ(socket["peer"], "192.0.2.7:51000");
  EXPECT_EQ(socket["since"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(socket["topics"], json({"room:a", "room:b"}));
  EXPECT_EQ(socket["edge_queued_bytes"], "0");
  EXPECT_FALSE(absl::StrContains(answer.body, "s3cr3t"));
  EXPECT_FALSE(absl::StrContains(Ask("/dashboard/api/sockets").body, "s3cr3t"));
  EXPECT_EQ(Status("socket?key=edge-1%2F8"), 404);
  EXPECT_EQ(Status("socket?key=nonsense"), 400);
}

TEST_F(DashboardTest, ManyPagesCostWhatOneDoes) {
  for (int i = 0; i < 30; ++i) Want("/dashboard/api/overview");
  RunAll();
  for (int i = 0; i < 70; ++i) Want("/dashboard/api/overview");
  EXPECT_EQ(answers_.size(), 100u);
  EXPECT_EQ(edges_.lists, 1);
  Later();
  Api("overview");
  EXPECT_EQ(edges_.lists, 2);
}

TEST_F(DashboardTest, WhatLoopsDoNotAnswerIsGivenUp) {
  Want("/dashboard/api/overview");
  clock_.AdvanceMs(limits_.dashboard_look_deadline_ms);
  dashboard().Tick();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].status, 503);
  // The answer that comes at last is for those who ask then.
  RunAll();
  EXPECT_EQ(answers_.size(), 1u);
  EXPECT_EQ(Status("overview"), 200);
}

TEST_F(DashboardTest, HistoryGrowsWithTicksAndWaitsForNoLoop) {
  dashboard();
  for (int i = 0; i < 6; ++i) {
    clock_.AdvanceMs(1'000);
    dashboard().Tick();
  }
  Want("/dashboard/api/history?from=1");
  ASSERT_EQ(answers_.size(), 1u);
  const json history = json::parse(answers_[0].body);
  EXPECT_EQ(history["samples"].size(), 2);
  EXPECT_EQ(history["next"], 3);
  // Many pages want the same.
  Want("/dashboard/api/history?from=1");
  EXPECT_EQ(metrics_.dashboard_asked.Value(), 1);
  EXPECT_EQ(answers_[0].body, answers_[1].body);
  EXPECT_EQ(Status("history?from=x"), 400);
}

TEST_F(DashboardTest, QueriesThatAreBrokenOrHugeAreRefused) {
  EXPECT_EQ(Status("topics?prefix=%"), 400);
  EXPECT_EQ(Status("topics?prefix=" + std::string(5'000, 'a')), 400);
  EXPECT_EQ(Status("topic?name=" + std::string(1'025, 'a')), 400);
  EXPECT_EQ(metrics_.dashboard_asked.Value(), 1);
}

}  // namespace
}  // namespace aerie::broker
