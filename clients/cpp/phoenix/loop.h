#ifndef AERIE_CLIENTS_CPP_PHOENIX_LOOP_H_
#define AERIE_CLIENTS_CPP_PHOENIX_LOOP_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>

#include "absl/status/status.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"

namespace aerie::client::phx {

// A thread on which Phoenix clients live: one or many. Any thread; not
// destroyed on its own.
class Loop {
 public:
  // `posted_max`: turns that may wait.
  explicit Loop(size_t posted_max);
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // What has not run is dropped.
  ~Loop();

  // Runs `turn` on the thread, behind what was posted before.
  // RESOURCE_EXHAUSTED, and it does not run, when too many wait.
  absl::Status Post(std::function<void()> turn);
  // The same, waiting until it has run; at once on the thread itself. Never
  // refused.
  void Run(const std::function<void()>& turn);

  bool InThread() const {
    return thread_.get_id() == std::this_thread::get_id();
  }
  boost::asio::io_context& context() { return context_; }

 private:
  const size_t posted_max_;
  std::atomic<size_t> posted_{0};
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_LOOP_H_
