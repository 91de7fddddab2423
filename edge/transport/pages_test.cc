#include "edge/transport/pages.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

namespace fs = std::filesystem;

class PagesTest : public ::testing::Test {
 protected:
  PagesTest() {
    directory_ =
        fs::path(::testing::TempDir()) /
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    Write("index.html", "<h1>chat</h1>");
    Write("app.js", "go()");
    Write("sub/index.html", "sub");
    Write("sub/a b.txt", "text");
    Write(".secret", "hidden");
    Write(".git/config", "hidden");
    std::ofstream(directory_.parent_path() / "outside.txt") << "outside";
  }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }

  Pages Load(const std::string& path = "/") {
    absl::StatusOr<Pages> pages = Pages::Load({{path, directory_.string()}});
    EXPECT_TRUE(pages.ok()) << pages.status();
    return *std::move(pages);
  }

  static absl::optional<Response> Get(const Pages& pages,
                                      const std::string& target) {
    return pages.Find({.target = target});
  }

  static std::string HeaderOf(const Response& response,
                              absl::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  fs::path directory_;
};

TEST_F(PagesTest, FilesAreServedWithTheirType) {
  const Pages pages = Load();
  const auto script = Get(pages, "/app.js?v=1");
  ASSERT_TRUE(script.has_value());
  EXPECT_EQ(*script->body, "go()");
  EXPECT_EQ(HeaderOf(*script, "content-type"),
            "text/javascript; charset=utf-8");
  EXPECT_EQ(*Get(pages, "/sub/a%20b.txt")->body, "text");
}

TEST_F(PagesTest, AnIndexAnswersItsDirectory) {
  const Pages pages = Load();
  EXPECT_EQ(*Get(pages, "/")->body, "<h1>chat</h1>");
  EXPECT_EQ(*Get(pages, "/index.html")->body, "<h1>chat</h1>");
  EXPECT_EQ(*Get(pages, "/sub/")->body, "sub");
  EXPECT_EQ(*Get(pages, "/sub")->body, "sub");
}

TEST_F(PagesTest, PagesMayLieBelowAPath) {
  const Pages pages = Load("/demo");
  EXPECT_TRUE(Get(pages, "/demo").has_value());
  EXPECT_TRUE(Get(pages, "/demo/").has_value());
  EXPECT_TRUE(Get(pages, "/demo/app.js").has_value());
  EXPECT_FALSE(Get(pages, "/app.js").has_value());
}

TEST_F(PagesTest, NothingElseOfTheMachineIsServed) {
  const Pages pages = Load();
  for (const char* target :
       {"/../outside.txt", "/%2e%2e/outside.txt", "/sub/../../outside.txt",
        "/..%2foutside.txt", "//etc/passwd", "/.secret", "/.git/config",
        "/app.js%00", "/app.js/", "/%ff", "/missing"}) {
    EXPECT_FALSE(Get(pages, target).has_value()) << target;
  }
}

TEST_F(PagesTest, AnUnchangedPageIsNotSentAgain) {
  const Pages pages = Load();
  const std::string etag = HeaderOf(*Get(pages, "/app.js"), "etag");
  ASSERT_FALSE(etag.empty());
  for (const std::string& value :
       {etag, absl::StrCat("\"x\", ", etag), absl::StrCat("W/", etag),
        std::string("*")}) {
    const auto again = pages.Find(
        {.target = "/app.js", .headers = {{"If-None-Match", value}}});
    EXPECT_EQ(again->status, 304u) << value;
    EXPECT_EQ(again->body, nullptr);
  }
  EXPECT_EQ(pages
                .Find({.target = "/app.js",
                       .headers = {{"If-None-Match", "\"other\""}}})
                ->status,
            200u);
}

TEST_F(PagesTest, OtherMethodsAreNotAllowed) {
  const auto response = Load().Find({.method = "POST", .target = "/"});
  EXPECT_EQ(response->status, 405u);
  EXPECT_EQ(HeaderOf(*response, "allow"), "GET, HEAD");
}

TEST_F(PagesTest, WithoutPagesThereAreNone) {
  EXPECT_FALSE(Get(*Pages::Load({}), "/").has_value());
}

TEST_F(PagesTest, AMissingDirectoryIsRefusedAtStart) {
  EXPECT_FALSE(Pages::Load({{"/", "/no/such/directory"}}).ok());
  EXPECT_FALSE(Pages::Load({{"demo", directory_.string()}}).ok());
}

}  // namespace
}  // namespace aerie::edge
