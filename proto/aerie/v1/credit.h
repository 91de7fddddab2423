#ifndef AERIE_PROTO_AERIE_V1_CREDIT_H_
#define AERIE_PROTO_AERIE_V1_CREDIT_H_

#include <cstdint>

#include "proto/aerie/v1/message.pb.h"

namespace aerie::v1 {

// What a client's message weighs in flow control. Edge and broker must agree,
// so both count the bytes of the fields and a constant for the rest.
inline uint64_t CreditBytes(const Message& message) {
  return 64 + message.topic().size() + message.event().size() +
         message.json().size() + message.binary().size() +
         message.ref().size() + message.join_ref().size();
}

}  // namespace aerie::v1

#endif  // AERIE_PROTO_AERIE_V1_CREDIT_H_
