#include "proto/phoenix/wording.h"

#include <cstddef>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "proto/phoenix/events.h"

namespace aerie::phoenix {
namespace {

using v1::Message;
using Form = Wording::Form;

// What there is to tell apart: the kinds, but join replies and exits by their
// outcome.
enum class Case {
  kJoined,
  kJoinRefused,
  kJoinCrashed,
  kTopicLimit,
  kUnavailable,
  kUnmatched,
  kReply,
  kLeft,
  kLeaveUnjoined,
  kPush,
  kBroadcast,
  kExitAnnounced,
  kExitUnannounced,
  kExitCrash,
  kHeartbeat,
};

// Which of the message's refs are given. kJoinTwice: the join_ref in the place
// of both.
enum class Refs { kNone, kRef, kJoinRef, kBoth, kJoinTwice };

// One entry of the table. An empty `name` or `payload` stands for the message's
// own.
struct Words {
  Form form = Form::kSilence;
  absl::string_view name;  // A reply's status, an event's name.
  absl::string_view payload;
  Refs refs = Refs::kNone;
};

struct Row {
  Case which;
  Words modern;
  Words founding;
};

constexpr absl::string_view kOwn;
constexpr absl::string_view kEmpty = "{}";
constexpr absl::string_view kCrash = R"({"reason":"channel_crash"})";
constexpr absl::string_view kJoinCrashed = R"({"reason":"join crashed"})";
constexpr absl::string_view kTooMany =
    R"({"reason":"too many channels joined"})";
constexpr absl::string_view kUnavailable = R"({"reason":"unavailable"})";
constexpr absl::string_view kUnmatched = R"({"reason":"unmatched topic"})";

constexpr Words Silence() { return {}; }

constexpr Words Reply(absl::string_view status, absl::string_view response,
                      Refs refs = Refs::kBoth) {
  return {Form::kReply, status, response, refs};
}

constexpr Words Event(absl::string_view event, absl::string_view payload,
                      Refs refs = Refs::kNone) {
  return {Form::kEvent, event, payload, refs};
}

// Phoenix: Phoenix.Socket.Transport's replies and Phoenix.Channel.Server's
// exits; founding: Phoenix.Channel.Transport of 0.12.
constexpr Row kRows[] = {
    {Case::kJoined, Reply(kOwn, kOwn), Reply("ok", kEmpty)},
    {Case::kJoinRefused, Reply(kOwn, kOwn), Reply("ignore", kEmpty)},
    {Case::kJoinCrashed, Reply("error", kJoinCrashed), Silence()},
    {Case::kTopicLimit, Reply("error", kTooMany), Silence()},
    {Case::kUnavailable, Reply("error", kUnavailable),
     Event(kPhxError, kEmpty)},
    {Case::kUnmatched, Reply("error", kUnmatched, Refs::kRef), Silence()},
    {Case::kReply, Reply(kOwn, kOwn), Reply(kOwn, kOwn)},
    {Case::kLeft, Reply("ok", kEmpty), Reply("ok", kEmpty)},
    {Case::kLeaveUnjoined, Reply("ok", kEmpty), Silence()},
    {Case::kPush, Event(kOwn, kOwn, Refs::kJoinRef), Event(kOwn, kOwn)},
    {Case::kBroadcast, Event(kOwn, kOwn), Event(kOwn, kOwn)},
    {Case::kExitAnnounced, Event(kPhxClose, kEmpty, Refs::kJoinTwice),
     Event(kPhxClose, kEmpty)},
    {Case::kExitUnannounced, Event(kPhxError, kCrash, Refs::kJoinTwice),
     Event(kPhxClose, kEmpty)},
    {Case::kExitCrash, Event(kPhxError, kCrash, Refs::kJoinTwice),
     Event(kPhxError, kEmpty)},
    {Case::kHeartbeat, Reply("ok", kEmpty, Refs::kRef),
     Event(kHeartbeat, kEmpty, Refs::kRef)},
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].which != static_cast<Case>(i)) return false;
  }
  return true;
}
static_assert(IsInOrder(), "kRows is indexed by Case");

