#ifndef AERIE_COMMON_PROCESS_H_
#define AERIE_COMMON_PROCESS_H_

#include <cstdint>

// What a process arranges with its kernel, once, at the start of main.
namespace aerie {

// Raises the soft limit of open files to the hard one and logs it. Returns the
// limit that holds now.
uint64_t RaiseFileLimit();

// SIGTERM, SIGINT, and the way to stop without them. The first signal ends
// Wait, the second one ends the process at once with status 128 + its number.
// SIGPIPE is ignored from the start: writes say EPIPE. One per process, made
// before other threads are, never destroyed before they end.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  // Blocks until there is a reason to stop: the signal's number, or 0 after
  // Request. The thread that calls it does nothing else.
  int Wait();

  // Ends Wait as a signal does. Any thread.
  void Request();
};

}  // namespace aerie

#endif  // AERIE_COMMON_PROCESS_H_
