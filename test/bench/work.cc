#include "test/bench/work.h"

#include <cstdlib>
#include <iostream>

namespace aerie::bench {

void Wrong(const char* what) {
  std::cerr << what << "\n";
  std::exit(EXIT_FAILURE);
}

}  // namespace aerie::bench

// By this name callgrind knows what to count.
extern "C" [[gnu::noinline]] void MeasuredRun(aerie::bench::Work& work) {
  work.Run();
}

int main() {
  const std::unique_ptr<aerie::bench::Work> work = aerie::bench::MakeWork();
  work->Run();
  MeasuredRun(*work);
  return EXIT_SUCCESS;
}
