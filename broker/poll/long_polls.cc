#include "broker/poll/long_polls.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/auth/policy.h"
#include "common/build_info.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kInternalServerError = 500;
constexpr uint32_t kServiceUnavailable = 503;

// Whatever a rule says, a client that polls hears 403; but not when it should
// come again, or when the fault is ours.
v1::PollAnswer::Result ResultOf(const Denial& denial) {
  switch (denial.status) {
    case kServiceUnavailable:
      return v1::PollAnswer::RESULT_UNAVAILABLE;
    case kInternalServerError:
      return v1::PollAnswer::RESULT_FAILED;
    default:
      return v1::PollAnswer::RESULT_REFUSED;
  }
}

}  // namespace

LongPolls::LongPolls(const LongPollContext& context, absl::string_view broker)
    : context_(context),
      name_(absl::StrCat("longpoll@", broker)),
      since_ms_(context.clock.NowMs()) {
  for (uint32_t i = 0; i < context.shards.count(); ++i) {
    homes_.push_back(std::make_shared<PollEdge>(
        name_, context.shards, context.shards.loop(i), context.limits,
        context.metrics));
  }
}

LongPolls::~LongPolls() {
  for (const std::shared_ptr<PollEdge>& home : homes_) home->Clear();
}

uint64_t LongPolls::Poll(const PollAsker& asker, v1::Poll request) {
  const absl::StatusOr<uint64_t> session =
      request.token().empty()
          ? absl::NotFoundError("no token")
          : context_.tokens.Open(request.token(), context_.clock.Now());
  if (!session.ok()) {
    if (!request.token().empty()) {
      log::Debug("token of a long poll refused",
                 {{"reason", session.status().message()}});
    }
    Open(asker, request);
    return 0;
  }
  LoopOf(*session).PostAlways(
      [this, asker, request = std::move(request), number = *session] {
        if (!Home(number).Poll(number, asker)) Open(asker, request);
      });
  return *session;
}

void LongPolls::Done(const PollAsker& asker, uint64_t session, bool written) {
  LoopOf(session).PostAlways([this, asker, session, written] {
    Home(session).Done(session, asker, written);
  });
}

void LongPolls::Send(const PollAsker& asker, v1::PollSend request) {
  const absl::StatusOr<uint64_t> session =
      context_.tokens.Open(request.token(), context_.clock.Now());
  if (!session.ok()) return asker.Answer(v1::PollAnswer::RESULT_GONE);
  const uint64_t bytes = request.ByteSizeLong();
  Loop& loop = LoopOf(*session);
  Loop::Task task = [this, asker, request = std::move(request),
                     number = *session]() mutable {
    Home(number).Send(number, asker, std::move(request));
  };
  if (loop.PostHere(std::move(task), bytes)) return;
  context_.metrics.poll_sends_refused.Increment();
  asker.Answer(v1::PollAnswer::RESULT_NOT_HANDLED);
}

void LongPolls::LinkLost(const std::shared_ptr<Edge>& link) {
  for (size_t i = 0; i < homes_.size(); ++i) {
    LoopOf(i).PostAlways([this, i, link] { homes_[i]->LinkLost(link.get()); });
  }
}

void LongPolls::Open(const PollAsker& asker, const v1::Poll& request) {
  const bool full = context_.metrics.poll_sessions.Value() >=
                    context_.limits.poll_sessions_max;
  if (draining_ || full) {
    context_.metrics.poll_opens_unavailable.Increment();
    return asker.Answer(v1::PollAnswer::RESULT_UNAVAILABLE);
  }
  if (!request.has_connect()) {
    context_.metrics.poll_opens_refused.Increment();
    return asker.Answer(v1::PollAnswer::RESULT_REFUSED);
  }
  const v1::Connect& connect = request.connect();
  const Origin origin = {.peer = PeerAddress(connect.peer()),
                         .dialect = connect.dialect(),
                         .transport = v1::TRANSPORT_LONG_POLL,
                         .since_s = static_cast<uint32_t>(
                             absl::ToUnixSeconds(context_.clock.Now()))};
  const Policy policy = PolicyOf(connect.dialect(), context_.limits);
  context_.rule.Decide(connect,
                       [this, asker, policy, origin](ConnectVerdict verdict) {
                         Decided(asker, policy, origin, std::move(verdict));
                       });
}

void LongPolls::Decided(PollAsker asker, const Policy& policy,
                        const Origin& origin, ConnectVerdict verdict) {
  if (const auto* denial = std::get_if<Denial>(&verdict)) {
    context_.metrics.poll_opens_refused.Increment();
    return asker.Answer(ResultOf(*denial));
  }
  Admission& admission = std::get<Admission>(verdict);
  const uint64_t number = ++last_session_;
  absl::StatusOr<std::string> token =
      context_.tokens.Seal(number, context_.clock.Now());
  if (!token.ok()) {
    log::Error("long poll refused", {{"reason", token.status().ToString()}});
    return asker.Answer(v1::PollAnswer::RESULT_FAILED);
  }
  auto socket = std::make_shared<Socket>(
      homes_[number % homes_.size()], number, std::move(admission.socket_id),
      std::move(admission.assigns), policy, std::move(admission.grant), origin);
  LoopOf(number).PostAlways([this, asker = std::move(asker),
                             socket = std::move(socket),
                             token = *std::move(token)]() mutable {
    Home(socket->number()).Open(socket, asker, std::move(token));
  });
}

void LongPolls::List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) {
  struct Sizes {
    std::atomic<uint64_t> sessions{0};
  };
  const auto sizes = std::make_shared<Sizes>();
  context_.shards.OnEach(
      [this, sizes](uint32_t shard) {
        sizes->sessions += homes_[shard]->size();
      },
      [this, sizes, to = std::move(to)]() mutable {
        std::vector<EdgeView> views;
        if (sizes->sessions > 0) {
          views.push_back({.name = name_,
                           .version = std::string(Version()),
                           .linked_for_ms = context_.clock.NowMs() - since_ms_,
                           .sockets = sizes->sessions});
        }
        to(std::move(views));
      });
}

void LongPolls::Sockets(const std::string& edge, uint64_t after, size_t max,
                        absl::AnyInvocable<void(std::vector<SocketPtr>)> to) {
  if (edge != name_) return to({});
  const auto found =
      std::make_shared<std::vector<std::vector<SocketPtr>>>(homes_.size());
  context_.shards.OnEach(
      [this, found, after, max](uint32_t shard) {
        (*found)[shard] = homes_[shard]->List(after, max);
      },
      [found, max, to = std::move(to)]() mutable {
        std::vector<SocketPtr> all;
        for (std::vector<SocketPtr>& some : *found) {
          all.insert(all.end(), some.begin(), some.end());
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
          return a->number() < b->number();
        });
        if (all.size() > max) all.resize(max);
        to(std::move(all));
      });
}

void LongPolls::Find(const std::string& edge, uint64_t number,
                     absl::AnyInvocable<void(SocketPtr)> to) {
  if (edge != name_) return to(nullptr);
  LoopOf(number).PostAlways([this, number, to = std::move(to)]() mutable {
    to(Home(number).Find(number));
  });
}

}  // namespace aerie::broker
