#include "edge/transport/http_connection.h"

#include <memory>
#include <utility>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log.h"
#include "edge/transport/poll_response.h"
#include "edge/transport/websocket.h"

namespace aerie::edge {
namespace {

// What a connect rule may answer with.
bool IsRefusalStatus(uint32_t status) { return status >= 400 && status < 600; }

RefusalCause CauseOf(const Refusal& refusal) {
  if (refusal.paced_s > 0) return RefusalCause::kPaced;
  return refusal.status == 503 ? RefusalCause::kUnavailable
                               : RefusalCause::kBroker;
}

// RFC 9112 section 3.2: exactly one, since HTTP/1.1.
bool HasHost(const Request& request) {
  const auto hosts = absl::c_count_if(request.headers, [](const auto& header) {
    return absl::EqualsIgnoreCase(header.first, "host");
  });
  return hosts == 1 || (hosts == 0 && request.version < 11);
}

// What is wrong with a client's set-up, or with ours, is worth a line.
bool IsMisconfiguration(RefusalCause cause) {
  return cause == RefusalCause::kOrigin ||
         cause == RefusalCause::kSubprotocol || cause == RefusalCause::kVersion;
}

void CountResponse(Metrics& metrics, uint32_t status) {
  const uint32_t status_class = status / 100;
  if (status_class >= 2 && status_class <= 5) {
    metrics.responses[status_class - 2]->Increment();
  }
}

}  // namespace

HttpConnection::HttpConnection(IoThread& thread, Wire wire, Peer peer)
    : Connection(thread, std::move(wire)),
      peer_(std::move(peer)),
      reader_(thread.limits(), &thread.front()) {}

HttpConnection::~HttpConnection() {
  if (ticket_ != 0) thread().RemoveAsker(ticket_);
  thread().Hold(-static_cast<int64_t>(held_));
}

void HttpConnection::Start() {
  if (!thread().poller().Watch(wire().fd(), *this)) return Die();
  SetDeadlineIn(limits().request_timeout_ms);
}

void HttpConnection::Abort() { Leave(); }

void HttpConnection::Leave() {
  EndPoll(/*written=*/false);
  Die();
}

void HttpConnection::ReadMore() {
  if (wire().may_read()) ReadLater();
}

void HttpConnection::OnReadable() {
  if (state_ == State::kPolling) return ReadWhilePolling();
  if (state_ != State::kReading) return;
  const absl::Span<char> buffer = thread().read_buffer();
  const Wire::Result result = Read(buffer);
  switch (result.kind) {
    case Wire::Result::kDone:
      reader_.Append({buffer.data(), result.bytes});
      return ReadRequests();
    case Wire::Result::kWouldBlock:
      return;
    default:
      return Die();
  }
}

// A client that goes while it waits is noticed: what comes meanwhile shall not
// be given to nobody. One that sends on waits for its turn.
void HttpConnection::ReadWhilePolling() {
  if (reader_.held() > limits().request_header_bytes_max) return;
  const absl::Span<char> buffer = thread().read_buffer();
  const Wire::Result result = Read(buffer);
  switch (result.kind) {
    case Wire::Result::kDone:
      reader_.Append({buffer.data(), result.bytes});
      return CountHeld() ? ReadMore() : Leave();
    case Wire::Result::kWouldBlock:
      return;
    default:
      return Leave();
  }
}

bool HttpConnection::CountHeld() {
  const size_t before = std::exchange(held_, reader_.held());
  return thread().Hold(static_cast<int64_t>(held_) -
                       static_cast<int64_t>(before));
}

void HttpConnection::ReadRequests() {
  const RequestReader::Result result = reader_.Next(&request_);
  if (!CountHeld()) {
    thread().metrics().bodies_over_limit.Increment();
    return RespondMalformed(503);
  }
  switch (result) {
    case RequestReader::Result::kNeedMore:
      return ReadMore();
    case RequestReader::Result::kContinue:
      PushRaw("HTTP/1.1 100 Continue\r\n\r\n");
      return ReadMore();
    case RequestReader::Result::kRequest:
      if (!HasHost(request_)) return RespondMalformed(400);
      keep_alive_ = request_.keep_alive;
      return Handle();
    case RequestReader::Result::kError:
      return RespondMalformed(reader_.error_status());
  }
}

// Where the next request starts is anybody's guess.
void HttpConnection::RespondMalformed(uint32_t status) {
  keep_alive_ = false;
  Respond(Response::Text(status, absl::StrCat(ReasonPhrase(status), "\n")));
}

void HttpConnection::Handle() {
  served_ = true;
  const absl::optional<Route> route =
      FindRoute(thread().front().mounts, request_.path());
  if (route.has_value()) {
    return IsPoll(route->endpoint) ? HandlePoll(*route)
                                   : HandleHandshake(*route);
  }
  absl::optional<Response> page = thread().front().pages.Find(request_);
  Respond(page.has_value() ? *std::move(page)
                           : Response::Text(404, "not found\n"));
}

void HttpConnection::HandleHandshake(const Route& route) {
  auto result = CheckHandshake(request_, route,
                               thread().front().proxies.Of(request_, peer_));
  if (const auto* refusal = std::get_if<HandshakeRefusal>(&result)) {
    return Refuse(*refusal);
  }
  mount_ = route.mount;
  handshake_ = std::get<Handshake>(std::move(result));
  state_ = State::kAsking;
  // The socket table answers in time; a client that leaves meanwhile is noticed
  // when it is answered.
  ClearDeadline();
  ticket_ = thread().AddAsker(
      [this](ConnectAnswer answer) { OnAnswer(std::move(answer)); });
  thread().Connect(std::move(handshake_.connect), ticket_);
}

void HttpConnection::OnAnswer(ConnectAnswer answer) {
  ticket_ = 0;
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    return Refuse({CauseOf(*refusal),
                   IsRefusalStatus(refusal->status) ? refusal->status : 403,
                   refusal->body, refusal->paced_s});
  }
  const SocketNumber number = std::get<SocketNumber>(answer);
  const auto headers = CheckUpgradeHeaders(request_);
  if (!headers.has_value()) return Upgrade(number);
  thread().sockets().Abandon(number);
  Refuse(*headers);
}

