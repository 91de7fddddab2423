#include "common/admin.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"
#include "common/address.h"
#include "common/admin_pages.h"
#include "common/log.h"

namespace aerie {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr size_t kHeaderBytesMax = 8 << 10;
constexpr size_t kBodyBytesMax = 4 << 10;
// From the last answer, or the accept, to the end of the next request.
constexpr std::chrono::seconds kIdleTimeout(30);
constexpr std::chrono::seconds kWriteTimeout(10);
// Before accept is tried again when the process has no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause(100);

beast::string_view View(absl::string_view text) {
  return {text.data(), text.size()};
}
absl::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

// One connection of the admin port: reads a request, answers it, and begins
// again. Lives on the admin thread, owned by the server; `done` is called once,
// when it may be destroyed, and never while the section owes an answer.
class AdminConnection {
 public:
  AdminConnection(tcp::socket socket, const AdminPages& pages,
                  std::function<void()> done)
      : stream_(std::move(socket)), pages_(pages), done_(std::move(done)) {}

  // Whether it only waits for its peer's next request, and may be ended.
  bool silent() const { return reading_ && !ending_; }
  std::chrono::steady_clock::time_point silent_since() const {
    return silent_since_;
  }

  // The read that is under way fails.
  void End() {
    ending_ = true;
    stream_.close();
  }

  void Read() {
    reading_ = true;
    silent_since_ = std::chrono::steady_clock::now();
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    stream_.expires_after(kIdleTimeout);
    http::async_read(
        stream_, buffer_, *parser_,
        [this](beast::error_code error, size_t) { OnRead(error); });
  }

 private:
  void OnRead(beast::error_code error) {
    reading_ = false;
    if (ending_) return done_();
    if (!error) return OnRequest(parser_->get());
    const int status = Refusal(error);
    if (status == 0) return done_();
    Write({status, "text/plain; charset=utf-8",
           absl::StrCat(error.message(), "\n")},
          false, false);
  }

  void OnRequest(const http::request<http::string_body>& request) {
    const bool head = request.method() == http::verb::head;
    const bool keep_alive = request.keep_alive();
    AdminRequest asked = SplitTarget(View(request.target()));
    if (pages_.section == nullptr || !IsOf(*pages_.section, asked.path)) {
      return Write(
          Answer(pages_, View(request.method_string()), View(request.target())),
          head, keep_alive);
    }
    asked.method = View(request.method_string());
    asked.host = View(request[http::field::host]);
    pages_.section->Answer(asked, [this, head, keep_alive](AdminAnswer answer) {
      Write(std::move(answer), head, keep_alive);
    });
  }

  // The status for a request that could not be read; 0: nobody is listening.
  static int Refusal(beast::error_code error) {
    if (error == http::error::header_limit) return 431;
    if (error == http::error::body_limit) return 413;
    if (error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      return 0;
    }
    return error.category() ==
                   make_error_code(http::error::bad_method).category()
               ? 400
               : 0;
  }

  void Write(AdminAnswer answer, bool head, bool keep_alive) {
    response_ = {};
    response_.result(answer.status);
    response_.set(http::field::content_type, View(answer.content_type));
    response_.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : answer.headers) {
      response_.set(View(name), View(value));
    }
    response_.keep_alive(keep_alive);
    response_.content_length(answer.body.size());
    if (!head) response_.body() = std::move(answer.body);
    stream_.expires_after(kWriteTimeout);
    http::async_write(stream_, response_,
                      [this, keep_alive](beast::error_code error, size_t) {
                        if (error || !keep_alive) return Close();
                        Read();
                      });
  }

  void Close() {
    beast::error_code ignored;  // The peer may have gone first.
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    done_();
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{AdminServer::kRequestBytesMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  const AdminPages& pages_;
  std::function<void()> done_;
  bool reading_ = false;
  std::chrono::steady_clock::time_point silent_since_;
  bool ending_ = false;
};

}  // namespace

class AdminServer::Impl {
 public:
  explicit Impl(AdminPages pages) : pages_(std::move(pages)) {}

  ~Impl() {
    io_->stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start(const Address& address) {
    beast::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(address.host, error),
                                 address.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", address.ToString(), ": ", error.message()));
    }
    port_ = acceptor_.local_endpoint().port();
    Accept();
    if (pages_.section != nullptr) {
      // Shared, for those who post when the server is gone.
      pages_.section->Start([io = io_](absl::AnyInvocable<void()> task) {
        asio::post(*io, std::move(task));
      });
      Tick();
    }
    thread_ = std::thread([this] { io_->run(); });
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return AcceptLater(error);
      Open(std::move(socket));
      Accept();
    });
  }

  void AcceptLater(beast::error_code error) {
    log::Warning("admin accept failed", {{"reason", error.message()}});
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](beast::error_code) { Accept(); });
  }

  void Tick() {
    tick_.expires_after(kTick);
    tick_.async_wait([this](beast::error_code) {
      pages_.section->Tick();
      Tick();
    });
  }

  // Ends the connection that has been silent for the longest time, if one is.
  bool MakeRoom() {
    AdminConnection* oldest = nullptr;
    for (const auto& [number, connection] : connections_) {
      if (!connection->silent()) continue;
      if (oldest == nullptr ||
          connection->silent_since() < oldest->silent_since()) {
        oldest = connection.get();
      }
    }
    if (oldest != nullptr) oldest->End();
    return oldest != nullptr;
  }

  void Open(tcp::socket socket) {
    if (connections_.size() >= kConnectionsMax) {
      if (pages_.refused != nullptr) pages_.refused->Increment();
      if (!MakeRoom()) return;
    }
    const uint64_t number = next_++;
    auto connection = std::make_unique<AdminConnection>(
        std::move(socket), pages_, [this, number] {
          // Not now: it is the connection that is calling.
          asio::post(*io_, [this, number] { connections_.erase(number); });
        });
    AdminConnection& borrowed = *connection;
    connections_.emplace(number, std::move(connection));
    borrowed.Read();
  }

  const AdminPages pages_;
  const std::shared_ptr<asio::io_context> io_ =
      std::make_shared<asio::io_context>(1);
  tcp::acceptor acceptor_{*io_};
  asio::steady_timer pause_{*io_};
  asio::steady_timer tick_{*io_};
  uint16_t port_ = 0;
  uint64_t next_ = 0;
  absl::flat_hash_map<uint64_t, std::unique_ptr<AdminConnection>> connections_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& address, AdminPages pages) {
  const absl::StatusOr<Address> parsed = ParseAddress(address);
  if (!parsed.ok()) return parsed.status();
  auto impl = std::make_unique<Impl>(std::move(pages));
  if (absl::Status started = impl->Start(*parsed); !started.ok()) {
    return started;
  }
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;
uint16_t AdminServer::port() const { return impl_->port(); }

}  // namespace aerie
