#include "edge/socket/fastlane.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/log.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/serializer.h"

namespace aerie::edge {
namespace {

// A broadcast in the dialects that somebody needed so far.
class Encodings {
 public:
  explicit Encodings(const v1::Message& message) : message_(message) {}

  const absl::StatusOr<phoenix::Frame>& Of(v1::Dialect dialect) {
    std::optional<absl::StatusOr<phoenix::Frame>>& frame = frames_[dialect];
    if (!frame.has_value()) {
      frame = phoenix::SerializerOf(dialect).Encode(message_);
      if (!frame->ok()) {
        log::Warning("broadcast skipped",
                     {{"dialect", v1::Dialect_Name(dialect)},
                      {"reason", frame->status().message()}});
      }
    }
    return *frame;
  }

 private:
  const v1::Message& message_;
  std::array<std::optional<absl::StatusOr<phoenix::Frame>>,
             v1::Dialect_ARRAYSIZE>
      frames_;
};

// The channels that a broadcast leaves out: mostly none or one.
class Skipped {
 public:
  explicit Skipped(const v1::Fanout& fanout)
      : pids_(fanout.except().begin(), fanout.except().end()) {
    std::sort(pids_.begin(), pids_.end());
  }

  bool Has(uint64_t pid) const {
    return !pids_.empty() &&
           std::binary_search(pids_.begin(), pids_.end(), pid);
  }

 private:
  std::vector<uint64_t> pids_;
};

}  // namespace

std::unique_ptr<Fastlane::Seat> Fastlane::Enlist(const v1::Enlist& enlist,
                                                 v1::Dialect dialect,
                                                 Transport& transport) {
  Topic& topic = FindOrAddTopic(enlist.topic());
  auto seat = std::make_unique<Seat>();
  seat->topic_ = &topic;
  seat->pid_ = enlist.pid();
  seat->join_ref_ = enlist.join_ref();
  seat->lane_ = FindOrAddLane(topic, enlist.group(), dialect);
  std::vector<Member>& members = topic.lanes[seat->lane_].members;
  seat->position_ = static_cast<uint32_t>(members.size());
  members.push_back({&transport, enlist.pid(), seat.get()});
  ++topic.size;
  return seat;
}

void Fastlane::Delist(std::unique_ptr<Seat> seat) {
  Topic& topic = *seat->topic_;
  std::vector<Member>& members = topic.lanes[seat->lane_].members;
  Member& place = members[seat->position_];
  place = members.back();
  place.seat->position_ = seat->position_;
  members.pop_back();
  if (--topic.size == 0) topics_.erase(topics_.find(topic.name));
}

Fastlane::Outcome Fastlane::Send(const v1::Fanout& fanout) const {
  Outcome outcome;
  const auto found = topics_.find(fanout.message().topic());
  if (found == topics_.end()) return outcome;
  Encodings encodings(fanout.message());
  const Skipped skipped(fanout);
  for (const Lane& lane : found->second->lanes) {
    if ((fanout.groups() >> lane.group & 1) == 0) continue;
    if (lane.members.empty()) continue;
    const absl::StatusOr<phoenix::Frame>& frame = encodings.Of(lane.dialect);
    if (!frame.ok()) {
      outcome.skipped += lane.members.size();
      continue;
    }
    if (frame->silent()) continue;
    for (const Member& member : lane.members) {
      if (skipped.Has(member.pid)) continue;
      member.transport->Send(*frame);
      ++outcome.deliveries;
    }
  }
  return outcome;
}

Fastlane::Topic& Fastlane::FindOrAddTopic(absl::string_view name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return *found->second;
  auto topic = std::make_unique<Topic>();
  topic->name = std::string(name);
  Topic& added = *topic;
  topics_.emplace(added.name, std::move(topic));
  return added;
}

uint8_t Fastlane::FindOrAddLane(Topic& topic, uint32_t group,
                                v1::Dialect dialect) {
  for (size_t i = 0; i < topic.lanes.size(); ++i) {
    const Lane& lane = topic.lanes[i];
    if (lane.group == group && lane.dialect == dialect) {
      return static_cast<uint8_t>(i);
    }
  }
  topic.lanes.push_back({static_cast<uint8_t>(group), dialect, {}});
  return static_cast<uint8_t>(topic.lanes.size() - 1);
}

}  // namespace aerie::edge
