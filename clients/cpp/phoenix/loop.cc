#include "clients/cpp/phoenix/loop.h"

#include <future>
#include <utility>

#include "boost/asio/post.hpp"
#include "clients/cpp/phoenix/limits.h"

namespace aerie::client::phx {

Loop::Loop() : Loop(Limits{}.posted_max) {}

Loop::Loop(size_t posted_max)
    : posted_max_(posted_max), thread_([this] { context_.run(); }) {}

Loop::~Loop() {
  work_.reset();
  context_.stop();
  thread_.join();
}

absl::Status Loop::Post(std::function<void()> turn) {
  if (posted_.fetch_add(1) >= posted_max_) {
    posted_.fetch_sub(1);
    return absl::ResourceExhaustedError("too much waits for the client");
  }
  boost::asio::post(context_, [this, turn = std::move(turn)] {
    posted_.fetch_sub(1);
    turn();
  });
  return absl::OkStatus();
}

void Loop::Run(const std::function<void()>& turn) {
  if (InThread()) return turn();
  std::promise<void> done;
  boost::asio::post(context_, [&turn, &done] {
    turn();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace aerie::client::phx
