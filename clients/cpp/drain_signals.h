#ifndef AERIE_CLIENTS_CPP_DRAIN_SIGNALS_H_
#define AERIE_CLIENTS_CPP_DRAIN_SIGNALS_H_

#include <functional>
#include <thread>

namespace aerie::client {

// SIGTERM and SIGINT, for as long as it lives: the first one calls `drain` on a
// thread of its own, the second one finds what was there before. One at a time
// per process.
class DrainSignals {
 public:
  explicit DrainSignals(std::function<void()> drain);
  DrainSignals(const DrainSignals&) = delete;
  DrainSignals& operator=(const DrainSignals&) = delete;
  ~DrainSignals();

 private:
  std::thread thread_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_DRAIN_SIGNALS_H_
