#include "common/process.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/log.h"

namespace aerie {
namespace {

// What the signal handler may touch: it runs between any two instructions.
std::atomic<int> g_signal{0};
std::atomic<int> g_wake_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void Wake() {
  const uint64_t one = 1;
  // A full counter wakes as well, so the result says nothing.
  [[maybe_unused]] const ssize_t written =
      write(g_wake_fd.load(), &one, sizeof(one));
}

void OnSignal(int signal) {
  const int saved_errno = errno;
  int none = 0;
  if (!g_signal.compare_exchange_strong(none, signal)) _exit(128 + signal);
  Wake();
  errno = saved_errno;
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

uint64_t RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    log::Warning("file limit unknown", {{"reason", std::strerror(errno)}});
    return 0;
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    log::Warning("file limit not raised", {{"limit", before},
                                           {"wanted", limit.rlim_max},
                                           {"reason", std::strerror(errno)}});
    return before;
  }
  log::Info("file limit", {{"limit", limit.rlim_cur}, {"before", before}});
  return limit.rlim_cur;
}

StopSignal::StopSignal() {
  g_signal = 0;
  g_wake_fd = eventfd(0, EFD_CLOEXEC);
  Handle(SIGPIPE, SIG_IGN);
  Handle(SIGTERM, &OnSignal);
  Handle(SIGINT, &OnSignal);
}

StopSignal::~StopSignal() {
  Handle(SIGTERM, SIG_DFL);
  Handle(SIGINT, SIG_DFL);
  close(g_wake_fd.exchange(-1));
}

int StopSignal::Wait() {
  uint64_t count;
  while (read(g_wake_fd, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
  return g_signal;
}

void StopSignal::Request() { Wake(); }

}  // namespace aerie
