#include "edge/transport/websocket.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "edge/socket/transport.h"
#include "edge/transport/close_code.h"
#include "edge/transport/connection.h"
#include "edge/transport/deflater.h"
#include "edge/transport/extensions.h"
#include "edge/transport/frame_reader.h"
#include "edge/transport/inflater.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

using phoenix::Opcode;

constexpr uint8_t kCloseFrame = WriteQueue::kFin | 0x8;
constexpr uint8_t kPongFrame = WriteQueue::kFin | 0xa;

CloseCause CauseOf(uint16_t code) {
  switch (code) {
    case kCloseInvalidPayload:
      return CloseCause::kUtf8;
    case kCloseTooBig:
      return CloseCause::kTooBig;
    default:
      return CloseCause::kProtocol;
  }
}

// A WebSocket (RFC 6455, 7692): pongs and closes go into the same queue as the
// messages that are sent. There may be very many of these, so they are small.
class WebSocket final : public Connection, public Transport {
 public:
  WebSocket(IoThread& thread, Wire wire, const MountOptions& mount,
            int window_bits, bool idle_timeout);

  // Answers with 101 and starts to read.
  void Start(const Request& request, const Handshake& handshake,
             absl::string_view extensions, std::string received,
             SocketNumber number);

  // Transport:
  void Send(const phoenix::Frame& frame) override;
  void Close(uint16_t code) override;
  void Pause() override { paused_ = true; }
  void Resume() override;

  // Connection:
  void Abort() override;

 private:
  enum class State : uint8_t {
    kOpen,
    kClosing,   // We have said close; the client has not.
    kFinished,  // Nothing more is read; what is queued is written.
  };

  // Connection:
  void OnReadable() override;
  void OnDrained() override;
  void OnBroken() override;
  void OnTimeout(int64_t now_ms) override;

  void SwitchProtocols(const Request& request, const Handshake& handshake,
                       absl::string_view extensions);

  bool reads() const {
    return !paused_ && !dead() && state_ != State::kFinished;
  }
  void ReadMore();
  void Take(absl::Span<char> bytes);
  void Handle(const FrameReader::Event& event);
  void Deliver(const FrameReader::Event& message);
  void DeliverDeflated(const FrameReader::Event& message);

  void SayClose(uint16_t code);
  void BoundQueue();
  void Fail(uint16_t code, CloseCause cause);
  void End(CloseCause cause);
  void EndSocket();
  void Finish();

  const MountOptions& mount_;
  std::unique_ptr<Receiver> receiver_;
  int64_t last_inbound_ms_ = 0;
  FrameReader reader_;
  std::unique_ptr<std::string> held_;  // Came behind what paused us.
  const uint8_t window_bits_;  // Of our messages; 0: they are not compressed.
  const bool idle_timeout_;
  State state_ = State::kOpen;
  bool close_said_ = false;  // Nothing is written after it.
  bool paused_ = false;
  bool ended_ = false;  // The socket hears no more.
};

WebSocket::WebSocket(IoThread& thread, Wire wire, const MountOptions& mount,
                     int window_bits, bool idle_timeout)
    : Connection(thread, std::move(wire)),
      mount_(mount),
      last_inbound_ms_(thread.NowMs()),
      reader_(mount.max_frame_size, /*deflate=*/window_bits != 0),
      window_bits_(static_cast<uint8_t>(window_bits)),
      idle_timeout_(idle_timeout && mount.idle_timeout_ms > 0) {}

void WebSocket::Start(const Request& request, const Handshake& handshake,
                      absl::string_view extensions, std::string received,
                      SocketNumber number) {
  thread().poller().WatchAnew(wire().fd(), *this, /*writes=*/false);
  SwitchProtocols(request, handshake, extensions);
  if (idle_timeout_) {
    SetDeadlineIn(mount_.idle_timeout_ms);
  } else {
    wire().SetKeepAlive();
  }
  if (!received.empty()) {
    held_ = std::make_unique<std::string>(std::move(received));
  }
  receiver_ = thread().sockets().Open(number, *this);
  ReadMore();
}

