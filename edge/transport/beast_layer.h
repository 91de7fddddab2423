#ifndef AERIE_EDGE_TRANSPORT_BEAST_LAYER_H_
#define AERIE_EDGE_TRANSPORT_BEAST_LAYER_H_

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <cstddef>
#include <string>
#include <utility>

#include "edge/transport/wire.h"

namespace aerie::edge {

// What lies beneath Beast's WebSocket stream: a Wire to read from, and someone
// who queues what Beast writes among our own frames. Include it in one .cc
// only: each use of Beast's stream costs many seconds to compile.
class BeastLayer {
 public:
  class Owner {
   public:
    virtual Wire::Result ReadForBeast(char* data, size_t size) = 0;
    virtual Wire& WireForBeast() = 0;
    // A control frame, or a part of the response to the handshake.
    virtual void WriteForBeast(std::string bytes) = 0;

   protected:
    ~Owner() = default;
  };

  using executor_type = Executor;

  BeastLayer(Owner& owner, const Executor& executor)
      : owner_(&owner), executor_(executor) {}

  executor_type get_executor() const noexcept { return executor_; }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    ReadOperation<std::decay_t<Handler>>(
        *this, *boost::asio::buffer_sequence_begin(buffers),
        std::forward<Handler>(handler))
        .Wait();
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    const size_t size = Take(buffers);
    boost::asio::post(executor_, boost::beast::bind_front_handler(
                                     std::forward<Handler>(handler),
                                     boost::system::error_code(), size));
  }

  // Beast's handshake writes this way, and reads nothing.
  template <typename Buffers>
  size_t write_some(const Buffers& buffers) {
    return Take(buffers);
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    error = {};
    return Take(buffers);
  }
  template <typename Buffers>
  size_t read_some(const Buffers&) {
    return 0;
  }
  template <typename Buffers>
  size_t read_some(const Buffers&, boost::system::error_code& error) {
    error = boost::asio::error::operation_not_supported;
    return 0;
  }

 private:
  template <typename Handler>
  class ReadOperation;

  template <typename Buffers>
  size_t Take(const Buffers& buffers) {
    std::string bytes = boost::beast::buffers_to_string(buffers);
    const size_t size = bytes.size();
    owner_->WriteForBeast(std::move(bytes));
    return size;
  }

  Owner* owner_;
  Executor executor_;
};

// Waits, reads once, and tells. Shares executor and allocator with its handler.
template <typename Handler>
class BeastLayer::ReadOperation {
 public:
  using executor_type =
      boost::asio::associated_executor_t<Handler, edge::Executor>;
  using allocator_type = boost::asio::associated_allocator_t<Handler>;

  ReadOperation(BeastLayer& layer, boost::asio::mutable_buffer buffer,
                Handler handler)
      : owner_(layer.owner_),
        executor_(layer.executor_),
        buffer_(buffer),
        handler_(std::move(handler)) {}

  executor_type get_executor() const noexcept {
    return boost::asio::get_associated_executor(handler_, executor_);
  }
  allocator_type get_allocator() const noexcept {
    return boost::asio::get_associated_allocator(handler_);
  }

  void Wait() { owner_->WireForBeast().WaitToRead(std::move(*this)); }

  void operator()(boost::system::error_code error) {
    Wire::Result result{Wire::Result::kBroken};
    if (!error) {
      result = owner_->ReadForBeast(static_cast<char*>(buffer_.data()),
                                    buffer_.size());
    }
    switch (result.kind) {
      case Wire::Result::kDone:
        return handler_(error, result.bytes);
      case Wire::Result::kWouldBlock:
        return Wait();
      case Wire::Result::kEnd:
        return handler_(boost::asio::error::eof, 0);
      case Wire::Result::kBroken:
        return handler_(error ? error : boost::asio::error::connection_reset,
                        0);
    }
  }

 private:
  Owner* owner_;
  edge::Executor executor_;
  boost::asio::mutable_buffer buffer_;
  Handler handler_;
};

// Beast asks for these when it is done with a connection. Its owner knows
// better when to close it.
template <typename Handler>
void async_teardown(boost::beast::role_type, BeastLayer& layer,
                    Handler&& handler) {
  boost::asio::post(layer.get_executor(), boost::beast::bind_front_handler(
                                              std::forward<Handler>(handler),
                                              boost::system::error_code()));
}
inline void teardown(boost::beast::role_type, BeastLayer&,
                     boost::system::error_code& error) {
  error = {};
}
inline void beast_close_socket(BeastLayer&) {}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_BEAST_LAYER_H_
