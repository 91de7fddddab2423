#ifndef AERIE_TEST_LINK_LINK_TAP_H_
#define AERIE_TEST_LINK_LINK_TAP_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "test/support/service_port.h"

namespace aerie::testing {

// Stands between an edge and its brokers and notes what passes, in order. Link
// n goes to the nth broker.
class LinkTap {
 public:
  // One message, as it travelled.
  struct Said {
    bool by_edge = false;
    std::string bytes;  // An EdgeBatch or a BrokerBatch.
  };
  using Link = std::vector<Said>;

  // Addresses, host and port.
  explicit LinkTap(std::vector<std::string> brokers);
  ~LinkTap();

  std::string address() const { return port_.address(); }
  std::vector<Link> links() const;

 private:
  class Service;

  std::unique_ptr<Service> service_;
  ServicePort port_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_LINK_TAP_H_