void HttpConnection::Upgrade(SocketNumber number) {
  thread().metrics().upgrades.Increment();
  // A client that could not wait has sent its first frames already.
  StartWebSocket(thread(), std::move(wire()), reader_.TakeRest(),
                 mount_->options(), request_, handshake_, number);
  Die();
}

void HttpConnection::Refuse(const HandshakeRefusal& refusal) {
  CountRefusal(refusal.cause, refusal.status);
  Respond(Response::Text(refusal.status, refusal.body, refusal.retry_after_s));
}

void HttpConnection::CountRefusal(RefusalCause cause, uint32_t status) {
  thread().metrics().upgrades_refused[IndexOf(cause)]->Increment();
  const char* const name = kRefusalCauses[IndexOf(cause)];
  if (IsMisconfiguration(cause)) {
    log::Warning("upgrade refused",
                 {{"cause", name},
                  {"path", request_.path()},
                  {"origin", request_.Header("origin").value_or("")}});
  } else if (log::Enabled(log::Level::kDebug)) {
    log::Debug("upgrade refused", {{"cause", name}, {"status", status}});
  }
}

void HttpConnection::HandlePoll(const Route& route) {
  poll_endpoint_ = route.endpoint;
  PollReading reading = ReadPoll(
      request_, route, thread().front().proxies.Of(request_, peer_), limits());
  if (auto* refusal = std::get_if<PollRefusal>(&reading)) {
    CountRefusal(refusal->cause, refusal->response.status);
    return Respond(refusal->response);
  }
  if (const auto* response = std::get_if<Response>(&reading)) {
    return Respond(*response);
  }
  Ask(std::get<PollQuestion>(std::move(reading)));
}

// From here on the connection holds little: thousands of them wait.
void HttpConnection::Ask(PollQuestion question) {
  request_ = Request();
  state_ = State::kPolling;
  poll_token_ = std::move(question.token);
  poll_malformed_ = false;
  SetDeadlineIn(limits().poll_timeout_ms);
  PollAnswered answered = [this](const v1::PollAnswer& answer) {
    OnPollAnswer(answer);
  };
  if (auto* send = std::get_if<v1::PollSend>(&question.ask)) {
    poll_malformed_ = send->malformed();
    poll_ = thread().sockets().PollSend(std::move(*send), std::move(answered));
  } else {
    poll_ = thread().sockets().Poll(std::get<v1::Poll>(std::move(question.ask)),
                                    std::move(answered));
  }
  if (state_ == State::kPolling) ReadMore();
}

void HttpConnection::OnPollAnswer(const v1::PollAnswer& answer) {
  uint64_t skipped = 0;
  const Response response = PollResponse(poll_endpoint_, poll_token_, answer,
                                         poll_malformed_, &skipped);
  thread().metrics().encode_skips.Increment(static_cast<double>(skipped));
  Respond(response);
}

void HttpConnection::EndPoll(bool written) {
  if (poll_ == 0) return;
  thread().sockets().EndPoll(std::exchange(poll_, 0), written);
}

void HttpConnection::Respond(const Response& response) {
  CountResponse(thread().metrics(), response.status);
  state_ = State::kResponding;
  keep_alive_ = keep_alive_ && !thread().sockets().draining();
  SetDeadlineIn(limits().request_timeout_ms);
  PushRaw(FormatHead(response, keep_alive_, absl::Now()));
  if (response.body != nullptr && request_.method != "HEAD") {
    PushRaw(response.body);
  }
}

void HttpConnection::OnDrained() {
  if (state_ != State::kResponding) return;  // `100 Continue`.
  EndPoll(/*written=*/true);
  if (!keep_alive_) return Linger();
  state_ = State::kReading;
  request_ = Request();
  SetDeadlineIn(limits().request_timeout_ms);
  // The next request may have come with the last one.
  ReadRequests();
}

void HttpConnection::OnTimeout(int64_t now_ms) {
  const int64_t progress = last_write_ms() + limits().request_timeout_ms;
  if (state_ == State::kResponding && progress > now_ms) {
    // A slow client of a large page.
    return thread().wheel().Set(*this, progress);
  }
  if (state_ == State::kPolling) {
    EndPoll(/*written=*/false);
    return Respond(PollError(poll_endpoint_, 503));
  }
  // An idle connection that was of use may go without a word.
  if (!served_ || reader_.busy()) {
    thread().metrics().requests_timed_out.Increment();
  }
  Leave();
}

}  // namespace aerie::edge
