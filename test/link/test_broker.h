#ifndef AERIE_TEST_LINK_TEST_BROKER_H_
#define AERIE_TEST_LINK_TEST_BROKER_H_

#include <memory>
#include <string>

#include "broker/auth/built_in_rules.h"
#include "broker/auth/resume_blob.h"
#include "broker/auth/service_credentials.h"
#include "broker/hosts/attached/attached_hosts.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/poll/long_polls.h"
#include "broker/poll/poll_tokens.h"
#include "broker/rpc/authorizer.h"
#include "broker/rpc/edge_link.h"
#include "broker/rpc/host_link.h"
#include "broker/shard/shards.h"
#include "broker/topic/router.h"
#include "common/metrics.h"
#include "common/rpc/server_queues.h"
#include "grpcpp/server.h"

namespace aerie::testing {

// A broker's links and shards on a port of their own, with TestHost behind
// every topic that no attached host has registered. All of them use one key, so
// that sockets move between them.
class TestBroker {
 public:
  explicit TestBroker(const broker::Limits& limits = {});
  ~TestBroker() { Stop(); }
  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  // Its links are lost, as with a process that is killed.
  void Stop();
  void Drain() {
    hosts_.Drain();
    service_.Drain([] {});
  }

  const std::string& address() const { return address_; }
  const broker::Metrics& metrics() const { return metrics_; }

 private:
  const broker::Limits limits_;
  MetricsRegistry registry_;
  broker::Metrics metrics_{registry_};
  // None: nobody is asked for any.
  const std::unique_ptr<broker::ServiceCredentials> credentials_;
  const broker::Authorizer authorizer_;
  broker::AllowRule rule_;
  broker::ResumeBlobs blobs_;
  const std::shared_ptr<const broker::Router> router_;
  broker::AttachedHosts hosts_;
  broker::Shards shards_;
  broker::PollTokens tokens_;
  broker::LongPolls polls_;
  broker::EdgeLinkService service_;
  broker::ChannelHostService host_service_;
  rpc::ServerQueues queues_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_TEST_BROKER_H_
