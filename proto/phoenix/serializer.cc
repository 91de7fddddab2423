#include "proto/phoenix/serializer.h"

#include <cstdlib>

#include "proto/phoenix/founding_serializer.h"
#include "proto/phoenix/v1_serializer.h"
#include "proto/phoenix/v2_serializer.h"

namespace aerie::phoenix {

const Serializer& SerializerOf(v1::Dialect dialect) {
  static const FoundingSerializer founding;
  static const V1Serializer v1;
  static const V2Serializer v2;
  static const BridgeSerializer bridge;
  switch (dialect) {
    case v1::DIALECT_FOUNDING:
      return founding;
    case v1::DIALECT_V1:
      return v1;
    case v1::DIALECT_V2:
      return v2;
    case v1::DIALECT_BRIDGE:
      return bridge;
    default:
      std::abort();  // Dialects are fixed at the handshake, by our own code.
  }
}

}  // namespace aerie::phoenix
