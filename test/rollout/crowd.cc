// crowd: many clients behind one address, and a service that broadcasts numbers
// to their topics.
//
//   crowd --endpoint ws://127.0.0.1:4000/socket --control 127.0.0.1:4010
//
// Reads commands, one a line: `open 6000` more clients, some at a time; `speak`
// and `hush` the numbers. Each 100 ms it prints a JSON object of all that has
// happened so far. Ends with its input.

#include <sys/resource.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cpp/phoenix/loop.h"
#include "clients/cpp/phoenix/options.h"
#include "nlohmann/json.hpp"
#include "test/rollout/member.h"
#include "test/rollout/numbers.h"

ABSL_FLAG(std::string, endpoint, "ws://127.0.0.1:4000/socket", "of a mount");
ABSL_FLAG(std::string, control, "127.0.0.1:4010", "the broker's gRPC port");
ABSL_FLAG(uint32_t, topics, 10, "clients join them in turn");
ABSL_FLAG(uint32_t, interval_ms, 100, "between two broadcasts");
ABSL_FLAG(uint32_t, seed, 0, "of the pauses' jitter; 0: a random one");

namespace aerie::rollout {
namespace {

namespace phx = client::phx;

constexpr auto kReportEach = std::chrono::milliseconds(100);
constexpr auto kOpenEach = std::chrono::milliseconds(10);
constexpr uint32_t kOpenAtATime = 20;

std::vector<std::string> Topics() {
  std::vector<std::string> topics;
  for (uint32_t i = 0; i < absl::GetFlag(FLAGS_topics); ++i) {
    topics.push_back(absl::StrCat("room:", i));
  }
  return topics;
}

// Its members live on the loop, and so does everything of it but Command.
class Crowd {
 public:
  explicit Crowd(uint32_t seed)
      : random_(seed),
        topics_(Topics()),
        numbers_(absl::GetFlag(FLAGS_control), topics_,
                 absl::GetFlag(FLAGS_interval_ms)),
        report_timer_(loop_->context()),
        open_timer_(loop_->context()) {
    // phoenix.js' pauses. Its clients are spread by their networks and clocks;
    // these are by chance.
    options_.reconnect_after_ms = [this](int tries) {
      return Jitter(phx::ReconnectAfterMs(tries));
    };
    options_.rejoin_after_ms = [this](int tries) {
      return Jitter(phx::RejoinAfterMs(tries));
    };
    loop_->Run([this] { ReportLater(); });
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    loop_->Run([this] {
      ends_ = true;
      report_timer_.cancel();
      open_timer_.cancel();
      members_.clear();
    });
  }

  void Command(absl::string_view line) {
    uint32_t count = 0;
    if (absl::ConsumePrefix(&line, "open ") && absl::SimpleAtoi(line, &count)) {
      loop_->Run([this, count] {
        to_open_ += count;
        if (to_open_ == count) OpenSome();
      });
    } else if (line == "speak" || line == "hush") {
      numbers_.Speak(line == "speak");
    } else {
      std::cerr << "crowd: what is \"" << line << "\"?\n";
    }
  }

 private:
  int64_t Jitter(int64_t ms) {
    return std::uniform_int_distribution<int64_t>(ms * 3 / 4,
                                                  ms * 5 / 4)(random_);
  }

  void OpenSome() {
    for (uint32_t i = 0; i < kOpenAtATime && to_open_ > 0; ++i, --to_open_) {
      const size_t topic = members_.size() % topics_.size();
      members_.push_back(std::make_unique<Member>(absl::GetFlag(FLAGS_endpoint),
                                                  topics_[topic], topic,
                                                  options_, loop_, tally_));
    }
    if (to_open_ == 0) return;
    open_timer_.expires_after(kOpenEach);
    open_timer_.async_wait([this](const boost::system::error_code&) {
      if (!ends_) OpenSome();
    });
  }

  void ReportLater() {
    report_timer_.expires_after(kReportEach);
    report_timer_.async_wait([this](const boost::system::error_code&) {
      if (ends_) return;
      std::cout << Report().dump() << std::endl;
      ReportLater();
    });
  }

  // Members that have not heard the last number of their topic.
  uint64_t Behind() const {
    uint64_t behind = 0;
    for (const auto& member : members_) {
      const int64_t last = numbers_.LastOf(member->topic());
      behind += member->joined() && member->last() < last ? 1 : 0;
    }
    return behind;
  }

  nlohmann::json Report() const {
    nlohmann::json closed = nlohmann::json::object();
    for (const auto& [code, count] : tally_.closed) {
      closed[absl::StrCat(code)] = count;
    }
    return {{"members", members_.size()},
            {"open", tally_.open},
            {"joined", tally_.joined},
            {"opened", tally_.opened},
            {"closed", closed},
            {"refused", tally_.refused},
            {"failed", tally_.failed},
            {"joins", tally_.joins},
            {"joins_unavailable", tally_.joins_unavailable},
            {"joins_late", tally_.joins_late},
            {"joins_refused", tally_.joins_refused},
            {"crashes", tally_.crashes},
            {"heard", tally_.heard},
            {"missed", tally_.missed},
            {"repeated", tally_.repeated},
            {"behind", Behind()},
            {"numbers", numbers_.sent()},
            {"numbers_failed", numbers_.failed()}};
  }

  std::mt19937 random_;
  const std::vector<std::string> topics_;
  phx::SocketOptions options_;
  Tally tally_;
  bool ends_ = false;
  uint32_t to_open_ = 0;
  const std::shared_ptr<phx::Loop> loop_ = std::make_shared<phx::Loop>();
  Numbers numbers_;
  boost::asio::steady_timer report_timer_;
  boost::asio::steady_timer open_timer_;
  std::vector<std::unique_ptr<Member>> members_;
};

void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  RaiseFileLimit();
  uint32_t seed = absl::GetFlag(FLAGS_seed);
  if (seed == 0) seed = std::random_device()();
  std::cerr << "crowd: --seed=" << seed << "\n";
  Crowd crowd(seed);
  for (std::string line; std::getline(std::cin, line);) crowd.Command(line);
  return 0;
}

}  // namespace
}  // namespace aerie::rollout

int main(int argc, char** argv) { return aerie::rollout::Main(argc, argv); }
