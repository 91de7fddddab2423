#ifndef AERIE_EDGE_TRANSPORT_INFLATER_H_
#define AERIE_EDGE_TRANSPORT_INFLATER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace aerie::edge {

// Inflates messages of permessage-deflate (RFC 7692) whose sender does not take
// its context over from one to the next, so that sockets have no window of
// their own. Lives on one io thread.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Result {
    kDone,
    kTooBig,
    kMalformed,  // Or there is no memory.
  };
  // Makes `message` of the payload of a compressed message. What it holds if
  // that fails is of no use.
  Result Inflate(absl::string_view deflated, uint64_t message_bytes_max,
                 std::string* message);

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;  // Since the first message.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_INFLATER_H_
