#ifndef AERIE_CLIENTS_CPP_PHOENIX_ASIO_TIMERS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_ASIO_TIMERS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "clients/cpp/phoenix/timers.h"

namespace aerie::client::phx {

// Timers of an io_context, whose thread is theirs.
class AsioTimers final : public Timers {
 public:
  explicit AsioTimers(boost::asio::io_context& context) : context_(context) {}

  Id Start(int64_t ms, std::function<void()> fire) override;
  void Cancel(Id id) override { pending_->erase(id); }

 private:
  struct Timer {
    explicit Timer(boost::asio::io_context& context) : timer(context) {}

    boost::asio::steady_timer timer;
    std::function<void()> fire;
  };
  using Pending = absl::flat_hash_map<Id, std::unique_ptr<Timer>>;

  boost::asio::io_context& context_;
  Id last_id_ = 0;
  // Those whose end is still under way find it gone.
  const std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_ASIO_TIMERS_H_