void WebSocket::SwitchProtocols(const Request& request,
                                const Handshake& handshake,
                                absl::string_view extensions) {
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

void WebSocket::ReadMore() {
  if (held_ != nullptr || wire().may_read()) ReadLater();
}

void WebSocket::OnReadable() {
  if (held_ != nullptr && reads()) {
    const std::unique_ptr<std::string> held = std::move(held_);
    Take(absl::MakeSpan(*held));
  }
  const absl::Span<char> buffer = thread().read_buffer();
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (!reads()) return;
    const Wire::Result result = Read(buffer);
    switch (result.kind) {
      case Wire::Result::kDone:
        last_inbound_ms_ = thread().NowMs();
        Take(buffer.first(result.bytes));
        break;
      case Wire::Result::kWouldBlock:
        return;
      default:
        End(CloseCause::kLost);
        return Die();
    }
  }
  ReadMore();
}

void WebSocket::Take(absl::Span<char> bytes) {
  while (reads()) {
    const FrameReader::Event event = reader_.Next(&bytes);
    if (event.kind == FrameReader::Event::kNone) return;
    Handle(event);
  }
  if (paused_ && !bytes.empty()) {
    held_ = std::make_unique<std::string>(bytes.data(), bytes.size());
  }
}

void WebSocket::Handle(const FrameReader::Event& event) {
  switch (event.kind) {
    case FrameReader::Event::kMessage:
      // Once it is closing, the socket has been told that this is over.
      if (state_ == State::kOpen) Deliver(event);
      break;
    case FrameReader::Event::kPing:
      if (close_said_) break;
      PushFrame(kPongFrame, std::make_shared<const std::string>(event.payload));
      BoundQueue();
      break;
    case FrameReader::Event::kClose:
      Fail(event.code, CloseCause::kClient);
      break;
    case FrameReader::Event::kError:
      Fail(event.code, CauseOf(event.code));
      break;
    case FrameReader::Event::kPong:
    case FrameReader::Event::kNone:
      break;
  }
}

void WebSocket::Deliver(const FrameReader::Event& message) {
  if (message.deflated) return DeliverDeflated(message);
  receiver_->OnFrame(message.opcode, message.payload);
}

void WebSocket::DeliverDeflated(const FrameReader::Event& message) {
  std::string bytes;
  switch (thread().inflater().Inflate(message.payload, mount_.max_frame_size,
                                      &bytes)) {
    case Inflater::Result::kTooBig:
      return Fail(kCloseTooBig, CloseCause::kTooBig);
    case Inflater::Result::kMalformed:
      return Fail(kCloseInvalidPayload, CloseCause::kInflate);
    case Inflater::Result::kDone:
      break;
  }
  if (message.opcode == Opcode::kText && !phoenix::IsValidUtf8(bytes)) {
    return Fail(kCloseInvalidPayload, CloseCause::kUtf8);
  }
  receiver_->OnFrame(message.opcode, bytes);
}

void WebSocket::Resume() {
  if (!paused_) return;
  paused_ = false;
  last_inbound_ms_ = thread().NowMs();
  ReadMore();
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

// The client has said close, or done something that makes listening pointless.
void WebSocket::Fail(uint16_t code, CloseCause cause) {
  SayClose(code);
  End(cause);
  Finish();
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
    // A paused client's close is awaited too.
    paused_ = false;
    ReadMore();
  });
}

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

void StartWebSocket(IoThread& thread, Wire wire, std::string received,
                    const MountOptions& mount, const Request& request,
                    const Handshake& handshake, SocketNumber number) {
  Extensions extensions;
  if (mount.compress) {
    extensions = AcceptExtensions(
        request.Headers("sec-websocket-extensions").value_or(""));
  }
  const bool founding = handshake.dialect == v1::DIALECT_FOUNDING;
  auto socket = std::make_unique<WebSocket>(thread, std::move(wire), mount,
                                            extensions.window_bits,
                                            /*idle_timeout=*/!founding);
  WebSocket& started = *socket;
  thread.Add(std::move(socket));
  started.Start(request, handshake, extensions.answer, std::move(received),
                number);
}

}  // namespace aerie::edge
