#include "broker/auth/renewal.h"

#include <memory>
#include <string>

#include "broker/shard/testing/shards_fixture.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

class RenewalTest : public ShardsFixture {
 protected:
  SocketPtr Limited(const Grant& grant) {
    auto socket =
        std::make_shared<Socket>(edge_, 7, "users:42", R"({"a":1})", Policy(),
                                 std::make_shared<const Grant>(grant));
    shards().SocketOpened(socket);
    shards().RunUntilIdle();
    return socket;
  }
  absl::Status Renew(const SocketPtr& socket, const Grant& grant) {
    absl::Status status =
        RenewGrant(socket, std::make_shared<const Grant>(grant), blobs_,
                   clock_.Now(), shards());
    shards().RunUntilIdle();
    return status;
  }

  const ResumeBlobs blobs_{
      {std::string(ResumeBlobs::kKeyBytes, 'k')}, absl::Hours(1), 1024};
};

TEST_F(RenewalTest, TheNewGrantCountsAlsoAfterALostBroker) {
  const Grant before = {.topics = {"room:a"}, .prefixes = {}};
  const Grant after = {.topics = {},
                       .prefixes = {"room:"},
                       .expires = clock_.Now() + absl::Hours(1)};
  const SocketPtr socket = Limited(before);
  ASSERT_TRUE(Renew(socket, after).ok());
  EXPECT_EQ(*socket->grant(), after);

  const v1::BrokerFrame& told = edge_->frames().back();
  EXPECT_EQ(told.socket(), 7u);
  const auto fields = blobs_.Open(told.renewed().resume_blob(), clock_.Now());
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(fields->socket_id, "users:42");
  EXPECT_EQ(fields->assigns, R"({"a":1})");
  EXPECT_EQ(*fields->grant, after);
}

TEST_F(RenewalTest, AnUnlimitedSocketHasNoneToRenew) {
  EXPECT_EQ(Renew(MakeSocket(1), {}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(edge_->frames().empty());
}

TEST_F(RenewalTest, AGrantThatIsTooLargeChangesNothing) {
  const Grant before = {.topics = {"room:a"}, .prefixes = {}};
  const SocketPtr socket = Limited(before);
  EXPECT_EQ(Renew(socket, {.topics = {std::string(2'000, 'x')}, .prefixes = {}})
                .code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(*socket->grant(), before);
  EXPECT_TRUE(edge_->frames().empty());
}

}  // namespace
}  // namespace aerie::broker
