#include "broker/rpc/edge_links.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace aerie::broker {
namespace {

void Nothing() {}

}  // namespace

void EdgeLinks::Admit(std::shared_ptr<Link> link, std::string edge,
                      uint64_t epoch) {
  strand_.Post([this, link = std::move(link), edge = std::move(edge), epoch] {
    if (draining_) {
      return link->End(absl::UnavailableError("the broker is draining"),
                       Nothing);
    }
    Entry& entry = by_edge_[edge];
    if (entry.epoch >= epoch) {
      return link->End(
          absl::AbortedError(absl::StrCat(
              "epoch ", epoch, " is stale, there is a link of ", entry.epoch)),
          Nothing);
    }
    const std::shared_ptr<Link> older =
        std::exchange(entry, Entry{epoch, link}).link;
    if (older == nullptr) return link->Welcome();
    older->End(
        absl::AbortedError(absl::StrCat("replaced by a link of epoch ", epoch)),
        [link] { link->Welcome(); });
  });
}

void EdgeLinks::Remove(std::shared_ptr<Link> link, std::string edge) {
  strand_.Post([this, link = std::move(link), edge = std::move(edge)] {
    const auto found = by_edge_.find(edge);
    if (found != by_edge_.end() && found->second.link == link) {
      by_edge_.erase(found);
    }
  });
}

void EdgeLinks::Drain(absl::AnyInvocable<void()> then) {
  // Goes when the last link has let go of it.
  struct AllTold {
    explicit AllTold(absl::AnyInvocable<void()> then) : then(std::move(then)) {}
    ~AllTold() { then(); }
    absl::AnyInvocable<void()> then;
  };
  strand_.Post([this, told = std::make_shared<AllTold>(std::move(then))] {
    draining_ = true;
    for (const auto& [edge, entry] : by_edge_) entry.link->Drain(told);
  });
}

void EdgeLinks::List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) {
  // Each link fills its place; the last one to let go answers.
  struct Views {
    ~Views() {
      std::vector<EdgeView> linked;
      for (absl::optional<EdgeView>& view : views) {
        if (view.has_value()) linked.push_back(*std::move(view));
      }
      std::sort(linked.begin(), linked.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
      to(std::move(linked));
    }
    absl::AnyInvocable<void(std::vector<EdgeView>)> to;
    std::vector<absl::optional<EdgeView>> views;
  };
  const auto all = std::make_shared<Views>();
  all->to = std::move(to);
  strand_.Post([this, all] {
    all->views.resize(by_edge_.size());
    size_t place = 0;
    for (const auto& [edge, entry] : by_edge_) {
      entry.link->Look([all, place](absl::optional<EdgeView> view) {
        all->views[place] = std::move(view);
      });
      ++place;
    }
  });
}

void EdgeLinks::Sockets(const std::string& edge, uint64_t after, size_t max,
                        absl::AnyInvocable<void(std::vector<SocketPtr>)> to) {
  strand_.Post([this, edge, after, max, to = std::move(to)]() mutable {
    const auto found = by_edge_.find(edge);
    if (found == by_edge_.end()) return to({});
    found->second.link->Sockets(after, max, std::move(to));
  });
}

void EdgeLinks::Find(const std::string& edge, uint64_t number,
                     absl::AnyInvocable<void(SocketPtr)> to) {
  strand_.Post([this, edge, number, to = std::move(to)]() mutable {
    const auto found = by_edge_.find(edge);
    if (found == by_edge_.end()) return to(nullptr);
    found->second.link->Find(number, std::move(to));
  });
}

}  // namespace aerie::broker
