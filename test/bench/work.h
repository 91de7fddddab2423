#ifndef AERIE_TEST_BENCH_WORK_H_
#define AERIE_TEST_BENCH_WORK_H_

#include <cstdint>
#include <memory>

namespace aerie::bench {

// A fixed amount of work of one part of the product: no threads, no network,
// no clock, so that it takes the same instructions each time. Its main
// (work.cc) prepares it, runs it once so that all has grown that grows, and
// runs it again in a function of its own, MeasuredRun, which is what
// test/bench/budgets counts.
class Work {
 public:
  virtual ~Work() = default;
  virtual void Run() = 0;
};

// Of each program.
std::unique_ptr<Work> MakeWork();

// Ends the program: what was measured is not what was meant.
[[noreturn]] void Wrong(const char* what);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_WORK_H_
