#include "common/rpc/tls_files.h"

#include <fstream>
#include <iterator>
#include <string>

#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

using Code = absl::StatusCode;
using testing::CertificateFiles;
using ::testing::HasSubstr;
using testing::WriteCertificate;

std::string Path(const std::string& name) {
  return ::testing::TempDir() + "/tls_files_" + name;
}

std::string WriteFile(const std::string& name, const std::string& text) {
  std::ofstream(Path(name), std::ios::binary) << text;
  return Path(name);
}

std::string Text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TlsFilesTest : public ::testing::Test {
 protected:
  static absl::Status Pair(const std::string& certificate,
                           const std::string& key) {
    return ReadTls({certificate, key, {}}).status();
  }
  static absl::Status Authorities(const std::string& file) {
    return ReadTls({{}, {}, file}).status();
  }

  const CertificateFiles one_ = WriteCertificate(Path("one"), "one.test");
  const CertificateFiles two_ = WriteCertificate(Path("two"), "two.test");
  const std::string text_ = WriteFile("text", "no PEM\n");
  const std::string empty_ = WriteFile("empty", "");
};

TEST_F(TlsFilesTest, WhatCanBeUsedIsReadAsItIs) {
  const absl::StatusOr<TlsPem> pem =
      ReadTls({one_.certificate, one_.key, two_.certificate});
  ASSERT_TRUE(pem.ok()) << pem.status();
  EXPECT_EQ(pem->certificate, Text(one_.certificate));
  EXPECT_EQ(pem->key, Text(one_.key));
  EXPECT_EQ(pem->authorities, Text(two_.certificate));
  EXPECT_TRUE(ReadTls({}).ok());
}

TEST_F(TlsFilesTest, ACertificateAndItsKeyAreAPair) {
  const absl::Status mixed = Pair(one_.certificate, two_.key);
  EXPECT_EQ(mixed.code(), Code::kInvalidArgument);
  EXPECT_THAT(std::string(mixed.message()),
              HasSubstr("cannot use " + two_.key + ": "));
  // The first of a chain is whose key it is.
  const std::string chain = WriteFile(
      "chain", Text(one_.certificate) + "\n" + Text(two_.certificate));
  EXPECT_TRUE(Pair(chain, one_.key).ok());
  EXPECT_FALSE(Pair(chain, two_.key).ok());
}

TEST_F(TlsFilesTest, WhatCannotBeUsedIsNamed) {
  for (const std::string& file :
       {text_, empty_, WriteFile("half", Text(one_.key).substr(0, 100)),
        WriteFile("odd", Text(one_.certificate).substr(0, 300))}) {
    EXPECT_EQ(Pair(file, one_.key).code(), Code::kInvalidArgument);
    EXPECT_THAT(std::string(Pair(file, one_.key).message()),
                HasSubstr("cannot use " + file + ": "));
    EXPECT_THAT(std::string(Pair(one_.certificate, file).message()),
                HasSubstr("cannot use " + file + ": "));
    EXPECT_THAT(std::string(Authorities(file).message()),
                HasSubstr("cannot use " + file + ": "));
  }
  EXPECT_EQ(Pair("/nonexistent/a", one_.key).code(), Code::kNotFound);
  EXPECT_EQ(Pair(one_.certificate, "/").code(), Code::kNotFound);
  EXPECT_EQ(Authorities("/nonexistent/a").code(), Code::kNotFound);
}

TEST_F(TlsFilesTest, AuthoritiesAreWholeCertificates) {
  const std::string both = Text(one_.certificate) + Text(two_.certificate);
  EXPECT_TRUE(Authorities(WriteFile("both", both)).ok());
  EXPECT_FALSE(
      Authorities(WriteFile("torn", both.substr(0, both.size() - 60))).ok());
  EXPECT_EQ(Authorities(one_.key).code(), Code::kInvalidArgument);
  EXPECT_EQ(
      Authorities(WriteFile("large", std::string((1 << 20) + 1, '\n'))).code(),
      Code::kInvalidArgument);
}

TEST_F(TlsFilesTest, TheSignatureDiffersOnceAFileHasChanged) {
  const TlsPem files = {one_.certificate, one_.key, two_.certificate};
  const std::string before = TlsSignature(files);
  EXPECT_EQ(TlsSignature(files), before);
  WriteFile("two.crt", Text(one_.certificate) + "\n");
  EXPECT_NE(TlsSignature(files), before);
  EXPECT_EQ(TlsSignature({}), "");
}

}  // namespace
}  // namespace aerie::rpc
