#ifndef AERIE_EDGE_SOCKET_FASTLANE_H_
#define AERIE_EDGE_SOCKET_FASTLANE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "edge/socket/transport.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// The way of broadcasts past the channels: which sockets of one io thread hear
// which topic. Phoenix: the `fastlane` option of Phoenix.PubSub.subscribe.
// Lives on the io thread. Derived state: the broker's map is the truth.
//
// Members of a topic lie in lanes, one for each group and dialect, so that a
// fan-out walks contiguous memory and encodes once for a whole lane.
class Fastlane {
 private:
  struct Topic;

 public:
  // One channel's place. Its socket keeps it, and with it what the edge needs
  // to end the channel by itself.
  class Seat {
   public:
    const std::string& topic() const { return topic_->name; }
    uint64_t pid() const { return pid_; }
    // The join_ref recorded for the channel, as in v1::Enlist.
    const std::string& join_ref() const { return join_ref_; }

   private:
    friend class Fastlane;

    Topic* topic_;
    uint64_t pid_;
    uint32_t position_;
    uint8_t lane_;
    std::string join_ref_;
  };

  // What became of a Fanout.
  struct Outcome {
    uint64_t deliveries = 0;
    uint64_t skipped = 0;  // By the encode errors of their dialects.
  };

  static constexpr uint32_t kGroups = 16;

  // Adds a channel of a socket that speaks `dialect`. Its group is less than
  // kGroups.
  std::unique_ptr<Seat> Enlist(const v1::Enlist& enlist, v1::Dialect dialect,
                               Transport& transport);

  // Takes the channel away, in constant time.
  void Delist(std::unique_ptr<Seat> seat);

  // Sends the broadcast to the groups that it names.
  Outcome Send(const v1::Fanout& fanout) const;

  size_t topics() const { return topics_.size(); }

 private:
  struct Member {
    Transport* transport;
    uint64_t pid;
    Seat* seat;
  };
  struct Lane {
    uint8_t group;
    v1::Dialect dialect;
    std::vector<Member> members;
  };
  struct Topic {
    std::string name;
    size_t size = 0;
    // A lane that was needed once stays as long as its topic.
    absl::InlinedVector<Lane, 1> lanes;
  };

  Topic& FindOrAddTopic(absl::string_view name);
  static uint8_t FindOrAddLane(Topic& topic, uint32_t group,
                               v1::Dialect dialect);

  // Keys lie in their topics.
  absl::flat_hash_map<absl::string_view, std::unique_ptr<Topic>> topics_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_FASTLANE_H_
