#ifndef AERIE_EDGE_SOCKET_SOCKET_H_
#define AERIE_EDGE_SOCKET_SOCKET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "edge/limits.h"
#include "edge/socket/fastlane.h"
#include "edge/socket/tally.h"
#include "edge/socket/transport.h"
#include "edge/socket/uplink.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/phoenix/frame.h"
#include "proto/phoenix/serializer.h"

namespace aerie::edge {

// Unique for the edge process' life; `number % threads` is its io thread.
using SocketNumber = uint64_t;

// What the sockets of one io thread share.
struct SocketHome {
  const Limits& limits;
  Uplink& uplink;
  Fastlane& fastlane;
  Tally& tally;
  // Destroys a socket.
  absl::AnyInvocable<void(SocketNumber)> remove;
};

// What is known of a socket before it opens.
struct SocketRecord {
  SocketNumber number = 0;
  v1::Dialect dialect = v1::DIALECT_UNSPECIFIED;
  // From v1::Opened.
  std::string resume_blob;
  // The link on which the broker knows the socket.
  uint64_t epoch = 0;
};

// One client connection. Phoenix: the process behind Phoenix.Socket, less its
// channels: it decodes, answers what needs no channel, and hands the rest to
// the broker. Lives on its io thread, from SocketTable::Open to OnClosed.
class Socket {
 public:
  Socket(SocketHome& home, SocketRecord record, Transport& transport);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // From the transport, on the socket's io thread:

  // One whole message of the client. The socket may Send, Pause or Close its
  // transport before this returns.
  void OnFrame(phoenix::Opcode opcode, absl::string_view bytes);

  // The connection is gone, whoever ended it. The Socket is destroyed.
  void OnClosed();

  // From the SocketTable:

  SocketNumber number() const { return number_; }

  // What the broker says to this socket's client.
  void Deliver(const v1::Message& message);
  void Enlist(const v1::Enlist& enlist);
  void Delist(uint64_t pid);
  void Credit(const v1::Credit& credit);
  // Another blob to resume with.
  void Renew(std::string resume_blob) { resume_blob_ = std::move(resume_blob); }

  // Ends the connection; false if it is ending already.
  bool Close(uint16_t code);

  // Ends every channel for the client: they went down with the link.
  void LinkLost();

 private:
  // A phx_join until the broker has refused it, or has enlisted its channel:
  // a link may be lost between the reply and Enlist. Refs as in v1::Message.
  struct Join {
    std::string topic;
    std::string ref;
    std::string join_ref;
    bool accepted = false;

    uint32_t bytes() const;
  };

  // Tells the broker of a new link that the socket is still there.
  void Resume();
  // Answers a message that no channel can get.
  void AnswerAlone(v1::Message& request);
  // Makes `request` its own answer.
  void Answer(v1::Message::Kind kind, v1::Message& request);
  // Whether a phx_join may go to the broker; if not, the client has been told.
  bool TryJoin(v1::Message& request);
  // Founding: a phx_join on a topic that is joined, or about to be, is an event
  // like any other.
  bool IsPlainEvent(const v1::Message& request) const;
  void JoinAnswered(const v1::Message& answer);
  void ForgetJoin(std::vector<Join>::iterator join);
  // Tells the client that a joined topic has failed.
  void FailTopic(std::string topic, std::string join_ref);
  void Forward(v1::EdgeFrame frame);
  void Send(const v1::Message& message);
  void PaceReading();

  SocketHome& home_;
  Transport& transport_;
  const phoenix::Serializer& serializer_;
  const SocketNumber number_;
  uint64_t epoch_;
  std::string resume_blob_;
  const v1::Dialect dialect_;
  bool closing_ = false;
  bool paused_ = false;
  // Sent to the broker and not credited yet.
  uint32_t in_flight_frames_ = 0;
  uint64_t in_flight_bytes_ = 0;
  // The channels that the broker has enlisted.
  absl::InlinedVector<std::unique_ptr<Fastlane::Seat>, 2> seats_;
  std::vector<Join> joins_;
  uint32_t joins_bytes_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_SOCKET_H_
