#include "common/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "gtest/gtest.h"

namespace aerie {
namespace {

TEST(ProcessTest, TheSoftFileLimitBecomesTheHardOne) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GT(limit.rlim_max, 64);
  const rlimit low = {64, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(RaiseFileLimit(), limit.rlim_max);
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST(StopSignalTest, TheFirstSignalEndsTheWait) {
  for (const int signal : {SIGTERM, SIGINT}) {
    StopSignal stop;
    raise(signal);
    EXPECT_EQ(stop.Wait(), signal);
  }
}

TEST(StopSignalTest, ARequestEndsTheWaitToo) {
  StopSignal stop;
  stop.Request();
  EXPECT_EQ(stop.Wait(), 0);
}

TEST(StopSignalDeathTest, TheSecondSignalEndsTheProcess) {
  const auto signalled_twice = [] {
    StopSignal stop;
    raise(SIGTERM);
    stop.Wait();
    raise(SIGINT);
    _exit(0);
  };
  EXPECT_EXIT(signalled_twice(), testing::ExitedWithCode(128 + SIGINT), "");
}

TEST(StopSignalTest, AClosedPipeIsAnErrorAndNotADeath) {
  StopSignal stop;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

}  // namespace
}  // namespace aerie
