#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/channel/socket_info.h"
#include "broker/control/ask.h"
#include "broker/control/control.h"
#include "common/build_info.h"
#include "google/protobuf/util/time_util.h"

// What services see.
namespace aerie::broker {
namespace {

using google::protobuf::util::TimeUtil;

constexpr uint64_t kQuestionBytes = 256;
constexpr size_t kSampleMax = 1'000;

v1::SocketDetails Details(const Socket& socket) {
  v1::SocketDetails details;
  Describe(socket, details.mutable_socket());
  details.set_edge(std::string(socket.edge().name()));
  details.set_transport(socket.origin().transport);
  details.set_dialect(socket.origin().dialect);
  details.set_peer(socket.origin().peer.ToString());
  *details.mutable_since() =
      TimeUtil::SecondsToTimestamp(socket.origin().since_s);
  details.set_topics_count(socket.topics());
  return details;
}

v1::GetTopicResponse ToResponse(const std::string& topic,
                                const TopicView& view) {
  v1::GetTopicResponse response;
  response.set_topic(topic);
  response.set_channels(view.channels);
  for (const auto& [name, channels] : view.edges) {
    auto& share = *response.add_edges();
    share.set_name(name);
    share.set_channels(channels);
  }
  for (const auto& [name, channels] : view.hosts) {
    auto& share = *response.add_hosts();
    share.set_name(name);
    share.set_channels(channels);
  }
  for (const ChannelView& channel : view.sample) {
    v1::ChannelInfo& info = *response.add_sample();
    info.set_channel(channel.pid.number());
    info.set_socket_key(SocketKey(*channel.socket));
    info.set_socket_id(channel.socket->id());
    info.set_edge(std::string(channel.socket->edge().name()));
    info.set_host(channel.host);
  }
  return response;
}

v1::ListTopicsResponse ToResponse(std::vector<TopicCount> topics) {
  v1::ListTopicsResponse response;
  for (TopicCount& one : topics) {
    v1::TopicInfo& topic = *response.add_topics();
    topic.set_topic(std::move(one.name));
    topic.set_channels(one.channels);
  }
  return response;
}

// Edges in the order of their names, sockets of one in that of their numbers.
bool Before(const SocketPtr& a, const SocketPtr& b) {
  const int names = a->edge().name().compare(b->edge().name());
  return names != 0 ? names < 0 : a->number() < b->number();
}

}  // namespace

// Each shard gives as many as the answer may have, and the first ones of all
// are the answer.
void Control::GatherTopics(
    size_t max, absl::AnyInvocable<Topics(const Shard& asked) const> look,
    bool (*before)(const TopicCount& a, const TopicCount& b),
    absl::AnyInvocable<void(Topics)> to) {
  const auto parts =
      std::make_shared<std::vector<Topics>>(context_.shards.count());
  context_.shards.OnEach(
      [this, parts, look = std::move(look)](uint32_t shard) {
        (*parts)[shard] = look(context_.shards.shard(shard));
      },
      [parts, max, before, to = std::move(to)]() mutable {
        Topics all;
        for (Topics& part : *parts) {
          std::move(part.begin(), part.end(), std::back_inserter(all));
        }
        std::sort(all.begin(), all.end(), before);
        if (all.size() > max) all.resize(max);
        to(std::move(all));
      });
}

// One more than the page has says whether there is another page.
void Control::ListTopics(const v1::ListTopicsRequest& request,
                         Answer<v1::ListTopicsResponse> answer) {
  absl::StatusOr<Page> page = ToPage(request.page_size(), request.page_token());
  if (!page.ok()) return answer(page.status());
  const size_t size = page->size;
  GatherTopics(
      size + 1,
      [prefix = request.prefix(), page = *std::move(page)](const Shard& asked) {
        return asked.ListTopics(prefix, page.after, page.size + 1);
      },
      [](const TopicCount& a, const TopicCount& b) { return a.name < b.name; },
      [size, answer = std::move(answer)](Topics topics) mutable {
        const bool more = topics.size() > size;
        if (more) topics.pop_back();
        v1::ListTopicsResponse response = ToResponse(std::move(topics));
        if (more) {
          response.set_next_page_token(
              PageToken(response.topics().rbegin()->topic()));
        }
        answer(std::move(response));
      });
}

void Control::TopTopics(uint32_t max, Answer<v1::ListTopicsResponse> answer) {
  GatherTopics(
      max, [max](const Shard& asked) { return asked.TopTopics(max); },
      [](const TopicCount& a, const TopicCount& b) {
        return a.channels != b.channels ? a.channels > b.channels
                                        : a.name < b.name;
      },
      [answer = std::move(answer)](Topics topics) mutable {
        answer(ToResponse(std::move(topics)));
      });
}

void Control::GetTopic(const v1::GetTopicRequest& request,
                       Answer<v1::GetTopicResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  Ask<v1::GetTopicResponse>(
      context_.shards, context_.shards.ShardOf(request.topic()), kQuestionBytes,
      [topic = request.topic()](
          const Shard& asked) -> absl::StatusOr<v1::GetTopicResponse> {
        const absl::optional<TopicView> view = asked.LookAt(topic, kSampleMax);
        if (!view.has_value()) return absl::NotFoundError("no such topic");
        return ToResponse(topic, *view);
      },
      std::move(answer));
}

// A page of sockets as it grows.
struct Control::SocketPage {
  SocketPage(Page page, std::string only,
             Answer<v1::ListSocketsResponse> answer)
      : page(std::move(page)),
        only(std::move(only)),
        answer(std::move(answer)) {}

