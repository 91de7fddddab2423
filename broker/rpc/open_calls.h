#ifndef AERIE_BROKER_RPC_OPEN_CALLS_H_
#define AERIE_BROKER_RPC_OPEN_CALLS_H_

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "common/rpc/strand.h"

namespace aerie::broker {

// A call that goes on until somebody ends it. Any thread.
class OpenCall {
 public:
  virtual ~OpenCall() = default;
  virtual void End(absl::Status reason) = 0;
};

// The calls that are open, for the broker to end them. Any thread; outlives
// them.
class OpenCalls {
 public:
  // One that comes after EndAll ends at once.
  void Add(std::shared_ptr<OpenCall> call);
  void Remove(const std::shared_ptr<OpenCall>& call);
  void EndAll(absl::Status reason);

 private:
  rpc::Strand strand_;
  absl::flat_hash_set<std::shared_ptr<OpenCall>> calls_;
  absl::Status end_;  // Not OK: all have ended, for this reason.
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_OPEN_CALLS_H_
