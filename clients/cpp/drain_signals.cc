#include "clients/cpp/drain_signals.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace aerie::client {
namespace {

constexpr uint64_t kSignal = 1;
constexpr uint64_t kEnd = uint64_t{1} << 32;

int g_events = -1;
struct sigaction g_term_before;
struct sigaction g_int_before;

void Restore() {
  sigaction(SIGTERM, &g_term_before, nullptr);
  sigaction(SIGINT, &g_int_before, nullptr);
}

// Only what is allowed inside of a signal.
void OnSignal(int) {
  const int error = errno;
  Restore();
  [[maybe_unused]] const ssize_t written =
      write(g_events, &kSignal, sizeof(kSignal));
  errno = error;
}

}  // namespace

DrainSignals::DrainSignals(std::function<void()> drain) {
  g_events = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([drain = std::move(drain)] {
    uint64_t seen = 0;
    while (seen < kEnd) {
      uint64_t value = 0;
      if (read(g_events, &value, sizeof(value)) < 0 && errno != EINTR) return;
      if (value % kEnd > 0) drain();
      seen += value;
    }
  });
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigaction(SIGTERM, &action, &g_term_before);
  sigaction(SIGINT, &action, &g_int_before);
}

DrainSignals::~DrainSignals() {
  Restore();
  [[maybe_unused]] const ssize_t written = write(g_events, &kEnd, sizeof(kEnd));
  thread_.join();
  close(g_events);
}

}  // namespace aerie::client
