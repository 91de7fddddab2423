#include "edge/transport/poller.h"

#include <sys/epoll.h>

#include <array>
#include <boost/asio/error.hpp>

namespace aerie::edge {
namespace {

// As many as one turn takes; others wait for the next.
constexpr int kEventsPerTurn = 128;

epoll_event Interest(Poller::Entry& entry, bool writes) {
  epoll_event interest = {};
  interest.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  if (writes) interest.events |= EPOLLOUT;
  interest.data.ptr = &entry;
  return interest;
}

}  // namespace

// Like the context itself it throws where there is no descriptor for it.
Poller::Poller(boost::asio::io_context& context)
    : descriptor_(context.get_executor(), epoll_create1(EPOLL_CLOEXEC)) {}

void Poller::Start() { Wait(); }

bool Poller::Watch(int fd, Entry& entry) {
  epoll_event interest = Interest(entry, /*writes=*/false);
  return epoll_ctl(epoll(), EPOLL_CTL_ADD, fd, &interest) == 0;
}

void Poller::WatchAnew(int fd, Entry& entry, bool writes) {
  epoll_event interest = Interest(entry, writes);
  epoll_ctl(epoll(), EPOLL_CTL_MOD, fd, &interest);
}

void Poller::Wait() {
  descriptor_.async_wait(decltype(descriptor_)::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (error) return;
                           Poll();
                           Wait();
                         });
}

void Poller::Poll() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = epoll_wait(epoll(), events.data(), kEventsPerTurn, 0);
  for (int i = 0; i < count; ++i) {
    static_cast<Entry*>(events[i].data.ptr)->OnReady(events[i].events);
  }
}

}  // namespace aerie::edge
