#include "common/file_signature.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "gtest/gtest.h"

namespace aerie {
namespace {

class FileSignatureTest : public testing::Test {
 protected:
  static void Write(const std::string& file, const std::string& text) {
    std::ofstream(file) << text;
  }

  const std::string file_ = testing::TempDir() + "/signed";
};

TEST_F(FileSignatureTest, StaysWhileTheFileDoes) {
  Write(file_, "one");
  EXPECT_EQ(FileSignature(file_), FileSignature(file_));
}

TEST_F(FileSignatureTest, ChangesWithTheFile) {
  Write(file_, "one");
  const std::string before = FileSignature(file_);
  Write(file_, "another");
  EXPECT_NE(FileSignature(file_), before);
}

TEST_F(FileSignatureTest, ChangesWhenALinkIsSwapped) {
  Write(file_ + ".1", "same");
  Write(file_ + ".2", "same");
  std::remove(file_.c_str());
  ASSERT_EQ(symlink((file_ + ".1").c_str(), file_.c_str()), 0);
  const std::string before = FileSignature(file_);
  ASSERT_EQ(symlink((file_ + ".2").c_str(), (file_ + ".new").c_str()), 0);
  ASSERT_EQ(std::rename((file_ + ".new").c_str(), file_.c_str()), 0);
  EXPECT_NE(FileSignature(file_), before);
}

TEST_F(FileSignatureTest, OfNoFileIsAbsent) {
  EXPECT_EQ(FileSignature("/nonexistent/file"), "absent");
}

}  // namespace
}  // namespace aerie
