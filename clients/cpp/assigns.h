#ifndef AERIE_CLIENTS_CPP_ASSIGNS_H_
#define AERIE_CLIENTS_CPP_ASSIGNS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aerie::client {

// A JSON object whose keys can be merged; values stay the text that they are.
// Phoenix: the assigns of a socket. A value: one thread at a time.
class Assigns {
 public:
  // What is no object is empty: brokers send objects.
  explicit Assigns(absl::string_view json);

  // INVALID_ARGUMENT when it is no JSON object, or the whole would be more
  // than 64 KiB; nothing is changed then.
  absl::Status Merge(absl::string_view json);

  std::string Text() const;

 private:
  // By key, each with its quotes as it was written.
  using Members = std::map<std::string, std::string, std::less<>>;

  static Members Split(absl::string_view object);
  static std::string Join(const Members& members);

  Members members_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_ASSIGNS_H_
