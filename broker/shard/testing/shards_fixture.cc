#include "broker/shard/testing/shards_fixture.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aerie::broker {

void ShardsFixture::Route(const std::string& pattern,
                          std::shared_ptr<broker::Host> host,
                          std::vector<std::string> intercepts) {
  routes_.push_back({pattern, std::move(host), std::move(intercepts)});
}

Shards& ShardsFixture::shards() {
  if (shards_ == nullptr) {
    Route("room:*", host_);
    Route("vip:*", host_, {"secret"});
    auto router = std::make_shared<Router>();
    for (broker::Route& route : routes_) {
      EXPECT_TRUE(router->Add(std::move(route)).ok());
    }
    shards_ = std::make_unique<Shards>(shard_count_, router, limits_, clock_,
                                       metrics_);
  }
  return *shards_;
}

SocketMessage ShardsFixture::Message(const SocketPtr& socket,
                                     absl::string_view join_ref,
                                     absl::string_view ref,
                                     absl::string_view topic,
                                     absl::string_view event,
                                     absl::string_view payload) {
  v1::Message message;
  if (!join_ref.empty())
    message.set_join_ref(absl::StrCat("\"", join_ref, "\""));
  if (!ref.empty()) message.set_ref(absl::StrCat("\"", ref, "\""));
  message.set_topic(std::string(topic));
  message.set_event(std::string(event));
  if (!payload.empty()) message.set_json(std::string(payload));
  return {socket, std::move(message)};
}

void ShardsFixture::InOf(const SocketPtr& socket, absl::string_view join_ref,
                         absl::string_view ref, absl::string_view topic,
                         absl::string_view event, absl::string_view payload) {
  std::vector<SocketMessage> batch;
  batch.push_back(Message(socket, join_ref, ref, topic, event, payload));
  shards().In(std::move(batch));
  shards().RunUntilIdle();
}

void ShardsFixture::In(absl::string_view join_ref, absl::string_view ref,
                       absl::string_view topic, absl::string_view event,
                       absl::string_view payload) {
  InOf(socket_, join_ref, ref, topic, event, payload);
}

uint64_t ShardsFixture::JoinOf(const SocketPtr& socket,
                               absl::string_view join_ref,
                               absl::string_view topic, Joined joined) {
  InOf(socket, join_ref, join_ref, topic, "phx_join");
  const uint64_t serial = host_->last().serial;
  Host(serial, std::move(joined));
  Edge();
  Calls();
  return serial;
}

void ShardsFixture::Gone(const SocketPtr& socket, ExitReason reason) {
  shards().SocketGone(socket, reason);
  shards().RunUntilIdle();
}

void ShardsFixture::Advance(int64_t ms) {
  clock_.AdvanceMs(ms);
  shards().RunUntilIdle();
}

SocketPtr ShardsFixture::MakeSocket(uint64_t number, Policy policy,
                                    std::string id) {
  return std::make_shared<Socket>(edge_, number, std::move(id), "", policy);
}

double ShardsFixture::Metric(absl::string_view name) const {
  const std::string text = registry_.Text();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, absl::StrCat(name, " "))) continue;
    return std::atof(std::string(line.substr(name.size())).c_str());
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

}  // namespace aerie::broker
