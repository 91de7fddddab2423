#include "common/admin.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/admin_pages.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(AdminPagesTest, WellWithoutReasons) {
  EXPECT_EQ(Answer({}, "GET", "/livez").status, 200);
  EXPECT_EQ(Answer({}, "GET", "/readyz").status, 200);
  EXPECT_EQ(Answer({}, "HEAD", "/readyz?verbose").body, "ok\n");
}

TEST(AdminPagesTest, ReasonsMake503AndStandOneToALine) {
  AdminPages pages;
  pages.not_ready = [] {
    return std::vector<std::string>{"draining", "no broker link"};
  };
  const AdminAnswer ready = Answer(pages, "GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "draining\nno broker link\n");
  EXPECT_EQ(Answer(pages, "GET", "/livez").status, 200);
}

TEST(AdminPagesTest, OtherPathsAndMethodsAreToldSo) {
  const AdminAnswer missing = Answer({}, "GET", "/healthz");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("/livez\n"));
  EXPECT_EQ(Answer({}, "GET", "/livez/").status, 404);
  EXPECT_EQ(Answer({}, "POST", "/metrics").status, 405);
  EXPECT_EQ(Answer({}, "POST", "/nowhere").status, 404);
}

// A client that blocks: what it sends, and all it hears until the server closes
// or has sent `enough`.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
  }
  ~Client() { close(fd_); }

  void Send(const std::string& request) {
    EXPECT_EQ(send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }

  std::string Ask(const std::string& request, const std::string& enough) {
    Send(request);
    std::string heard;
    char bytes[4096];
    while (!absl::StrContains(heard, enough)) {
      const ssize_t n = recv(fd_, bytes, sizeof(bytes), 0);
      if (n <= 0) return heard + "<closed>";
      heard.append(bytes, n);
    }
    return heard;
  }

 private:
  int fd_;
};

class AdminServerTest : public testing::Test {
 protected:
  void Start() {
    pages_.refused = &refused_;
    auto server = AdminServer::Start("127.0.0.1:0", pages_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string AskAnew(const std::string& request) {
    return Client(server_->port()).Ask(request, "<never>");
  }

  AdminPages pages_;
  Counter refused_;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, AnswersSeveralRequestsOnOneConnection) {
  std::atomic<int> scrapes{0};
  pages_.metrics = [&] {
    return "scrapes " + std::to_string(++scrapes) + "\n";
  };
  Start();
  Client client(server_->port());
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_THAT(client.Ask(get, "scrapes 1\n"),
              StartsWith("HTTP/1.1 200 OK\r\n"));
  const std::string second = client.Ask(get, "scrapes 2\n");
  EXPECT_THAT(second, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(second, Not(HasSubstr("<closed>")));
}

TEST_F(AdminServerTest, AHeadHasTheLengthAndNoBody) {
  Start();
  const std::string heard =
      AskAnew("HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(heard, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(heard, Not(HasSubstr("ok\n")));
}

TEST_F(AdminServerTest, APostIsToldTheMethods) {
  Start();
  const std::string heard = AskAnew(
      "POST /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Content-Length: 2\r\n\r\nhi");
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(heard, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(AdminServerTest, RequestsAreBounded) {
  Start();
  EXPECT_THAT(AskAnew("GET /livez HTTP/1.1\r\nX: " + std::string(9'000, 'x')),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(AskAnew("POST /livez HTTP/1.1\r\nContent-Length: 5000\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(AskAnew("not http\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(AdminServerTest, TheMostSilentConnectionMakesRoomAndIsCounted) {
  Start();
  const std::string get = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < AdminServer::kConnectionsMax; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    EXPECT_THAT(clients.back()->Ask(get, "ok\n"), StartsWith("HTTP/1.1 200"));
  }
  // The first one has spoken since the second.
  EXPECT_THAT(clients[0]->Ask(get, "ok\n"), StartsWith("HTTP/1.1 200"));
  Client late(server_->port());
  EXPECT_THAT(late.Ask(get, "ok\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(clients[1]->Ask("", "ok\n"), "<closed>");
  EXPECT_EQ(refused_.Value(), 1);
  // Those that are served are served on.
  EXPECT_THAT(clients[0]->Ask(get, "ok\n"), StartsWith("HTTP/1.1 200"));
}

// Answers what it is told to, when it is told to.
class FakeSection : public AdminSection {
 public:
  absl::string_view path() const override { return "/part"; }
  void Start(Post post) override { post_ = std::move(post); }
  void Answer(const AdminRequest& request, Reply reply) override {
    const std::string said =
        absl::StrCat(request.method, " ", request.path, " ", request.query, " ",
                     request.host, "\n");
    if (request.path == "/part/never") {
      never_ = std::move(reply);
      return;
    }
    // From another thread, as a loop would.
    std::thread([post = post_, said, reply = std::move(reply)]() mutable {
      post([said, reply = std::move(reply)]() mutable {
        reply({200, "text/plain", said, {{"X-Frame-Options", "DENY"}}});
      });
    }).detach();
  }
  void Tick() override { ++ticks_; }

  Post post_;
  Reply never_;
  std::atomic<int> ticks_{0};
};

class AdminSectionTest : public AdminServerTest {
 protected:
  AdminSectionTest() { pages_.section = &section_; }

  FakeSection section_;
};

TEST_F(AdminSectionTest, ASectionAnswersItsPathsLater) {
  Start();
  Client client(server_->port());
  const std::string heard =
      client.Ask("POST /part/a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n", "h:1\n");
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(heard, HasSubstr("X-Frame-Options: DENY\r\n"));
  EXPECT_THAT(heard, HasSubstr("POST /part/a b=c h:1\n"));
  // On the same connection, its path itself; and what only begins like it.
  EXPECT_THAT(client.Ask("GET /part HTTP/1.1\r\nHost: h\r\n\r\n", "h\n"),
              HasSubstr("GET /part  h\n"));
  EXPECT_THAT(client.Ask("GET /party HTTP/1.1\r\nHost: h\r\n\r\n", "/part\n"),
              StartsWith("HTTP/1.1 404"));
}

TEST_F(AdminSectionTest, WhoWaitsForAnAnswerIsNotMadeToGo) {
  Start();
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < AdminServer::kConnectionsMax; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
  }
  Client waits(server_->port());
  waits.Send("GET /part/never HTTP/1.1\r\nHost: h\r\n\r\n");
  // Enough for every other connection to be made to go.
  const std::string get = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t i = 0; i < AdminServer::kConnectionsMax; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    EXPECT_THAT(clients.back()->Ask(get, "ok\n"), StartsWith("HTTP/1.1 200"));
  }
  section_.post_([this] { section_.never_({200, "text/plain", "at last\n"}); });
  EXPECT_THAT(waits.Ask("", "at last\n"), HasSubstr("at last\n"));
}

TEST_F(AdminSectionTest, WhatIsPostedToAServerThatIsGoneIsDropped) {
  Start();
  server_.reset();
  bool ran = false;
  section_.post_([&ran] { ran = true; });
  EXPECT_FALSE(ran);
}

TEST_F(AdminSectionTest, TicksAreCalled) {
  Start();
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (section_.ticks_ == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_GE(section_.ticks_, 1);
}

TEST_F(AdminServerTest, APortInUseIsAnError) {
  Start();
  const auto second = AdminServer::Start(
      "127.0.0.1:" + std::to_string(server_->port()), AdminPages());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("Address already in use"));
  EXPECT_FALSE(AdminServer::Start("nonsense", AdminPages()).ok());
}

}  // namespace
}  // namespace aerie
