#include "test/bench/crowd.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace aerie::bench {
namespace {

constexpr size_t kBufferSize = 256 << 10;
constexpr int kEventsMax = 1'024;
constexpr int64_t kStallNs = 20'000'000'000;

constexpr absl::string_view kJoinRef = "0";
constexpr absl::string_view kReplyEvent = "\"phx_reply\"";

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Crowd::Crowd(const Options& options, Workload& workload)
    : options_(options),
      workload_(workload),
      broadcast_event_(absl::StrCat("\"", options.broadcast_event, "\"")),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(new char[kBufferSize]),
      now_ns_(NowNs()) {}

Crowd::~Crowd() { close(epoll_); }

void Crowd::Fail(const std::string& what) {
  if (failures_++ == 0) first_failure_ = what;
}

void Crowd::Count(int joining, int joined) {
  joining_ += static_cast<uint32_t>(joining);
  joined_ += static_cast<uint32_t>(joined);
}

void Crowd::Turn(int timeout_ms) {
  Flush();
  epoll_event events[kEventsMax];
  const int count = epoll_wait(epoll_, events, kEventsMax, timeout_ms);
  now_ns_ = NowNs();
  for (int i = 0; i < count; ++i) {
    const uint64_t key = events[i].data.u64;
    OnEvent(Stream::IdOf(key), Stream::GenerationOf(key), events[i].events);
  }
  Flush();
}

void Crowd::Connect(Stream& stream, const Target& target, uint32_t caller,
                    uint32_t id) {
  if (stream.Open(target, caller, epoll_, id)) return;
  Fail(absl::StrCat("connect: ", std::strerror(errno)));
  stream.Close();
}

void Crowd::Write(Stream& stream) {
  bytes_out_ += static_cast<int64_t>(stream.Write());
}

std::string Crowd::Receive(Stream& stream,
                           absl::FunctionRef<size_t(absl::Span<char>)> take) {
  const uint32_t generation = stream.generation();
  const absl::Span<char> buffer(buffer_.get(), kBufferSize);
  while (stream.open() && stream.generation() == generation) {
    size_t size = 0;
    const size_t kept = stream.kept();
    switch (stream.Read(buffer, &size)) {
      case Stream::Got::kNothing:
        return "";
      case Stream::Got::kEnd:
        return errno == 0 ? "end of stream" : std::strerror(errno);
      case Stream::Got::kSome:
        break;
    }
    now_ns_ = NowNs();
    bytes_in_ += static_cast<int64_t>(size - kept);
    const size_t taken = take(buffer.first(size));
    if (!stream.open() || stream.generation() != generation) return "";
    stream.Keep({buffer.data() + taken, size - taken});
    if (size - taken == kBufferSize) return "more at once than the buffer";
    // Edge triggered: less than there was room for is all there is.
    if (size < kBufferSize) return "";
  }
  return "";
}

std::string Crowd::JoinMessage(uint32_t client) const {
  return ClientMessage(kJoinRef, 0, options_.TopicOf(client), "phx_join",
                       options_.join_payload);
}

void Crowd::OnText(uint32_t client, absl::string_view text) {
  Envelope envelope;
  if (!ParseEnvelope(text, &envelope)) {
    return Fail(absl::StrCat("not an envelope: ", text));
  }
  if (envelope.event == kReplyEvent) return OnReply(client, envelope);
  // Others (presence, say) are not what is measured.
  if (envelope.event == broadcast_event_) {
    return workload_.OnBroadcast(client, envelope.payload);
  }
  if (envelope.event == "\"phx_error\"" || envelope.event == "\"phx_close\"") {
    Fail(std::string(text));
  }
}

void Crowd::OnReply(uint32_t client, const Envelope& envelope) {
  absl::string_view ref = envelope.ref;
  uint64_t number = 0;
  if (absl::ConsumePrefix(&ref, "\"")) absl::ConsumeSuffix(&ref, "\"");
  if (ref == kHeartbeatRef) return;
  if (!absl::StrContains(envelope.payload, R"("status":"ok")")) {
    return Fail(absl::StrCat("not ok: ", envelope.payload));
  }
  if (ref == kJoinRef) return OnJoinReply(client);
  if (!absl::SimpleAtoi(ref, &number)) {
    return Fail(absl::StrCat("reply to ", envelope.ref));
  }
  workload_.OnReply(client, number);
}

bool JoinAll(Crowd& crowd, uint32_t first, uint32_t end, uint32_t parallel) {
  const uint32_t wanted = crowd.joined() + crowd.joining() + end - first;
  int64_t deadline_ns = NowNs() + kStallNs;
  uint32_t joined = crowd.joined();
  while (crowd.joined() < wanted) {
    while (first < end && crowd.joining() < parallel) crowd.Open(first++);
    crowd.Turn(100);
    if (crowd.failures() > 0) return false;
    if (crowd.joined() > joined) {
      joined = crowd.joined();
      deadline_ns = crowd.now_ns() + kStallNs;
    } else if (crowd.now_ns() > deadline_ns) {
      crowd.Fail("no join was answered for long");
      return false;
    }
  }
  return true;
}

}  // namespace aerie::bench
