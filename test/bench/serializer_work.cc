#include <memory>
#include <string>

#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/serializer.h"
#include "test/bench/wire.h"
#include "test/bench/work.h"

namespace aerie::bench {
namespace {

constexpr int kRounds = 1'000;

// What the wire costs per message in dialect 2.0.0: reads a push of 64 bytes,
// writes the reply that carries it back, and a broadcast of it.
class SerializerWork final : public Work {
 public:
  void Run() override {
    for (int i = 0; i < kRounds; ++i) {
      if (!wire_.Decode(phoenix::Opcode::kText, push_, &message_).ok()) {
        Wrong("the push is not read");
      }
      message_.set_kind(v1::Message::KIND_REPLY);
      message_.set_status("ok");
      if (!wire_.Encode(message_).ok()) Wrong("the reply is not written");
      message_.set_kind(v1::Message::KIND_BROADCAST);
      if (!wire_.Encode(message_).ok()) Wrong("the broadcast is not written");
    }
  }

 private:
  const phoenix::Serializer& wire_ = phoenix::SerializerOf(v1::DIALECT_V2);
  const std::string push_ =
      ClientMessage("1", 7, "room:bench", "msg", NumberedPayload(1, 64));
  v1::Message message_;
};

}  // namespace

std::unique_ptr<Work> MakeWork() { return std::make_unique<SerializerWork>(); }

}  // namespace aerie::bench