  // How many more than the page has are wanted: one says that there is another.
  size_t Wanted() const { return page.size + 1 - sockets.size(); }
  void Finish();

  const Page page;
  const std::string only;  // The edge; empty for all.
  Answer<v1::ListSocketsResponse> answer;
  // Where the page begins.
  absl::string_view after_edge;
  uint64_t after_number = 0;
  std::vector<SocketPtr> sockets;
  // Edges yet to be asked, the last one first.
  std::vector<std::string> edges;
};

void Control::SocketPage::Finish() {
  v1::ListSocketsResponse response;
  for (size_t i = 0; i < std::min(page.size, sockets.size()); ++i) {
    *response.add_sockets() = Details(*sockets[i]);
  }
  if (sockets.size() > page.size) {
    response.set_next_page_token(
        PageToken(response.sockets().rbegin()->socket().key()));
  }
  answer(std::move(response));
}

void Control::ListSockets(const v1::ListSocketsRequest& request,
                          Answer<v1::ListSocketsResponse> answer) {
  absl::StatusOr<Page> page = ToPage(request.page_size(), request.page_token());
  if (!page.ok()) return answer(page.status());
  const auto growing = std::make_shared<SocketPage>(
      *std::move(page), request.edge(), std::move(answer));
  if (!growing->page.after.empty() &&
      !ParseSocketKey(growing->page.after, &growing->after_edge,
                      &growing->after_number)) {
    return growing->answer(ToPage(0, "-").status());
  }
  request.socket_id().empty() ? SocketsOfEdges(growing)
                              : SocketsOfId(request.socket_id(), growing);
}

void Control::SocketsOfId(const std::string& id,
                          const std::shared_ptr<SocketPage>& page) {
  using Sockets = std::vector<SocketPtr>;
  Ask<Sockets>(
      context_.shards, context_.shards.ShardOf(id), kQuestionBytes,
      [id](const Shard& asked) -> absl::StatusOr<Sockets> {
        return asked.SocketsOf(id);
      },
      [page](absl::StatusOr<Sockets> sockets) {
        if (!sockets.ok()) return page->answer(sockets.status());
        std::sort(sockets->begin(), sockets->end(), Before);
        for (SocketPtr& socket : *sockets) {
          const absl::string_view edge = socket->edge().name();
          if (!page->only.empty() && edge != page->only) continue;
          if (edge < page->after_edge) continue;
          if (edge == page->after_edge &&
              socket->number() <= page->after_number) {
            continue;
          }
          if (page->Wanted() > 0) page->sockets.push_back(std::move(socket));
        }
        page->Finish();
      });
}

void Control::SocketsOfEdges(const std::shared_ptr<SocketPage>& page) {
  context_.edges.List([this, page](const std::vector<EdgeView>& edges) {
    for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
      if (edge->name < page->after_edge) break;
      if (!page->only.empty() && edge->name != page->only) continue;
      page->edges.push_back(edge->name);
    }
    SocketsOfNextEdge(page);
  });
}

// One edge after the other, until the page is full.
void Control::SocketsOfNextEdge(const std::shared_ptr<SocketPage>& page) {
  if (page->edges.empty() || page->Wanted() == 0) return page->Finish();
  const std::string edge = std::move(page->edges.back());
  page->edges.pop_back();
  const uint64_t after = edge == page->after_edge ? page->after_number : 0;
  context_.edges.Sockets(edge, after, page->Wanted(),
                         [this, page](std::vector<SocketPtr> sockets) {
                           std::move(sockets.begin(), sockets.end(),
                                     std::back_inserter(page->sockets));
                           SocketsOfNextEdge(page);
                         });
}

