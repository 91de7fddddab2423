#ifndef AERIE_EDGE_TRANSPORT_LISTENER_H_
#define AERIE_EDGE_TRANSPORT_LISTENER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/transport/options.h"
#include "edge/transport/sockets.h"

namespace aerie::edge {

// Accepts clients and serves them: pages, refusals, WebSockets. Phoenix: the
// HTTP server under an endpoint. Owns the io threads; each has its own acceptor
// on the same address, and a client never leaves the thread that accepted it.
//
// Made, started and stopped on one thread; Post may be called on any.
class Listener {
 public:
  // Whether a Listener could serve `options`, as far as that can be known
  // without taking the address: mounts, proxies, pages, certificate.
  static absl::Status Check(const ListenerOptions& options);

  // Takes the address. Clients wait in the kernel's queue until Start.
  static absl::StatusOr<std::unique_ptr<Listener>> Create(
      const ListenerOptions& options, const Limits& limits, Metrics& metrics);

  virtual ~Listener() = default;

  virtual uint32_t threads() const = 0;
  // The port that was taken.
  virtual uint16_t port() const = 0;

  // Starts the threads. `sockets` has one element for each; they outlive Stop.
  // Ignores SIGPIPE in the whole process.
  virtual void Start(const std::vector<Sockets*>& sockets) = 0;

  // Runs `task` on an io thread, behind what was posted before. Tasks posted
  // before Start wait for it; those after Stop never run.
  virtual void Post(uint32_t thread, absl::AnyInvocable<void()> task) = 0;
  // The same, after a while. On the thread.
  virtual void PostAfter(uint32_t thread, std::chrono::microseconds delay,
                         absl::AnyInvocable<void()> task) = 0;

  // Drops every connection and joins the threads: each socket has heard
  // OnClosed when this returns. For a gentler end, close the sockets first; a
  // SocketTable that drains has new ones refused with 503. A second call
  // changes nothing; destruction stops too.
  virtual void Stop() = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_LISTENER_H_
