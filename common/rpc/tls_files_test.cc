#include "common/rpc/tls_files.h"

#include <fstream>
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

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() { std::ofstream(text_) << "no PEM\n"; }

  const CertificateFiles one_ = WriteCertificate(Path("one"), "one.test");
  const CertificateFiles two_ = WriteCertificate(Path("two"), "two.test");
  const std::string text_ = Path("text");
};

TEST_F(TlsFilesTest, ACertificateAndItsKeyAreAPair) {
  EXPECT_TRUE(CheckKeyPair(one_.certificate, one_.key).ok());
  const absl::Status mixed = CheckKeyPair(one_.certificate, two_.key);
  EXPECT_EQ(mixed.code(), Code::kInvalidArgument);
  EXPECT_THAT(std::string(mixed.message()),
              HasSubstr("cannot use " + two_.key));
}

TEST_F(TlsFilesTest, WhatCannotBeUsedIsNamed) {
  EXPECT_THAT(std::string(CheckKeyPair(text_, one_.key).message()),
              HasSubstr("cannot use " + text_));
  EXPECT_THAT(std::string(CheckKeyPair(one_.certificate, text_).message()),
              HasSubstr("cannot use " + text_));
  EXPECT_EQ(CheckKeyPair("/nonexistent/a", one_.key).code(), Code::kNotFound);
  EXPECT_EQ(CheckKeyPair(one_.certificate, "/").code(), Code::kNotFound);
}

TEST_F(TlsFilesTest, AnAuthorityIsACertificate) {
  EXPECT_TRUE(CheckAuthorities(one_.certificate).ok());
  EXPECT_EQ(CheckAuthorities(one_.key).code(), Code::kInvalidArgument);
  EXPECT_EQ(CheckAuthorities(text_).code(), Code::kInvalidArgument);
  EXPECT_EQ(CheckAuthorities("/nonexistent/a").code(), Code::kNotFound);
}

}  // namespace
}  // namespace aerie::rpc
