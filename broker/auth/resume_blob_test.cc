#include "broker/auth/resume_blob.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

const char kAssigns[] = R"({"user":42})";

std::string Key(char c) { return std::string(ResumeBlobs::kKeyBytes, c); }

ResumeBlobs Blobs(std::vector<std::string> keys, uint32_t bytes_max = 4096) {
  return ResumeBlobs(std::move(keys), absl::Hours(1), bytes_max);
}

std::string WriteFile(const std::string& text) {
  std::string path = ::testing::TempDir() + "/resume_keys";
  std::ofstream(path) << text;
  return path;
}

class ResumeBlobTest : public ::testing::Test {
 protected:
  std::string Seal(const ResumeFields& fields = {"users:42", kAssigns, {}}) {
    return blobs_.Seal(fields, clock_.Now()).value();
  }
  absl::StatusCode CodeOf(absl::string_view blob) {
    return blobs_.Open(blob, clock_.Now()).status().code();
  }

  FakeClock clock_;
  ResumeBlobs blobs_ = Blobs({Key('a')});
};

TEST_F(ResumeBlobTest, ASocketComesBackAsItWas) {
  const ResumeFields founding = {"users:42", kAssigns, {false, 0, true}};
  const ResumeFields modern = {"", "", {true, 100, false}};
  for (const ResumeFields& fields : {founding, modern}) {
    const auto opened = blobs_.Open(Seal(fields), clock_.Now());
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->socket_id, fields.socket_id);
    EXPECT_EQ(opened->assigns, fields.assigns);
    EXPECT_EQ(opened->policy, fields.policy);
  }
}

TEST_F(ResumeBlobTest, ItsGrantComesBackAsItWas) {
  const Grant grants[] = {
      {.topics = {"room:a", "room:b"},
       .prefixes = {"user:42:", ""},
       .expires = absl::FromUnixMillis(1'300'819'380'123)},
      {},
      {.topics = {}, .prefixes = {}, .expires = absl::UnixEpoch()}};
  for (const Grant& grant : grants) {
    ResumeFields fields = {"users:42", kAssigns, {}};
    fields.grant = std::make_shared<const Grant>(grant);
    const auto opened = blobs_.Open(Seal(fields), clock_.Now());
    ASSERT_TRUE(opened.ok()) << opened.status();
    ASSERT_NE(opened->grant, nullptr);
    EXPECT_EQ(*opened->grant, grant);
  }
  EXPECT_EQ(blobs_.Open(Seal(), clock_.Now())->grant, nullptr);
}

TEST_F(ResumeBlobTest, APlainSocketsBlobIsSmall) {
  EXPECT_LE(Seal({"", "", {}}).size(), 50);
}

TEST_F(ResumeBlobTest, NoByteCanBeChanged) {
  const std::string blob = Seal();
  for (size_t i = 0; i < blob.size(); ++i) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string tampered = blob;
      tampered[i] = static_cast<char>(tampered[i] ^ flip);
      EXPECT_EQ(CodeOf(tampered), absl::StatusCode::kUnauthenticated) << i;
    }
  }
}

TEST_F(ResumeBlobTest, NothingCanBeCutOffOrAdded) {
  const std::string blob = Seal();
  for (size_t size = 0; size < blob.size(); ++size) {
    EXPECT_EQ(CodeOf(absl::string_view(blob).substr(0, size)),
              absl::StatusCode::kUnauthenticated)
        << size;
  }
  EXPECT_EQ(CodeOf(blob + '\0'), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(std::string(5000, '\1')),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(ResumeBlobTest, ABlobExpires) {
  const std::string blob = Seal();
  clock_.AdvanceMs(3'599'000);
  EXPECT_EQ(CodeOf(blob), absl::StatusCode::kOk);
  clock_.AdvanceMs(1'000);
  EXPECT_EQ(CodeOf(blob), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ResumeBlobTest, AnotherKeyDoesNotOpenIt) {
  const auto opened = Blobs({Key('b')}).Open(Seal(), clock_.Now());
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ResumeBlobTest, DuringARotationBothKeysOpenAndTheFirstSeals) {
  const ResumeBlobs rotating = Blobs({Key('b'), Key('a')});
  EXPECT_TRUE(rotating.Open(Seal(), clock_.Now()).ok());
  const std::string blob = rotating.Seal({}, clock_.Now()).value();
  EXPECT_TRUE(Blobs({Key('b')}).Open(blob, clock_.Now()).ok());
  EXPECT_FALSE(blobs_.Open(blob, clock_.Now()).ok());
}

TEST_F(ResumeBlobTest, ABlobOverTheLimitIsRefused) {
  ResumeFields fields;
  fields.assigns.assign(4096, 'x');
  EXPECT_EQ(blobs_.Seal(fields, clock_.Now()).status().code(),
            absl::StatusCode::kResourceExhausted);
  fields.assigns.clear();
  fields.grant = std::make_shared<const Grant>(
      Grant{.topics = {std::string(4096, 'x')}, .prefixes = {}});
  EXPECT_EQ(blobs_.Seal(fields, clock_.Now()).status().code(),
            absl::StatusCode::kResourceExhausted);
  fields.grant = nullptr;
  fields.assigns.assign(4000, 'x');
  EXPECT_LE(blobs_.Seal(fields, clock_.Now())->size(), 4096);
}

TEST(ResumeKeysTest, WithoutAFileEachStartHasItsOwnKey) {
  const auto first = ResumeBlobs::LoadKeys("");
  const auto second = ResumeBlobs::LoadKeys("");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->front().size(), ResumeBlobs::kKeyBytes);
  EXPECT_NE(*first, *second);
}

TEST(ResumeKeysTest, AFileHoldsAKeyPerLine) {
  const auto keys = ResumeBlobs::LoadKeys(
      WriteFile("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n"
                "\n"
                "  YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI=\n"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(*keys, (std::vector<std::string>{Key('a'), Key('b')}));
}

TEST(ResumeKeysTest, ABadLineIsNamedAndNotQuoted) {
  const auto keys = ResumeBlobs::LoadKeys(
      WriteFile("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\nc2hvcnQ=\n"));
  EXPECT_THAT(std::string(keys.status().message().data(),
                          keys.status().message().size()),
              HasSubstr(":2: expected 32 bytes"));
  EXPECT_THAT(keys.status().ToString(), Not(HasSubstr("c2hvcnQ")));
}

TEST(ResumeKeysTest, AFileWithoutKeysIsAnError) {
  EXPECT_FALSE(ResumeBlobs::LoadKeys(WriteFile("\n")).ok());
  EXPECT_FALSE(ResumeBlobs::LoadKeys("/nonexistent/keys").ok());
}

}  // namespace
}  // namespace aerie::broker
