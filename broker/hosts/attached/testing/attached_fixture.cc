#include "broker/hosts/attached/testing/attached_fixture.h"

#include <cstdlib>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "broker/hosts/attached/host_rules.h"
#include "broker/topic/router.h"

namespace aerie::broker {

std::vector<std::string> FakeHostStream::Take() {
  std::vector<std::string> lines;
  for (const v1::ChannelFrame& frame : frames_) lines.push_back(Line(frame));
  if (!frames_.empty()) last_ = frames_.back();
  frames_.clear();
  return lines;
}

AttachedFixture::~AttachedFixture() = default;

Shards& AttachedFixture::shards() {
  if (shards_ != nullptr) return *shards_;
  hosts_ = std::make_unique<AttachedHosts>(limits_, clock_, metrics_, "broker");
  auto router = std::make_shared<Router>();
  EXPECT_TRUE(router->Add({"local:*", local_, {}}).ok());
  for (const AttachedRoute& route : routes_) {
    const std::shared_ptr<Host> host(std::shared_ptr<Host>(), hosts_.get());
    EXPECT_TRUE(router->Add({route.pattern, host, {}}).ok());
  }
  shards_ =
      std::make_unique<Shards>(shard_count_, router, limits_, clock_, metrics_);
  hosts_->Bind(*shards_, router, routes_);
  shards_->RunUntilIdle();
  return *shards_;
}

PlayedHost AttachedFixture::Attach(const v1::HostFrame& registration) {
  PlayedHost played;
  absl::StatusOr<HostRecord> record =
      CheckRegistration(registration.registration(), limits_);
  EXPECT_TRUE(record.ok()) << record.status();
  played.stream = std::make_shared<FakeHostStream>();
  played.host = hosts().Attach(*std::move(record), played.stream);
  Run();
  if (played.stream->attached()) {
    EXPECT_THAT(absl::StrJoin(played.stream->Take(), ", "),
                testing::StartsWith("attached "));
  }
  return played;
}

void AttachedFixture::Lose(const PlayedHost& host) {
  hosts().Detach(host.host);
  Run();
}

absl::Status AttachedFixture::TrySay(const PlayedHost& host,
                                     std::vector<v1::HostFrame> frames) {
  v1::AttachRequest batch;
  for (v1::HostFrame& frame : frames) *batch.add_frames() = std::move(frame);
  absl::Status status = hosts().Answer(host.host, batch);
  Run();
  return status;
}

void AttachedFixture::InOf(const SocketPtr& socket, absl::string_view join_ref,
                           absl::string_view ref, absl::string_view topic,
                           absl::string_view event, absl::string_view payload) {
  v1::Message message;
  if (!join_ref.empty()) {
    message.set_join_ref(absl::StrCat("\"", join_ref, "\""));
  }
  if (!ref.empty()) message.set_ref(absl::StrCat("\"", ref, "\""));
  message.set_topic(std::string(topic));
  message.set_event(std::string(event));
  if (!payload.empty()) message.set_json(std::string(payload));
  std::vector<SocketMessage> batch;
  batch.push_back({socket, std::move(message)});
  shards().In(std::move(batch));
  Run();
}

uint64_t AttachedFixture::JoinOf(const SocketPtr& socket,
                                 const PlayedHost& host,
                                 absl::string_view join_ref,
                                 absl::string_view topic) {
  InOf(socket, join_ref, join_ref, topic, "phx_join");
  Hear(host);
  const uint64_t channel = host.stream->last().channel();
  Say(host, {JoinOk(channel)});
  Edge();
  return channel;
}

void AttachedFixture::Gone(const SocketPtr& socket, ExitReason reason) {
  shards().SocketGone(socket, reason);
  Run();
}

void AttachedFixture::Advance(int64_t ms) {
  clock_.AdvanceMs(ms);
  Run();
}

double AttachedFixture::Metric(absl::string_view name) const {
  const std::string text = registry_.Text();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, absl::StrCat(name, " "))) continue;
    return std::atof(std::string(line.substr(name.size())).c_str());
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

}  // namespace aerie::broker
