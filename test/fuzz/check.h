#ifndef AERIE_TEST_FUZZ_CHECK_H_
#define AERIE_TEST_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace aerie::fuzz {

// Ends the process, which is how libFuzzer learns of a finding.
inline void Check(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

}  // namespace aerie::fuzz

#endif  // AERIE_TEST_FUZZ_CHECK_H_
