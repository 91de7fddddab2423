#include "edge/transport/tls.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/testing/certificates.h"
#include "edge/transport/testing/listener_fixture.h"
#include "gmock/gmock.h"

namespace aerie::edge {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Writes what the listener is told to read.
void WritePair(const fs::path& directory, const std::string& name) {
  aerie::testing::WriteCertificate((directory / "tls").string(), name);
}

class TlsTest : public ListenerFixture {
 protected:
  TlsTest() {
    directory_ =
        fs::path(::testing::TempDir()) /
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(directory_);
    certificate_ = (directory_ / "tls.crt").string();
    key_ = (directory_ / "tls.key").string();
    WritePair(directory_, "first");
    options_.tls_certificate_file = certificate_;
    options_.tls_key_file = key_;
  }

  fs::path directory_;
  std::string certificate_;
  std::string key_;
};

TEST_F(TlsTest, WebSocketsRunInsideTls) {
  Start();
  auto client = Client(RawClient::Tls::kYes);
  ASSERT_TRUE(client->connected());
  EXPECT_THAT(client->PeerSubject(), HasSubstr("CN=first"));
  ASSERT_TRUE(client->Upgrade("/socket/websocket?vsn=2.0.0",
                              {{"Origin", "https://localhost"}}));
  for (size_t size : {1u, 5'000u, 16'384u, 1'000'000u}) {
    client->SendText(std::string(size, 'a'));
    EXPECT_EQ(client->ReadFrame().payload, std::string(size, 'a'));
  }
  client->SendText("flood 2000 1000");
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(client->ReadFrame().payload.size(), 1000u);
  }
  client->SendFrame(0x88, "\x03\xe8");
  EXPECT_EQ(client->ReadCloseCode(), 1000u);
  EXPECT_TRUE(sockets_.Await("closed 1"));
}

TEST_F(TlsTest, FramesThatShareARecordAreAllRead) {
  Start();
  auto client = Client(RawClient::Tls::kYes);
  ASSERT_TRUE(client->Upgrade("/socket/websocket?vsn=2.0.0"));
  // One record: what is left of it is in no socket buffer.
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += std::string("\x81\x84\0\0\0\0", 6) + absl::StrCat(1000 + i);
  }
  client->Send(frames);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(client->ReadFrame().payload, absl::StrCat(1000 + i));
  }
}

TEST_F(TlsTest, ASlowConsumerGetsWholeRecordsAndItsClose) {
  limits_.socket_queue_bytes_max = 100'000;
  limits_.close_timeout_ms = 3'000;
  Start();
  RawClient slow(listener_->port(), RawClient::Tls::kYes, 4096);
  ASSERT_TRUE(slow.Upgrade("/socket/websocket?vsn=2.0.0"));
  slow.SendText("flood 2000 10000");
  ASSERT_TRUE(sockets_.Await("closed 1"));
  RawClient::Frame frame;
  while ((frame = slow.ReadFrame()).first == 0x82) {
    ASSERT_EQ(frame.payload, std::string(10000, 'x'));
  }
  EXPECT_EQ(frame.first, 0x88);
  EXPECT_EQ(frame.payload, "\x03\xf0");
}

TEST_F(TlsTest, AClientInTheClearIsDropped) {
  limits_.request_timeout_ms = 300;
  Start();
  auto client = Client();
  client->Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client->ReadToEnd(), RawClient::End::kTimeout);
  auto silent = Client();
  EXPECT_NE(silent->ReadToEnd(), RawClient::End::kTimeout);
}

TEST_F(TlsTest, ANewCertificateIsTakenABrokenOneIsNot) {
  Start();
  auto old = Client(RawClient::Tls::kYes);
  ASSERT_TRUE(old->Upgrade("/socket/websocket?vsn=2.0.0"));

  std::ofstream(key_) << "no key";
  for (int i = 0; i < 500 && Count(metrics_.tls_reload_errors) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GE(Count(metrics_.tls_reload_errors), 1);
  EXPECT_THAT(Client(RawClient::Tls::kYes)->PeerSubject(),
              HasSubstr("CN=first"));

  WritePair(directory_, "second");
  for (int i = 0; i < 500 && Count(metrics_.tls_reloads) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::string subject;
  for (int i = 0; i < 100 && subject.find("second") == std::string::npos; ++i) {
    subject = Client(RawClient::Tls::kYes)->PeerSubject();
  }
  EXPECT_THAT(subject, HasSubstr("CN=second"));
  // Open connections do not notice.
  old->SendText("hello");
  EXPECT_EQ(old->ReadFrame().payload, "hello");
}

TEST_F(TlsTest, UnusableFilesAreRefusedWithAReason) {
  EXPECT_TRUE(LoadTls(certificate_, key_).ok());
  EXPECT_THAT(LoadTls("/none", key_).status().message(),
              HasSubstr("cannot use /none"));
  EXPECT_FALSE(LoadTls(certificate_, certificate_).ok());
  const fs::path other = directory_ / "other";
  fs::create_directories(other);
  WritePair(other, "other");
  EXPECT_THAT(
      LoadTls(certificate_, (other / "tls.key").string()).status().message(),
      HasSubstr("cannot use"));
}

TEST_F(TlsTest, ChangesOfFilesAreSeenThroughLinks) {
  const fs::path one = directory_ / "one";
  const fs::path two = directory_ / "two";
  for (const fs::path& directory : {one, two}) {
    fs::create_directories(directory);
    WritePair(directory, directory.filename().string());
  }
  const fs::path link = directory_ / "current";
  fs::remove(link);
  fs::create_directory_symlink(one, link);
  TlsFiles files((link / "tls.crt").string(), (link / "tls.key").string());
  EXPECT_TRUE(files.Changed());
  ASSERT_TRUE(files.Load().ok());
  EXPECT_FALSE(files.Changed());
  fs::remove(link);
  fs::create_directory_symlink(two, link);
  EXPECT_TRUE(files.Changed());
}

}  // namespace
}  // namespace aerie::edge
