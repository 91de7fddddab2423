#include "clients/cpp/payload.h"

namespace aerie::client {

Payload Payload::FromProto(v1::Payload payload) {
  if (payload.has_binary()) {
    return Payload(std::move(*payload.mutable_binary()), true, true);
  }
  if (!payload.has_json()) return Payload();
  return Payload(std::move(*payload.mutable_json()), false, true);
}

v1::Payload Payload::ToProto() && {
  v1::Payload payload;
  if (binary_) {
    payload.set_binary(std::move(text_));
  } else if (text_ != "{}") {
    payload.set_json(std::move(text_));
  }
  return payload;
}

}  // namespace aerie::client
