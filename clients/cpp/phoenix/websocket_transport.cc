#include "clients/cpp/phoenix/websocket_transport.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/ssl.hpp"
#include "boost/beast/websocket.hpp"
#include "boost/beast/websocket/ssl.hpp"
#include "clients/cpp/phoenix/tls.h"

namespace aerie::client::phx {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

using ErrorCode = boost::system::error_code;
using Address = asio::ip::tcp::endpoint;
using Addresses = asio::ip::tcp::resolver::results_type;
using Tcp = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

absl::Status Broken(absl::string_view what, const ErrorCode& error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", error.message()));
}

absl::Status Refused(int status) {
  const std::string text = absl::StrCat("the upgrade was answered ", status);
  return status == 401 || status == 403 ? absl::PermissionDeniedError(text)
                                        : absl::UnavailableError(text);
}

// A connection over TCP or TLS. Keeps itself alive while anything is under way;
// its transport may go before. Handlers after the end do nothing.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(asio::io_context& context, std::shared_ptr<asio::ssl::context> tls,
          const Limits& limits, ConnectRequest request,
          Transport::Listener& listener)
      : tls_(std::move(tls)),
        limits_(limits),
        request_(std::move(request)),
        listener_(&listener),
        resolver_(context),
        timer_(context),
        stream_(Make(context, tls_)) {}

  void Start(const std::string& server_name) {
    SetTimeout(limits_.connect_timeout_ms, "no connection in time");
    if constexpr (std::is_same_v<Stream, Tls>) {
      const absl::Status status =
          ExpectHost(server_name, stream_.next_layer().native_handle());
      if (!status.ok()) return FailLater(status);
    }
    resolver_.async_resolve(
        request_.endpoint.host, request_.endpoint.port,
        Guard([this](const ErrorCode& error, const Addresses& addresses) {
          if (error) return Fail(Broken("no such host", error));
          Connect(addresses);
        }));
  }

  bool Send(phoenix::Frame frame) {
    const size_t bytes = queued_bytes_ + frame.bytes->size();
    if (bytes > limits_.send_bytes_max) return false;
    queued_bytes_ = bytes;
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) Write();
    return true;
  }

  void Close(uint16_t code, const std::string& reason) {
    if (!open_) {
      return FailLater(absl::CancelledError("closed before it was open"));
    }
    SetTimeout(limits_.close_timeout_ms, "no answer to close");
    goodbye_ = std::make_unique<websocket::close_reason>(
        static_cast<websocket::close_code>(code), reason);
    if (queue_.empty()) SayGoodbye();
  }

  // Nobody listens any more.
  void Drop() {
    listener_ = nullptr;
    timer_.cancel();
    resolver_.cancel();
    ErrorCode ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

  // Ends it in a turn of its own.
  void FailLater(absl::Status status) {
    asio::post(stream_.get_executor(),
               Guard([this, status = std::move(status)] { Fail(status); }));
  }

 private:
  static websocket::stream<Stream> Make(
      asio::io_context& context,
      const std::shared_ptr<asio::ssl::context>& tls) {
    if constexpr (std::is_same_v<Stream, Tls>) {
      return websocket::stream<Stream>(context, *tls);
    } else {
      return websocket::stream<Stream>(context);
    }
  }

  // A handler that keeps the session, and is not called when it has ended.
  template <typename Handler>
  auto Guard(Handler handler) {
    return
        [self = this->shared_from_this(),
         handler = std::move(handler)](auto&&... args) mutable
        -> std::enable_if_t<std::is_invocable_v<Handler&, decltype(args)...>> {
          if (self->listener_ != nullptr) {
            handler(std::forward<decltype(args)>(args)...);
          }
        };
  }

  void Connect(const Addresses& addresses) {
    beast::get_lowest_layer(stream_).async_connect(
        addresses, Guard([this](const ErrorCode& error, const Address&) {
          if (error) return Fail(Broken("cannot connect", error));
          ErrorCode ignored;
          beast::get_lowest_layer(stream_).socket().set_option(
              asio::ip::tcp::no_delay(true), ignored);
          if constexpr (std::is_same_v<Stream, Tls>) {
            stream_.next_layer().async_handshake(
                asio::ssl::stream_base::client,
                Guard([this](const ErrorCode& refused) {
                  if (refused) return Fail(Broken("tls", refused));
                  Upgrade();
                }));
          } else {
            Upgrade();
          }
        }));
  }

  void Upgrade() {
    stream_.set_option(websocket::stream_base::decorator(
        [subprotocols =
             request_.subprotocols](websocket::request_type& request) {
          request.set(http::field::user_agent, "aerie-cpp");
          if (!subprotocols.empty()) {
            request.set(http::field::sec_websocket_protocol, subprotocols);
          }
        }));
    stream_.read_message_max(limits_.received_bytes_max);
    stream_.auto_fragment(false);
    stream_.async_handshake(
        answer_, request_.endpoint.Authority(), request_.target,
        Guard([this](const ErrorCode& error) {
          if (error == websocket::error::upgrade_declined) {
            return Fail(Refused(answer_.result_int()));
          }
          if (error) return Fail(Broken("upgrade", error));
          timer_.expires_at(asio::steady_timer::time_point::max());
          open_ = true;
          Read();
          listener_->Opened();
        }));
  }

  void Read() {
    stream_.async_read(
        buffer_, Guard([this](const ErrorCode& error, size_t) {
          if (error == websocket::error::closed) return Closed();
          if (error) return Fail(Broken("connection lost", error));
          const auto bytes = buffer_.data();
          listener_->Received(
              stream_.got_text() ? phoenix::Opcode::kText
                                 : phoenix::Opcode::kBinary,
              {static_cast<const char*>(bytes.data()), bytes.size()});
          if (listener_ == nullptr) return;
          buffer_.consume(buffer_.size());
          Read();
        }));
  }

  void Write() {
    const phoenix::Frame& frame = queue_.front();
    stream_.binary(frame.opcode == phoenix::Opcode::kBinary);
    stream_.async_write(asio::buffer(*frame.bytes),
                        Guard([this](const ErrorCode& error, size_t) {
                          if (error) return;  // The reader hears why.
                          queued_bytes_ -= queue_.front().bytes->size();
                          queue_.pop_front();
                          if (!queue_.empty()) {
                            Write();
                          } else if (goodbye_ != nullptr) {
                            SayGoodbye();
                          }
                        }));
  }

  // The reader hears the answer.
  void SayGoodbye() {
    stream_.async_close(*goodbye_, Guard([this](const ErrorCode& error) {
      if (!error) Closed();
    }));
  }

  void SetTimeout(int64_t ms, const char* what) {
    timer_.expires_after(std::chrono::milliseconds(ms));
    timer_.async_wait(Guard([this, what](const ErrorCode& error) {
      // One that is due may have been set anew since.
      if (error || timer_.expiry() > std::chrono::steady_clock::now()) return;
      Fail(absl::DeadlineExceededError(what));
    }));
  }

  void Closed() {
    const websocket::close_reason& reason = stream_.reason();
    const auto code = static_cast<uint16_t>(reason.code);
    End({.code = code == 0 ? kCloseNoCode : code,
         .reason = std::string(reason.reason.data(), reason.reason.size())});
  }

  void Fail(const absl::Status& status) {
    End({.code = kCloseAbnormal, .reason = {}, .error = status});
  }

  void End(const CloseEvent& event) {
    Transport::Listener* const listener = listener_;
    Drop();
    listener->Closed(event);
  }

  const std::shared_ptr<asio::ssl::context> tls_;
  const Limits limits_;
  const ConnectRequest request_;
  Transport::Listener* listener_;  // Null: it has ended, or was dropped.
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  websocket::stream<Stream> stream_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  bool open_ = false;
  std::deque<phoenix::Frame> queue_;  // The first is being written.
  size_t queued_bytes_ = 0;
  std::unique_ptr<websocket::close_reason> goodbye_;  // To be said.
};

