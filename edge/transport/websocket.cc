#include "edge/transport/websocket.h"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/zlib/error.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "edge/socket/transport.h"
#include "edge/transport/beast_layer.h"
#include "edge/transport/close_code.h"
#include "edge/transport/connection.h"
#include "edge/transport/deflater.h"

namespace aerie::edge {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using phoenix::Opcode;

constexpr uint8_t kCloseFrame = WriteQueue::kFin | 0x8;

// Most messages of clients fit in here; for larger ones memory is found while
// they come.
constexpr size_t kSmallMessage = 128;
constexpr size_t kGrowthMax = 1 << 20;

// A WebSocket (RFC 6455, 7692). Beast reads: frames, fragments, UTF-8, inflate,
// pings, the client's close. What it writes, pongs and closes, goes into the
// same queue as the messages that Send has framed, so that nothing is ever
// interleaved.
class WebSocket final : public Connection,
                        public Transport,
                        private BeastLayer::Owner {
 public:
  WebSocket(IoThread& thread, Wire wire, const MountOptions& mount,
            bool idle_timeout);

  // Answers with 101 and starts to read.
  void Start(const Request& request, const Handshake& handshake,
             SocketNumber number);

  // Transport:
  void Send(const phoenix::Frame& frame) override;
  void Close(uint16_t code) override;
  void Pause() override { paused_ = true; }
  void Resume() override;

  // Connection:
  void Abort() override;

 private:
  using Stream = websocket::stream<BeastLayer, true>;

  enum class State {
    kOpen,
    kClosing,   // We have said close; the client has not.
    kFinished,  // Nothing more is read; what is queued is written.
  };

  // Connection:
  void OnDrained() override;
  void OnBroken() override;
  void OnTimeout(int64_t now_ms) override;

  // BeastLayer::Owner:
  Wire::Result ReadForBeast(char* data, size_t size) override;
  Wire& WireForBeast() override { return wire(); }
  void WriteForBeast(std::string bytes) override;

  std::string Negotiate(const Request& request);
  void SwitchProtocols(const Request& request, const Handshake& handshake,
                       const std::string& extensions);

  void ReadOn();
  void OnRead(const error_code& error, size_t bytes);
  void OnReadError(const error_code& error);
  boost::asio::mutable_buffer ReadBuffer();
  absl::string_view Message() const;
  void ForgetMessage();
  void Deliver();

  void SayClose(uint16_t code);
  void BoundQueue();
  void End(CloseCause cause);
  void EndSocket();
  void Finish();

  const MountOptions& mount_;
  Stream beast_;
  std::unique_ptr<Receiver> receiver_;
  int64_t last_inbound_ms_ = 0;
  const bool idle_timeout_;
  State state_ = State::kOpen;
  uint8_t window_bits_ = 0;  // Of our messages; 0: they are not compressed.
  bool handshaking_ = true;  // Beast's response is not the one we send.
  bool close_said_ = false;  // Nothing is written after it.
  bool reading_ = false;     // Beast reads.
  bool paused_ = false;
  bool held_ = false;   // A whole message came while paused.
  bool ended_ = false;  // The socket hears no more.
  uint16_t small_used_ = 0;
  std::array<char, kSmallMessage> small_;
  std::string large_;  // In place of `small_` once it is not empty.
  size_t large_used_ = 0;
};

WebSocket::WebSocket(IoThread& thread, Wire wire, const MountOptions& mount,
                     bool idle_timeout)
    : Connection(thread, std::move(wire)),
      mount_(mount),
      beast_(BeastLayer(*this, thread.executor())),
      last_inbound_ms_(thread.NowMs()),
      idle_timeout_(idle_timeout && mount.idle_timeout_ms > 0) {}

void WebSocket::Start(const Request& request, const Handshake& handshake,
                      SocketNumber number) {
  const std::string extensions = Negotiate(request);
  window_bits_ = static_cast<uint8_t>(ServerWindowBits(extensions));
  SwitchProtocols(request, handshake, extensions);
  if (idle_timeout_) {
    SetDeadlineIn(mount_.idle_timeout_ms);
  } else {
    this->wire().SetKeepAlive();
  }
  receiver_ = thread().sockets().Open(number, *this);
  if (!paused_) ReadOn();
}

// Brings Beast's stream into its open state and returns its answer to the
// client's offer of extensions. Beast is shown a request that it cannot refuse:
// the handshake has been checked by our own rules, which differ.
std::string WebSocket::Negotiate(const Request& request) {
  http::request<http::empty_body> shown(http::verb::get, "/", 11);
  shown.set(http::field::host, "localhost");
  shown.set(http::field::connection, "upgrade");
  shown.set(http::field::upgrade, "websocket");
  shown.set(http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
  shown.set(http::field::sec_websocket_version, "13");
  const absl::optional<std::string> offer =
      request.Headers("sec-websocket-extensions");
  if (offer.has_value()) {
    shown.set(http::field::sec_websocket_extensions, *offer);
  }

  websocket::permessage_deflate deflate;
  deflate.server_enable = mount_.compress;
  deflate.server_no_context_takeover = true;  // As Deflater works.
  beast_.set_option(deflate);
  beast_.read_message_max(mount_.max_frame_size);
  std::string extensions;
  beast_.set_option(websocket::stream_base::decorator(
      [&extensions](websocket::response_type& response) {
        extensions =
            std::string(response[http::field::sec_websocket_extensions]);
      }));
  error_code error;
  beast_.accept(shown, error);
  beast_.set_option(
      websocket::stream_base::decorator([](websocket::response_type&) {}));
  handshaking_ = false;
  if (error) End(CloseCause::kProtocol);
  return extensions;
}

void WebSocket::SwitchProtocols(const Request& request,
                                const Handshake& handshake,
                                const std::string& extensions) {
  std::string head = absl::StrCat(
      "HTTP/1.1 101 Switching Protocols\r\n"
      "cache-control: max-age=0, private, must-revalidate\r\n"
      "connection: Upgrade\r\n"
      "upgrade: websocket\r\n"
      "sec-websocket-accept: ",
      AcceptKey(request.Header("sec-websocket-key").value_or("")), "\r\n");
  if (!handshake.subprotocol.empty()) {
    absl::StrAppend(&head, "sec-websocket-protocol: ", handshake.subprotocol,
                    "\r\n");
  }
  if (!extensions.empty()) {
    absl::StrAppend(&head, "sec-websocket-extensions: ", extensions, "\r\n");
  }
  PushRaw(absl::StrCat(head, "\r\n"));
}

// Reading.

void WebSocket::ReadOn() {
  if (reading_ || dead() || state_ == State::kFinished) return;
  reading_ = true;
  beast_.async_read_some(ReadBuffer(),
                         Guard([this](const error_code& error, size_t bytes) {
                           OnRead(error, bytes);
                         }));
}

boost::asio::mutable_buffer WebSocket::ReadBuffer() {
  if (large_.empty() && small_used_ < small_.size()) {
    return {small_.data() + small_used_, small_.size() - small_used_};
  }
  if (large_.empty()) {
    large_.assign(small_.data(), small_used_);
    large_used_ = small_used_;
  }
  if (large_used_ == large_.size()) {
    large_.resize(large_.size() +
                  std::clamp(large_.size(), 15 * kSmallMessage, kGrowthMax));
  }
  return {large_.data() + large_used_, large_.size() - large_used_};
}

absl::string_view WebSocket::Message() const {
  if (large_.empty()) return {small_.data(), small_used_};
  return {large_.data(), large_used_};
}

void WebSocket::ForgetMessage() {
  small_used_ = 0;
  if (!large_.empty()) std::string().swap(large_);
  large_used_ = 0;
}

void WebSocket::OnRead(const error_code& error, size_t bytes) {
  reading_ = false;
  if (error) return OnReadError(error);
  if (state_ != State::kOpen) {
    // The socket has been told that this is over.
    ForgetMessage();
    return ReadOn();
  }
  if (large_.empty()) {
    small_used_ += static_cast<uint16_t>(bytes);
  } else {
    large_used_ += bytes;
  }
  if (!beast_.is_message_done()) return ReadOn();
  if (paused_) {
    held_ = true;
    return;
  }
  Deliver();
}

void WebSocket::Deliver() {
  receiver_->OnFrame(beast_.got_text() ? Opcode::kText : Opcode::kBinary,
                     Message());
  ForgetMessage();
  if (!paused_) ReadOn();
}

void WebSocket::Resume() {
  if (!paused_) return;
  paused_ = false;
  last_inbound_ms_ = thread().NowMs();
  if (state_ != State::kOpen) return;
  Later([this] {
    if (paused_ || state_ != State::kOpen) return;
    if (std::exchange(held_, false)) {
      Deliver();
    } else {
      ReadOn();
    }
  });
}

void WebSocket::OnReadError(const error_code& error) {
  static const auto& websocket_errors =
      make_error_code(websocket::error::closed).category();
  static const auto& zlib_errors =
      make_error_code(boost::beast::zlib::error::need_buffers).category();
  if (error == websocket::error::closed) {
    End(CloseCause::kClient);
  } else if (error == websocket::error::message_too_big) {
    End(CloseCause::kTooBig);
  } else if (error == websocket::error::bad_frame_payload) {
    End(CloseCause::kUtf8);
  } else if (error.category() == websocket_errors) {
    End(CloseCause::kProtocol);
  } else if (error.category() == zlib_errors) {
    SayClose(kCloseInvalidPayload);
    End(CloseCause::kInflate);
  } else {
    End(CloseCause::kLost);
    return Die();
  }
  Finish();
}

Wire::Result WebSocket::ReadForBeast(char* data, size_t size) {
  const Wire::Result result = Read(data, size);
  if (result.kind == Wire::Result::kDone) last_inbound_ms_ = thread().NowMs();
  return result;
}

// Writing.

void WebSocket::Send(const phoenix::Frame& frame) {
  if (close_said_ || dead()) return;
  const auto opcode = static_cast<uint8_t>(frame.opcode);
  WriteQueue::Bytes deflated;
  if (window_bits_ != 0) {
    deflated = thread().deflater().Deflate(frame.bytes, window_bits_);
  }
  if (deflated != nullptr) {
    PushFrame(WriteQueue::kFin | WriteQueue::kRsv1 | opcode,
              std::move(deflated));
  } else {
    PushFrame(WriteQueue::kFin | opcode, frame.bytes);
  }
  BoundQueue();
}

void WebSocket::WriteForBeast(std::string bytes) {
  if (handshaking_ || close_said_ || dead()) return;
  if (static_cast<uint8_t>(bytes[0]) != kCloseFrame) {
    PushRaw(std::move(bytes));
    return BoundQueue();
  }
  // Beast answers with the client's own code, or says what the client did
  // wrong.
  uint16_t code = 1000;
  if (bytes.size() >= 4) {
    code = static_cast<uint16_t>(static_cast<uint8_t>(bytes[2]) << 8 |
                                 static_cast<uint8_t>(bytes[3]));
  }
  SayClose(EchoOf(code));
}

// What waits behind the frame being written is bounded, whoever queued it.
void WebSocket::BoundQueue() {
  const size_t bytes_max = limits().socket_queue_bytes_max;
  if (queue().bytes_behind_front() <= bytes_max) return;
  // One turn may send more than that to a client who would take it.
  WriteNow();
  if (queue().bytes_behind_front() <= bytes_max) return;
  DropQueue();
  SayClose(kClosePolicy);
  End(CloseCause::kSlowConsumer);
}

void WebSocket::SayClose(uint16_t code) {
  if (close_said_) return;
  close_said_ = true;
  PushRaw(std::string{static_cast<char>(kCloseFrame), 2,
                      static_cast<char>(code >> 8), static_cast<char>(code)});
}

// Ending.

void WebSocket::Close(uint16_t code) {
  if (close_said_ || dead()) return;
  SayClose(code);
  EndSocket();
}

void WebSocket::End(CloseCause cause) {
  if (ended_) return;
  thread().metrics().connections_closed[IndexOf(cause)]->Increment();
  EndSocket();
}

// The socket's part is over; the wire has until the deadline to end well.
void WebSocket::EndSocket() {
  if (ended_) return;
  ended_ = true;
  state_ = State::kClosing;
  SetDeadlineIn(limits().close_timeout_ms);
  LaterInAnyCase([this] {
    if (receiver_ != nullptr) std::exchange(receiver_, nullptr)->OnClosed();
    held_ = false;
    if (!reading_) ForgetMessage();
    // A paused client's close is awaited too.
    paused_ = false;
    ReadOn();
  });
}

// Beast has read its last.
void WebSocket::Finish() {
  state_ = State::kFinished;
  FlushLater();
}

void WebSocket::OnDrained() {
  if (state_ == State::kFinished) Linger();
}

void WebSocket::OnBroken() {
  End(CloseCause::kLost);
  Die();
}

void WebSocket::OnTimeout(int64_t now_ms) {
  if (state_ != State::kOpen) return DieWithReset();
  const int64_t idle_since = paused_ ? now_ms : last_inbound_ms_;
  const int64_t due = idle_since + mount_.idle_timeout_ms;
  if (due > now_ms) return thread().wheel().Set(*this, due);
  SayClose(kCloseProtocolError);
  End(CloseCause::kIdle);
}

void WebSocket::Abort() {
  if (!ended_) {
    thread()
        .metrics()
        .connections_closed[IndexOf(CloseCause::kStopped)]
        ->Increment();
    ended_ = true;
  }
  if (receiver_ != nullptr) std::exchange(receiver_, nullptr)->OnClosed();
  Die();
}

}  // namespace

void StartWebSocket(IoThread& thread, Wire wire, const MountOptions& mount,
                    const Request& request, const Handshake& handshake,
                    SocketNumber number) {
  const bool founding = handshake.connect.dialect() == v1::DIALECT_FOUNDING;
  auto socket = std::make_unique<WebSocket>(thread, std::move(wire), mount,
                                            /*idle_timeout=*/!founding);
  WebSocket& started = *socket;
  thread.Add(std::move(socket));
  started.Start(request, handshake, number);
}

}  // namespace aerie::edge
