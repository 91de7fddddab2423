#include "edge/transport/origin.h"

#include <fstream>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::edge {
namespace {

using nlohmann::json;
using Mode = CheckOrigin::Mode;

bool Allows(const CheckOrigin& options, absl::string_view origin,
            const Site& conn = {}, bool founding_alone = false) {
  absl::StatusOr<OriginCheck> check =
      OriginCheck::Create(options, founding_alone);
  EXPECT_TRUE(check.ok()) << check.status();
  return check.ok() && check->Allows(origin, conn);
}

CheckOrigin OptionsOf(const json& entry) {
  CheckOrigin options;
  const json& config = entry["config"];
  if (config.is_array()) {
    options.mode = Mode::kList;
    options.list = config.get<std::vector<std::string>>();
  } else if (config == true) {
    options.mode = Mode::kHost;
    if (!entry["url_host"].is_null()) options.url_host = entry["url_host"];
  } else if (config == false) {
    options.mode = Mode::kOff;
  } else if (config == ":conn") {
    options.mode = Mode::kConn;
  }
  return options;
}

TEST(OriginTest, GoldenCases) {
  std::ifstream file("test/data/check_origin.json");
  const json cases = json::parse(file);
  ASSERT_EQ(cases.size(), 61u);
  for (const json& entry : cases) {
    const CheckOrigin options = OptionsOf(entry);
    Site conn;
    if (!entry["conn"].is_null()) {
      conn.scheme = entry["conn"]["scheme"];
      conn.host = entry["conn"]["host"];
      conn.port = entry["conn"]["port"];
    }
    absl::optional<std::string> text;
    if (!entry["origin"].is_null()) text = entry["origin"].get<std::string>();
    absl::optional<absl::string_view> origin;
    if (text.has_value()) origin = *text;

    const auto modern = OriginCheck::Create(options, false);
    ASSERT_TRUE(modern.ok()) << modern.status();
    // Where Phoenix asks its endpoint, a mount of ours compares with the
    // request itself, and these requests were sent elsewhere.
    const bool expected = entry["expected"] == "allow";
    EXPECT_EQ(modern->Allows(origin, conn), expected) << entry;

    // The founding rule counts where nothing is configured; a list is held
    // against founding clients as against all others.
    if (entry["config"] != "unset") continue;
    const auto founding = OriginCheck::Create(options, true);
    ASSERT_TRUE(founding.ok());
    EXPECT_EQ(founding->Allows(origin, conn),
              entry["expected_founding"] == "allow")
        << entry;
  }
}

TEST(OriginTest, FoundingMountsHoldListsAgainstOriginsWithoutHost) {
  const CheckOrigin list{Mode::kList, {"//example.com"}, ""};
  for (absl::string_view origin : {"null", "", "example.com", "file://"}) {
    EXPECT_FALSE(Allows(list, origin, {}, true)) << origin;
  }
}

TEST(OriginTest, UnsetComparesWithTheRequestUnlessFoundingIsAlone) {
  const Site conn{"http", "chat.example", 80};
  EXPECT_TRUE(Allows({}, "http://chat.example", conn));
  EXPECT_FALSE(Allows({}, "http://evil.example", conn));
  EXPECT_TRUE(Allows({}, "http://evil.example", conn, true));
}

TEST(OriginTest, Ipv6HostsCompareWithoutBrackets) {
  const Site conn{"http", "::1", 4000};
  EXPECT_TRUE(Allows({}, "http://[::1]:4000", conn));
  EXPECT_FALSE(Allows({}, "http://[::2]:4000", conn));
  EXPECT_FALSE(Allows({}, "http://[::1]", conn));
}

TEST(OriginTest, AUserInTheOriginDoesNotPassForItsHost) {
  const CheckOrigin list{Mode::kList, {"//example.com"}, ""};
  EXPECT_FALSE(Allows(list, "http://example.com@evil.example"));
  EXPECT_FALSE(Allows(list, "http://example.com:80@evil.example"));
  EXPECT_FALSE(Allows(list, "http://evil.example/example.com"));
  EXPECT_FALSE(Allows(list, "http://evil.example?//example.com"));
  EXPECT_FALSE(Allows(list, "http://evil.example#@example.com"));
}

TEST(OriginTest, PortsOutOfRangeAreNoPorts) {
  const CheckOrigin list{Mode::kList, {"//example.com:81"}, ""};
  EXPECT_FALSE(Allows(list, "x://example.com:65617"));
  EXPECT_FALSE(Allows(list, "x://example.com:abc"));
  EXPECT_TRUE(Allows(list, "x://example.com:81"));
}

TEST(OriginTest, RulesWithoutAHostAreRefusedAtStart) {
  for (const char* rule : {"example.com", "", "https://", "null", "//*."}) {
    EXPECT_FALSE(OriginCheck::Create({Mode::kList, {rule}, ""}, false).ok())
        << rule;
  }
}

}  // namespace
}  // namespace aerie::edge
