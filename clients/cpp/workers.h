#ifndef AERIE_CLIENTS_CPP_WORKERS_H_
#define AERIE_CLIENTS_CPP_WORKERS_H_

#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"

namespace aerie::client {

// The threads on which callbacks run. There are as many as were asked for, and
// more (up to limits::kThreadsMax) while all of them are inside of callbacks
// that take long: channels never wait for each other. Any thread.
class Workers {
 public:
  using Task = absl::AnyInvocable<void()>;

  // 0: as many as the machine has cores.
  explicit Workers(size_t threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Without waiting for the threads: it may be one of them.
  ~Workers();

  // Dropped after Stop.
  void Post(Task task);

  // Does what waits, and waits for the threads; one that hangs in a callback is
  // left alone after 2 s.
  void Stop();

 private:
  struct State;

  void Close();

  const std::shared_ptr<State> state_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_WORKERS_H_