void Control::GetSocket(const v1::GetSocketRequest& request,
                        Answer<v1::GetSocketResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  FindSocket(request.key(), [this, answer = std::move(answer)](
                                absl::StatusOr<SocketPtr> found) mutable {
    if (!found.ok()) return answer(found.status());
    using Parts = std::vector<std::vector<std::string>>;
    const auto parts = std::make_shared<Parts>(context_.shards.count());
    const SocketPtr socket = *std::move(found);
    context_.shards.OnEach(
        [this, parts, socket](uint32_t shard) {
          (*parts)[shard] = context_.shards.shard(shard).TopicsOf(*socket);
        },
        [parts, socket, answer = std::move(answer)]() mutable {
          v1::GetSocketResponse response;
          v1::SocketDetails& details = *response.mutable_socket();
          details = Details(*socket);
          for (const std::vector<std::string>& part : *parts) {
            details.mutable_topics()->Add(part.begin(), part.end());
          }
          std::sort(details.mutable_topics()->begin(),
                    details.mutable_topics()->end());
          details.set_edge_queued_bytes(socket->edge().queued_bytes());
          answer(std::move(response));
        });
  });
}

// The shards, then the edges, then the hosts: each word is of its own moment.
void Control::ClusterInfo(const v1::ClusterInfoRequest& /*request*/,
                          Answer<v1::ClusterInfoResponse> answer) {
  struct Gathered {
    std::vector<Census> parts;
    Census census;
    v1::ClusterInfoResponse response;
    Answer<v1::ClusterInfoResponse> answer;
  };
  const auto all = std::make_shared<Gathered>();
  all->parts.resize(context_.shards.count());
  all->answer = std::move(answer);
  const auto hosts = [this, all](const std::vector<AttachedHostPtr>& attached) {
    DescribeHosts(attached, all->census, &all->response);
    all->answer(std::move(all->response));
  };
  const auto edges = [this, all, hosts](const std::vector<EdgeView>& views) {
    uint64_t sockets = 0;
    for (const EdgeView& view : views) {
      v1::ClusterInfoResponse::Edge& edge = *all->response.add_edges();
      edge.set_name(view.name);
      edge.set_version(view.version);
      *edge.mutable_linked_for() =
          TimeUtil::MillisecondsToDuration(view.linked_for_ms);
      edge.set_sockets(view.sockets);
      edge.set_queued_bytes(view.queued_bytes);
      sockets += view.sockets;
    }
    all->response.mutable_brokers(0)->set_sockets(sockets);
    context_.hosts.List(hosts);
  };
  context_.shards.OnEach(
      [this, all](uint32_t shard) {
        all->parts[shard] = context_.shards.shard(shard).Count();
      },
      [this, all, edges] {
        for (const Census& part : all->parts) {
          all->census.channels += part.channels;
          all->census.topics += part.topics;
          for (const auto& [name, channels] : part.hosts) {
            all->census.hosts[name] += channels;
          }
        }
        DescribeBroker(all->census, all->response.add_brokers());
        context_.edges.List(edges);
      });
}

void Control::DescribeBroker(const Census& census,
                             v1::ClusterInfoResponse::Broker* broker) const {
  broker->set_name(context_.broker);
  broker->set_version(std::string(Version()));
  *broker->mutable_uptime() =
      TimeUtil::MillisecondsToDuration(context_.clock.NowMs() - started_ms_);
  broker->set_channels(census.channels);
  broker->set_topics(census.topics);
}

// The broker's own first.
void Control::DescribeHosts(const std::vector<AttachedHostPtr>& attached,
                            const Census& census,
                            v1::ClusterInfoResponse* response) const {
  for (const auto& [name, channels] : census.hosts) {
    v1::ClusterInfoResponse::Host& host = *response->add_hosts();
    host.set_name(name);
    host.set_instance(context_.broker);
    host.set_version(std::string(Version()));
    host.set_channels(channels);
    for (const Route& route : context_.routes->routes()) {
      if (route.host_name == name) host.add_patterns(route.pattern);
    }
  }
  for (const AttachedHostPtr& one : attached) {
    const HostRecord& record = one->record();
    v1::ClusterInfoResponse::Host& host = *response->add_hosts();
    host.set_name(record.name);
    host.set_instance(record.instance);
    host.set_version(record.version);
    *host.mutable_attached_for() = TimeUtil::MillisecondsToDuration(
        context_.clock.NowMs() - one->attached_ms());
    for (const HostPattern& pattern : record.patterns) {
      host.add_patterns(pattern.pattern);
    }
    host.set_channels(one->channels());
    host.set_in_flight(one->credits().out());
    host.set_draining(one->draining());
  }
}

}  // namespace aerie::broker
