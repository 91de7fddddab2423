#include "broker/dashboard/looks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/dashboard/json.h"

namespace aerie::broker {
namespace {

// What a look at every topic costs, if one at one thing costs 1.
constexpr double kScanPrice = 8;

double PriceOf(Looks::Kind kind) {
  return kind == Looks::Kind::kScan ? kScanPrice : 1;
}

}  // namespace

Looks::Looks(const Limits& limits, const Clock& clock, Metrics& metrics)
    : limits_(limits),
      clock_(clock),
      metrics_(metrics),
      savings_(limits.dashboard_looks_per_second),
      saved_ms_(clock.NowMs()) {}

void Looks::Want(const std::string& key, Kind kind,
                 absl::AnyInvocable<void(Reply)> ask, Reply reply) {
  const int64_t now_ms = clock_.NowMs();
  const auto found = looks_.find(key);
  if (found != looks_.end()) {
    Look& look = found->second;
    if (look.late) return Late(std::move(reply));
    if (!look.answer.has_value()) {
      if (waiting_ >= limits_.dashboard_waiting_max) {
        return Refuse(std::move(reply));
      }
      metrics_.dashboard_shared.Increment();
      return Wait(look, std::move(reply));
    }
    if (now_ms < look.keep_until_ms) {
      metrics_.dashboard_shared.Increment();
      return reply(*look.answer);
    }
    looks_.erase(found);
  }
  if (!Afford(kind)) return Refuse(std::move(reply));
  metrics_.dashboard_asked.Increment();
  MakeRoom();
  const uint64_t number = ++made_;
  Look& look = looks_[key];
  look.number = number;
  look.asked_ms = now_ms;
  Wait(look, std::move(reply));
  ++under_way_;
  ask([this, key, number, kind](const AdminAnswer& answer) {
    Done(key, number, kind, answer);
  });
}

void Looks::Wait(Look& look, Reply reply) {
  look.waiting.push_back(std::move(reply));
  ++waiting_;
}

// A bucket that holds a second's worth.
bool Looks::Afford(Kind kind) {
  const int64_t now_ms = clock_.NowMs();
  const double a_second = limits_.dashboard_looks_per_second;
  savings_ = std::min(
      a_second,
      savings_ + a_second * static_cast<double>(now_ms - saved_ms_) / 1'000);
  saved_ms_ = now_ms;
  if (savings_ < PriceOf(kind)) return false;
  if (kind != Kind::kOwn && (under_way_ >= limits_.dashboard_looks_max ||
                             waiting_ >= limits_.dashboard_waiting_max)) {
    return false;
  }
  savings_ -= PriceOf(kind);
  return true;
}

void Looks::Refuse(Reply reply) {
  metrics_.dashboard_refused.Increment();
  AdminAnswer answer = ErrorAnswer(429, "too much is asked; try again");
  answer.headers.emplace_back("Retry-After", "1");
  reply(std::move(answer));
}

void Looks::Late(Reply reply) {
  metrics_.dashboard_late.Increment();
  reply(ErrorAnswer(503, "the broker's loops do not answer"));
}

// The oldest answer goes. There is one: fewer looks may be under way.
void Looks::MakeRoom() {
  if (looks_.size() < limits_.dashboard_answers_max) return;
  auto oldest = looks_.end();
  for (auto it = looks_.begin(); it != looks_.end(); ++it) {
    if (!it->second.answer.has_value()) continue;
    if (oldest == looks_.end() || it->second.number < oldest->second.number) {
      oldest = it;
    }
  }
  if (oldest != looks_.end()) looks_.erase(oldest);
}

void Looks::Done(const std::string& key, uint64_t number, Kind kind,
                 const AdminAnswer& answer) {
  --under_way_;
  const auto found = looks_.find(key);
  if (found == looks_.end() || found->second.number != number) return;
  Look& look = found->second;
  look.late = false;
  look.keep_until_ms =
      clock_.NowMs() + (kind == Kind::kScan ? limits_.dashboard_scan_keep_ms
                                            : limits_.dashboard_keep_ms);
  look.answer = answer;
  std::vector<Reply> waiting = std::move(look.waiting);
  look.waiting.clear();
  waiting_ -= waiting.size();
  for (Reply& reply : waiting) reply(answer);
}

void Looks::Step() {
  const int64_t now_ms = clock_.NowMs();
  std::vector<Reply> in_vain;
  for (auto it = looks_.begin(); it != looks_.end();) {
    Look& look = it->second;
    if (look.answer.has_value() && now_ms >= look.keep_until_ms) {
      looks_.erase(it++);
      continue;
    }
    if (!look.answer.has_value() &&
        now_ms - look.asked_ms >= limits_.dashboard_look_deadline_ms) {
      look.late = true;
      std::move(look.waiting.begin(), look.waiting.end(),
                std::back_inserter(in_vain));
      look.waiting.clear();
    }
    ++it;
  }
  waiting_ -= in_vain.size();
  for (Reply& reply : in_vain) Late(std::move(reply));
}

}  // namespace aerie::broker
