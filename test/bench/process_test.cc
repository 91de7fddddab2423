#include "test/bench/process.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace aerie::bench {
namespace {

TEST(ProcessTest, WorkIsSeenInTheProcessorTime) {
  const int64_t before = CpuNs(getpid()).value();
  volatile uint64_t sum = 0;
  while (CpuNs(getpid()).value() < before + 1'000'000) sum = sum + 1;
  EXPECT_GT(sum, 0u);
}

TEST(ProcessTest, TheKernelsPartIsNotMoreThanTheWhole) {
  const int64_t system = SystemCpuNs(getpid()).value();
  EXPECT_GE(system, 0);
  // A tick may be counted early.
  EXPECT_LE(system, CpuNs(getpid()).value() + 20'000'000);
}

TEST(ProcessTest, TouchedMemoryIsSeen) {
  const int64_t before = PssBytes(getpid()).value();
  constexpr size_t kSize = 32 << 20;
  const std::string block(kSize, 'x');
  EXPECT_GT(PssBytes(getpid()).value(), before + int64_t{kSize} / 2);
  EXPECT_EQ(block.back(), 'x');
}

TEST(ProcessTest, AProcessThatIsNotThereIsAnError) {
  constexpr pid_t kNobody = 1 << 22;  // The largest that the kernel gives is 1
                                      // less.
  EXPECT_FALSE(CpuNs(kNobody).ok());
  EXPECT_FALSE(SystemCpuNs(kNobody).ok());
  EXPECT_FALSE(PssBytes(kNobody).ok());
}

}  // namespace
}  // namespace aerie::bench
