#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "broker/auth/key_store.h"
#include "broker/auth/testing/tokens.h"
#include "common/metrics.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

// May be advanced while others read it.
class SharedClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms_; }
  absl::Time Now() const override { return absl::FromUnixMillis(now_ms_); }
  void AdvanceMs(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<int64_t> now_ms_{1'000'000};
};

TEST(KeyStoreThreadsTest, KeysAreReplacedWhileOthersUseThem) {
  constexpr int kReloads = 50;
  constexpr char kFile[] = "threads";
  const Issuer first(JwsAlgorithm::kEdDsa, "1");
  const Issuer second(JwsAlgorithm::kEdDsa, "two");
  const Limits limits;
  SharedClock clock;
  MetricsRegistry registry;
  Metrics metrics(registry);
  JwtOptions options;
  options.jwks_file = WriteJwks(kFile, first.Jwk());
  const auto store = KeyStore::Create(options, limits, clock, metrics).value();

  std::atomic<bool> done{false};
  constexpr int kUsers = 4;
  std::vector<std::thread> users;
  users.reserve(kUsers);
  for (int i = 0; i < kUsers; ++i) {
    users.emplace_back([&store, &done] {
      do {
        const std::string kid = store->Keys()->at(0).kid();
        EXPECT_TRUE(kid == "1" || kid == "two") << kid;
      } while (!done);
    });
  }
  for (int i = 0; i < kReloads; ++i) {
    // Whoever looks meanwhile may find half a file: then the old keys stay.
    WriteJwks(kFile, i % 2 == 0 ? second.Jwk() : first.Jwk());
    clock.AdvanceMs(1'000);
    (void)store->Keys();
  }
  done = true;
  for (std::thread& user : users) user.join();

  WriteJwks(kFile, second.Jwk() + "," + first.Jwk());
  clock.AdvanceMs(1'000);
  EXPECT_EQ(store->Keys()->size(), 2u);
  EXPECT_GE(metrics.jwks_reloads.Value(), 1);
}

}  // namespace
}  // namespace aerie::broker
