#ifndef AERIE_EDGE_TRANSPORT_POLLER_H_
#define AERIE_EDGE_TRANSPORT_POLLER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstdint>

namespace aerie::edge {

// Tells entries when their socket may be read or written, edge-triggered
// (epoll(7)): once for each change, so that a wait costs neither a system call
// nor memory. An io_context drives it. Lives on that one's thread.
class Poller {
 public:
  class Entry {
   public:
    // Some of EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR. No entry is
    // destroyed inside of this.
    virtual void OnReady(uint32_t events) = 0;

   protected:
    // Its socket is closed before.
    ~Entry() = default;
  };

  explicit Poller(boost::asio::io_context& context);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void Start();

  // Tells `entry` when there is something to read; with `writes` also when
  // there is room to write. What is so already is told, too. False without
  // memory. A socket that is closed is forgotten.
  bool Watch(int fd, Entry& entry);
  // The same for a socket that is watched, by this entry or another one.
  void WatchAnew(int fd, Entry& entry, bool writes);

 private:
  using Executor = boost::asio::io_context::executor_type;

  int epoll() { return descriptor_.native_handle(); }
  void Wait();
  void Poll();

  boost::asio::posix::basic_stream_descriptor<Executor> descriptor_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_POLLER_H_
