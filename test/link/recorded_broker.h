#ifndef AERIE_TEST_LINK_RECORDED_BROKER_H_
#define AERIE_TEST_LINK_RECORDED_BROKER_H_

#include <memory>
#include <string>
#include <vector>

#include "test/link/recording.h"
#include "test/support/service_port.h"

namespace aerie::testing {

// Says to an edge what the broker of a recording said, link after link, each
// thing when the edge has said as much as the recorded one had. Any thread.
class RecordedBroker {
 public:
  explicit RecordedBroker(const Recording& recording);
  ~RecordedBroker();

  std::string address() const { return port_.address(); }
  // What edges have said so far (Words); a line `link` begins each link.
  std::vector<std::string> said() const;

 private:
  class Service;

  std::unique_ptr<Service> service_;
  ServicePort port_;
};

// What RecordedBroker::said is when the edge speaks as the recorded one.
std::vector<std::string> SaidByEdge(const Recording& recording);

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_RECORDED_BROKER_H_
