#include "test/link/recorded_broker.h"

#include <mutex>

#include "proto/aerie/v1/edge_link.grpc.pb.h"

namespace aerie::testing {

class RecordedBroker::Service final : public v1::EdgeLink::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::BrokerBatch, v1::EdgeBatch>;

  explicit Service(const Recording& recording) : recording_(recording) {}

  grpc::Status Link(grpc::ServerContext* /*context*/, Stream* edge) override {
    const size_t number = AddLink();
    if (number >= recording_.links.size()) {
      return {grpc::StatusCode::UNAVAILABLE, "no link is left"};
    }
    int due = 0;  // Frames that the edge is to say.
    for (const Said& said : recording_.links[number]) {
      due += said.edge.frames_size();
      while (due > 0) {
        const int frames = Read(*edge);
        if (frames == 0) return grpc::Status::OK;
        due -= frames;
      }
      if (said.broker.frames_size() > 0) edge->Write(said.broker);
    }
    while (Read(*edge) > 0) {
    }
    return grpc::Status::OK;
  }

  std::vector<std::string> said() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return said_;
  }

 private:
  size_t AddLink() {
    const std::lock_guard<std::mutex> lock(mutex_);
    said_.emplace_back("link");
    return links_++;
  }

  // How many frames came; 0 at the end.
  int Read(Stream& edge) {
    v1::EdgeBatch batch;
    if (!edge.Read(&batch)) return 0;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const v1::EdgeFrame& frame : batch.frames()) {
      said_.push_back(Words().Of(frame));
    }
    return batch.frames_size();
  }

  const Recording& recording_;
  mutable std::mutex mutex_;
  size_t links_ = 0;               // By mutex_.
  std::vector<std::string> said_;  // By mutex_.
};

RecordedBroker::RecordedBroker(const Recording& recording)
    : service_(std::make_unique<Service>(recording)), port_(*service_) {}

RecordedBroker::~RecordedBroker() = default;

std::vector<std::string> RecordedBroker::said() const {
  return service_->said();
}

std::vector<std::string> SaidByEdge(const Recording& recording) {
  std::vector<std::string> all;
  for (const std::vector<Said>& link : recording.links) {
    all.emplace_back("link");
    for (const Said& said : link) {
      for (const v1::EdgeFrame& frame : said.edge.frames()) {
        all.push_back(Words().Of(frame));
      }
    }
  }
  return all;
}

}  // namespace aerie::testing
