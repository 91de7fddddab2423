#ifndef AERIE_TEST_LINK_RECORDING_H_
#define AERIE_TEST_LINK_RECORDING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::testing {

// One gRPC message of a recorded link; one of both has frames.
struct Said {
  v1::EdgeBatch edge;
  v1::BrokerBatch broker;
};

// What `//test/link:record_link` has printed.
struct Recording {
  std::string version;
  std::vector<std::string> heard;        // By the client.
  std::vector<std::vector<Said>> links;  // One after the other.
};

// test/data/edge_link_<version>.json.
Recording ReadRecording(const std::string& version);

// Frames as text that is the same each time: without what names processes,
// versions, ports and times. Of one stream, in its order.
class Words {
 public:
  std::string Of(v1::EdgeFrame frame);
  // Pids are numbered in the order in which they come. Empty for Credit, which
  // comes when it may.
  std::string Of(v1::BrokerFrame frame);

 private:
  uint64_t Pid(uint64_t pid);

  std::map<uint64_t, uint64_t> pids_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_RECORDING_H_