absl::optional<Case> CaseOf(const Message& message) {
  switch (message.kind()) {
    case Message::KIND_JOIN_REPLY:
      return message.status() == "ok" ? Case::kJoined : Case::kJoinRefused;
    case Message::KIND_JOIN_CRASHED:
      return Case::kJoinCrashed;
    case Message::KIND_TOPIC_LIMIT:
      return Case::kTopicLimit;
    case Message::KIND_UNAVAILABLE:
      return Case::kUnavailable;
    case Message::KIND_UNMATCHED:
      return Case::kUnmatched;
    case Message::KIND_REPLY:
      return Case::kReply;
    case Message::KIND_LEAVE_REPLY:
      return Case::kLeft;
    case Message::KIND_LEAVE_UNJOINED:
      return Case::kLeaveUnjoined;
    case Message::KIND_PUSH:
      return Case::kPush;
    case Message::KIND_BROADCAST:
      return Case::kBroadcast;
    case Message::KIND_EXIT:
      if (message.exit() != Message::EXIT_CLASS_GRACEFUL) {
        return Case::kExitCrash;
      }
      return message.announced() ? Case::kExitAnnounced
                                 : Case::kExitUnannounced;
    case Message::KIND_HEARTBEAT:
      return Case::kHeartbeat;
    default:
      return absl::nullopt;
  }
}

// The bridge is 1.0.0, but its heartbeat is the founding one.
const Words& WordsFor(Case which, v1::Dialect dialect) {
  const Row& row = kRows[static_cast<size_t>(which)];
  const bool founding =
      dialect == v1::DIALECT_FOUNDING ||
      (dialect == v1::DIALECT_BRIDGE && which == Case::kHeartbeat);
  return founding ? row.founding : row.modern;
}

void SetPayload(const Words& words, const Message& message, Wording* wording) {
  wording->payload = kEmpty;
  if (!words.payload.empty()) {
    wording->payload = words.payload;
  } else if (message.has_binary()) {
    wording->payload = message.binary();
    wording->binary = true;
  } else if (!message.json().empty()) {
    wording->payload = message.json();
  }
}

void SetRefs(Refs refs, const Message& message, Wording* wording) {
  if (refs == Refs::kRef || refs == Refs::kBoth) wording->ref = message.ref();
  if (refs == Refs::kJoinRef || refs == Refs::kBoth) {
    wording->join_ref = message.join_ref();
  }
  if (refs == Refs::kJoinTwice) {
    wording->ref = wording->join_ref = message.join_ref();
  }
}

}  // namespace

absl::StatusOr<Wording> WordingOf(const Message& message, v1::Dialect dialect) {
  const absl::optional<Case> which = CaseOf(message);
  if (!which.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no words for messages of kind ", message.kind()));
  }
  const Words& words = WordsFor(*which, dialect);
  Wording wording;
  wording.form = words.form;
  if (words.form == Form::kSilence) return wording;
  const bool own = words.name.empty();
  if (words.form == Form::kReply) {
    wording.status = own ? absl::string_view(message.status()) : words.name;
    wording.event = kPhxReply;
  } else {
    wording.event = own ? absl::string_view(message.event()) : words.name;
    wording.event_is_json = own && message.event_is_json();
  }
  SetPayload(words, message, &wording);
  SetRefs(words.refs, message, &wording);
  return wording;
}

bool AnswersJoin(v1::Message::Kind kind) {
  switch (kind) {
    case v1::Message::KIND_JOIN_REPLY:
    case v1::Message::KIND_JOIN_CRASHED:
    case v1::Message::KIND_TOPIC_LIMIT:
    case v1::Message::KIND_UNAVAILABLE:
    case v1::Message::KIND_UNMATCHED:
      return true;
    default:
      return false;
  }
}

}  // namespace aerie::phoenix
