#ifndef AERIE_TEST_ROLLOUT_MEMBER_H_
#define AERIE_TEST_ROLLOUT_MEMBER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "clients/cpp/payload.h"
#include "clients/cpp/phoenix/phoenix_client.h"

namespace aerie::rollout {

// What has happened to all members so far.
struct Tally {
  // Now.
  uint64_t open = 0;
  uint64_t joined = 0;

  uint64_t opened = 0;
  std::map<uint16_t, uint64_t> closed;  // By close code.
  uint64_t refused = 0;                 // Upgrades answered 503.
  uint64_t failed = 0;                  // Attempts that got no answer.

  uint64_t joins = 0;
  uint64_t joins_unavailable = 0;
  uint64_t joins_late = 0;  // Not answered in time.
  uint64_t joins_refused = 0;
  uint64_t crashes = 0;  // phx_error of the server.

  // Numbers heard; those left out and those heard again, while joined.
  uint64_t heard = 0;
  uint64_t missed = 0;
  uint64_t repeated = 0;
};

// One client, as phoenix.js has them, with one topic: it comes back by itself.
// Lives on its loop.
class Member {
 public:
  Member(const std::string& endpoint, const std::string& topic, size_t number,
         const client::phx::SocketOptions& options,
         const std::shared_ptr<client::phx::Loop>& loop, Tally& tally);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  bool joined() const { return joined_; }
  // The last number that it heard since it joined; 0: none.
  int64_t last() const { return last_; }
  // Which of the topics it is in.
  size_t topic() const { return topic_; }

 private:
  void Start(client::phx::Socket& socket, const std::string& topic);
  void Closed(const client::phx::CloseEvent& event);
  void Joined();
  void Lost(const client::Payload& reason);
  void JoinFailed(const client::Payload& response);
  void Heard(const client::Payload& payload);

  Tally& tally_;
  const size_t topic_;
  bool open_ = false;
  bool joined_ = false;
  int64_t last_ = 0;
  std::shared_ptr<client::phx::Channel> channel_;
  // Last: its callbacks use what is above.
  client::phx::PhoenixClient client_;
};

}  // namespace aerie::rollout

#endif  // AERIE_TEST_ROLLOUT_MEMBER_H_
