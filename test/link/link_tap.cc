#include "test/link/link_tap.h"

#include <thread>
#include <utility>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace aerie::testing {

class LinkTap::Service final : public v1::EdgeLink::Service {
 public:
  explicit Service(std::vector<std::string> brokers)
      : brokers_(std::move(brokers)) {}

  grpc::Status Link(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::BrokerBatch, v1::EdgeBatch>* edge) override {
    const size_t number = AddLink();
    if (number >= brokers_.size()) {
      return {grpc::StatusCode::UNAVAILABLE, "no broker is left"};
    }
    const auto stub = v1::EdgeLink::NewStub(grpc::CreateChannel(
        brokers_[number], grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    const auto broker = stub->Link(&context);
    std::thread up([&] {
      v1::EdgeBatch batch;
      while (edge->Read(&batch)) {
        Note(number, true, batch.SerializeAsString());
        broker->Write(batch);
      }
      broker->WritesDone();
    });
    v1::BrokerBatch batch;
    while (broker->Read(&batch)) {
      Note(number, false, batch.SerializeAsString());
      edge->Write(batch);
    }
    grpc::Status status = broker->Finish();
    up.join();
    return status;
  }

  std::vector<LinkTap::Link> links() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return links_;
  }

 private:
  size_t AddLink() {
    const std::lock_guard<std::mutex> lock(mutex_);
    links_.emplace_back();
    return links_.size() - 1;
  }
  void Note(size_t link, bool by_edge, std::string bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    links_[link].push_back({by_edge, std::move(bytes)});
  }

  const std::vector<std::string> brokers_;
  mutable std::mutex mutex_;
  std::vector<LinkTap::Link> links_;  // By mutex_.
};

LinkTap::LinkTap(std::vector<std::string> brokers)
    : service_(std::make_unique<Service>(std::move(brokers))),
      port_(*service_) {}

LinkTap::~LinkTap() = default;

std::vector<LinkTap::Link> LinkTap::links() const { return service_->links(); }

}  // namespace aerie::testing
