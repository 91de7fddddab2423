#ifndef AERIE_PROTO_AERIE_V1_CANARY_TOPIC_H_
#define AERIE_PROTO_AERIE_V1_CANARY_TOPIC_H_

#include "absl/strings/string_view.h"

namespace aerie::v1 {

// The topic of the broadcasts that edges send themselves (Canary in
// edge_link.proto). It is nobody's channel: joins of it are unmatched.
inline constexpr absl::string_view kCanaryTopic = "aerie:canary";

}  // namespace aerie::v1

#endif  // AERIE_PROTO_AERIE_V1_CANARY_TOPIC_H_
