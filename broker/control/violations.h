#ifndef AERIE_BROKER_CONTROL_VIOLATIONS_H_
#define AERIE_BROKER_CONTROL_VIOLATIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aerie::broker {

// What is wrong with the fields of a request. One thread.
class Violations {
 public:
  // `field` as google.rpc.BadRequest spells it: `broadcasts[3].topic`.
  void Add(absl::string_view field, absl::string_view description);

  // OK, or INVALID_ARGUMENT with a BadRequest that names every field.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONTROL_VIOLATIONS_H_
