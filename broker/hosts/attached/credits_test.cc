#include "broker/hosts/attached/credits.h"

#include "common/metrics.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

class CreditsTest : public testing::Test {
 protected:
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Credits credits_{2, clock_, metrics_};
};

TEST_F(CreditsTest, ThereAreNoneBeforeTheHostIsAttached) {
  EXPECT_FALSE(credits_.Take(HostCallback::kJoin));
  credits_.Open();
  EXPECT_TRUE(credits_.Take(HostCallback::kJoin));
}

TEST_F(CreditsTest, AllKindsShareThem) {
  credits_.Open();
  EXPECT_TRUE(credits_.Take(HostCallback::kIn));
  EXPECT_TRUE(credits_.Take(HostCallback::kTerminate));
  EXPECT_FALSE(credits_.Take(HostCallback::kConnect));
  EXPECT_EQ(credits_.out(), 2u);
  EXPECT_TRUE(credits_.Return(HostCallback::kTerminate));
  EXPECT_TRUE(credits_.Take(HostCallback::kConnect));
}

TEST_F(CreditsTest, OnlyWhatIsOwedMayBeReturned) {
  credits_.Open();
  EXPECT_TRUE(credits_.Take(HostCallback::kInfo));
  EXPECT_TRUE(credits_.Take(HostCallback::kOut));
  EXPECT_FALSE(credits_.Return(HostCallback::kJoin));
  EXPECT_FALSE(credits_.ReturnEvents(3));
  EXPECT_TRUE(credits_.ReturnEvents(2));
  EXPECT_FALSE(credits_.ReturnEvents(1));
  EXPECT_EQ(credits_.out(), 0u);
}

TEST_F(CreditsTest, AnAnswerIsProgress) {
  credits_.Open();
  clock_.AdvanceMs(100'000);
  EXPECT_FALSE(credits_.Hung(clock_.NowMs(), 1'000)) << "nothing is owed";
  EXPECT_TRUE(credits_.Take(HostCallback::kJoin));
  EXPECT_TRUE(credits_.Take(HostCallback::kIn));
  clock_.AdvanceMs(999);
  EXPECT_FALSE(credits_.Hung(clock_.NowMs(), 1'000));
  EXPECT_TRUE(credits_.ReturnEvents(1));
  clock_.AdvanceMs(999);
  EXPECT_FALSE(credits_.Hung(clock_.NowMs(), 1'000));
  clock_.AdvanceMs(1);
  EXPECT_TRUE(credits_.Hung(clock_.NowMs(), 1'000));
}

TEST_F(CreditsTest, OneEventAtOnceIsTimed) {
  credits_.Open();
  EXPECT_TRUE(credits_.Take(HostCallback::kIn));
  clock_.AdvanceMs(2'000);
  EXPECT_TRUE(credits_.Take(HostCallback::kIn));
  EXPECT_TRUE(credits_.ReturnEvents(2));
  EXPECT_NE(registry_.Text().find(
                "aerie_broker_host_callback_seconds_count{callback=\"event\"} "
                "1"),
            std::string::npos);
  EXPECT_NE(registry_.Text().find(
                "aerie_broker_host_callback_seconds_sum{callback=\"event\"} 2"),
            std::string::npos);
}

}  // namespace
}  // namespace aerie::broker
