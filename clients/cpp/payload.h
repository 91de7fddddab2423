#ifndef AERIE_CLIENTS_CPP_PAYLOAD_H_
#define AERIE_CLIENTS_CPP_PAYLOAD_H_

#include <string>
#include <utility>

#include "proto/aerie/v1/payload.pb.h"

namespace aerie::client {

// The payload of an event or a reply: JSON text, or bytes. JSON is kept as
// text, so that numbers survive as they were written; parse it with the library
// of your choice. Text is checked when it is sent, unless it came from the
// broker. A value: any thread, one at a time.
class Payload {
 public:
  // The empty object, `{}`.
  Payload() = default;

  // JSON text (RFC 8259, UTF-8). Of an event it must be an object.
  static Payload Json(std::string text) {
    return Payload(std::move(text), /*binary=*/false, /*checked=*/false);
  }
  // Bytes: a binary frame for clients of the 2.0.0 wire; others miss it.
  static Payload Bytes(std::string bytes) {
    return Payload(std::move(bytes), /*binary=*/true, /*checked=*/true);
  }

  bool binary() const { return binary_; }
  // The bytes, or the JSON text.
  const std::string& text() const { return text_; }

  // As the contract carries it.
  static Payload FromProto(v1::Payload payload);
  v1::Payload ToProto() &&;
  // Known to be JSON: it came from the broker.
  bool checked() const { return checked_; }

 private:
  Payload(std::string text, bool binary, bool checked)
      : text_(std::move(text)), binary_(binary), checked_(checked) {}

  std::string text_ = "{}";
  bool binary_ = false;
  bool checked_ = true;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_PAYLOAD_H_
