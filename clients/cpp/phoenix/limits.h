#ifndef AERIE_CLIENTS_CPP_PHOENIX_LIMITS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace aerie::client::phx {

// Every bound of a Phoenix client. What does not fit is answered `error`, with
// RESOURCE_EXHAUSTED as the push's error.
struct Limits {
  // Said before the socket is open: frames, and their bytes. The bytes bound
  // what an open socket has not written yet, too.
  size_t send_buffer_frames_max = 1024;
  size_t send_bytes_max = 16 << 20;
  // Pushes of a channel that wait for its join, and for a reply.
  size_t push_buffer_max = 1024;
  size_t pending_pushes_max = 16'384;
  // Channels of a socket.
  size_t channels_max = 4096;
  // One message of the server. Then: the connection ends.
  size_t received_bytes_max = 17 << 20;
  // Turns that are posted to a loop and have not run.
  size_t posted_max = 65'536;
  // From the look-up of a name to an open socket.
  int64_t connect_timeout_ms = 10'000;
  // From the wish to close to the end of the connection, what is still to be
  // written included.
  int64_t close_timeout_ms = 3'000;
  // Refs count up to it and begin again with 0, as JavaScript's numbers do.
  uint64_t ref_max = uint64_t{1} << 53;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_LIMITS_H_
