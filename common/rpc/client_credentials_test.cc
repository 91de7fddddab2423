#include "common/rpc/client_credentials.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "common/testing/certificates.h"
#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

using Code = absl::StatusCode;

std::string WriteFile(const std::string& text) {
  std::string file = ::testing::TempDir() + "/client_token";
  std::ofstream(file) << text;
  return file;
}

TEST(ClientCredentialsTest, ATokenIsReadAsItIsNow) {
  ClientCredentialOptions options;
  EXPECT_EQ(*ReadToken(options), "");
  options.token_file = WriteFile(" first\n");
  EXPECT_EQ(*ReadToken(options), "first");
  WriteFile("second");
  EXPECT_EQ(*ReadToken(options), "second");
  WriteFile("one\ntwo");
  EXPECT_EQ(ReadToken(options).status().code(), Code::kInvalidArgument);
  for (const char* text : {"two\nlines", "caf\xc3\xa9"}) {
    WriteFile(text);
    EXPECT_EQ(ReadToken(options).status().code(), Code::kInvalidArgument);
  }
  options.token_file = "/nonexistent/token";
  EXPECT_EQ(ReadToken(options).status().code(), Code::kNotFound);
}

TEST(ClientCredentialsTest, AVariableCanHoldAToken) {
  ClientCredentialOptions options;
  options.token_env = "AERIE_TEST_CLIENT_TOKEN";
  EXPECT_EQ(CheckClientToken(options).code(), Code::kNotFound);
  setenv("AERIE_TEST_CLIENT_TOKEN", "t", 1);
  EXPECT_EQ(*ReadToken(options), "t");
  options.token_file = WriteFile("t");
  EXPECT_EQ(CheckClientToken(options).code(), Code::kInvalidArgument);
}

TEST(ClientCredentialsTest, WhatDoesNotBelongTogetherIsSaid) {
  ClientCredentialOptions options;
  EXPECT_TRUE(CheckClientTls(options).ok());
  options.server_name = "broker";
  EXPECT_EQ(CheckClientTls(options).code(), Code::kInvalidArgument);
  options.tls = true;
  EXPECT_TRUE(CheckClientTls(options).ok());
  options.certificate_file = WriteFile("x");
  EXPECT_EQ(CheckClientTls(options).code(), Code::kInvalidArgument);
  options.key_file = "/nonexistent/key";
  EXPECT_EQ(CheckClientTls(options).code(), Code::kNotFound);
}

TEST(ClientCredentialsTest, WhatIsNoCertificateIsSaid) {
  const testing::CertificateFiles files = testing::WriteCertificate(
      ::testing::TempDir() + "/client_credentials", "edge.test");
  ClientCredentialOptions options;
  options.tls = true;
  options.ca_file = files.certificate;
  options.certificate_file = files.certificate;
  options.key_file = files.key;
  EXPECT_TRUE(CheckClientTls(options).ok());
  options.ca_file = WriteFile("x");
  EXPECT_EQ(CheckClientTls(options).code(), Code::kInvalidArgument);
  options.ca_file = "";
  options.key_file = WriteFile("x");
  EXPECT_EQ(CheckClientTls(options).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace aerie::rpc
