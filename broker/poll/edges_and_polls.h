#ifndef AERIE_BROKER_POLL_EDGES_AND_POLLS_H_
#define AERIE_BROKER_POLL_EDGES_AND_POLLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "broker/control/edges.h"
#include "broker/poll/long_polls.h"

namespace aerie::broker {

// The linked edges and, as one more, those who poll. Any thread; outlived by
// both.
class EdgesAndPolls final : public Edges {
 public:
  EdgesAndPolls(Edges& edges, LongPolls& polls)
      : edges_(edges), polls_(polls) {}

  void List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) override {
    edges_.List([this,
                 to = std::move(to)](std::vector<EdgeView> views) mutable {
      polls_.List([views = std::move(views),
                   to = std::move(to)](std::vector<EdgeView> polls) mutable {
        views.insert(views.end(), polls.begin(), polls.end());
        std::sort(views.begin(), views.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
        to(std::move(views));
      });
    });
  }
  void Sockets(const std::string& edge, uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override {
    Of(edge).Sockets(edge, after, max, std::move(to));
  }
  void Find(const std::string& edge, uint64_t number,
            absl::AnyInvocable<void(SocketPtr)> to) override {
    Of(edge).Find(edge, number, std::move(to));
  }

 private:
  Edges& Of(const std::string& edge) {
    return edge == polls_.name() ? polls_ : edges_;
  }

  Edges& edges_;
  LongPolls& polls_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_EDGES_AND_POLLS_H_