// What a socket holds of a session.
template <typename Stream>
class WebSocketTransport final : public Transport {
 public:
  explicit WebSocketTransport(std::shared_ptr<Session<Stream>> session)
      : session_(std::move(session)) {}
  ~WebSocketTransport() override { session_->Drop(); }

  bool Send(phoenix::Frame frame) override {
    return session_->Send(std::move(frame));
  }
  void Close(uint16_t code, const std::string& reason) override {
    session_->Close(code, reason);
  }

 private:
  const std::shared_ptr<Session<Stream>> session_;
};

}  // namespace

TransportFactory WebSocketTransports(asio::io_context& context, TlsOptions tls,
                                     const Limits& limits) {
  return [&context, tls = std::move(tls), limits](
             const ConnectRequest& request,
             Transport::Listener& listener) -> std::unique_ptr<Transport> {
    if (!request.endpoint.tls) {
      auto session = std::make_shared<Session<Tcp>>(context, nullptr, limits,
                                                    request, listener);
      session->Start(request.endpoint.host);
      return std::make_unique<WebSocketTransport<Tcp>>(std::move(session));
    }
    auto loaded = ClientTls(tls);
    // One that is of no use still makes a session, which says so.
    auto session = std::make_shared<Session<Tls>>(
        context,
        loaded.ok() ? *loaded
                    : std::make_shared<asio::ssl::context>(
                          asio::ssl::context::tls_client),
        limits, request, listener);
    if (loaded.ok()) {
      session->Start(tls.server_name.empty() ? request.endpoint.host
                                             : tls.server_name);
    } else {
      session->FailLater(loaded.status());
    }
    return std::make_unique<WebSocketTransport<Tls>>(std::move(session));
  };
}

}  // namespace aerie::client::phx
