// load: many Phoenix clients in one process, and what they cost the servers.
//
//   load MODE --target ws://127.0.0.1:4000/socket/websocket
//     --pid edge=PID,broker=PID ...
//
// MODE is idle, join, echo, fanout, longpoll, churn or publish (modes.h).
// Prints one JSON object; fails when anything but the expected happened.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "test/bench/modes.h"
#include "test/bench/options.h"

ABSL_FLAG(std::vector<std::string>, target, {},
          "ws:// URLs; sockets take them in turn, and requests of longpoll: "
          "`.../longpoll` in place of `.../websocket`");
ABSL_FLAG(std::vector<std::string>, pid, {},
          "NAME=PID: processes whose cost is measured");
ABSL_FLAG(uint32_t, link_port, 0,
          "TCP port of the link behind the edges: its bytes are counted");
ABSL_FLAG(std::string, control, "",
          "publish: the broker's gRPC port, address and port");
ABSL_FLAG(uint32_t, sockets, 100, "how many there are");
ABSL_FLAG(uint32_t, topics, 1, "how many topics they are spread over");
ABSL_FLAG(uint32_t, window, 1, "pushes or broadcasts that may be unanswered");
ABSL_FLAG(uint32_t, payload, 64, "bytes of a payload");
ABSL_FLAG(uint32_t, parallel, 64, "connects and joins under way at a time");
ABSL_FLAG(uint32_t, warmup_sockets, 200,
          "idle: come and go unmeasured; longpoll: come before and stay");
ABSL_FLAG(double, warmup, 1, "seconds before the measurement");
ABSL_FLAG(double, seconds, 3, "length of the measurement");
ABSL_FLAG(uint64_t, messages, 0, "ends the measurement; 0: the time does");
ABSL_FLAG(uint32_t, cycles, 5, "churn: how often every socket is replaced");
ABSL_FLAG(
    uint32_t, interval_ms, 0,
    "fanout, longpoll, churn: the least time between broadcasts of a topic");
ABSL_FLAG(std::string, topic, "",
          "joined; `:` and a number follow if there are several. By default "
          "room:bench, or echo:bench");
ABSL_FLAG(std::string, event, "", "what is pushed; by default msg, or echo");
ABSL_FLAG(std::string, broadcast_event, "",
          "what the server makes of it in the topic; by default the same");
ABSL_FLAG(std::string, join_payload, "{}", "JSON that joins carry");
ABSL_FLAG(bool, to_sender, true,
          "whether a broadcast comes back to who published it");

namespace aerie::bench {
namespace {

struct Mode {
  const char* name;
  const char* topic;
  const char* event;
  Json (*run)(const Options&);
};
constexpr Mode kModes[] = {
    {"idle", "room:bench", "msg", RunIdle},
    {"join", "room:bench", "msg", RunJoin},
    {"echo", "echo:bench", "echo", RunEcho},
    {"fanout", "room:bench", "msg", RunFanout},
    {"longpoll", "room:bench", "msg", RunLongPoll},
    {"churn", "room:bench", "msg", RunChurn},
    {"publish", "room:nobody", "msg", RunPublish},
};

std::string Or(const std::string& flag, const std::string& otherwise) {
  return flag.empty() ? otherwise : flag;
}

absl::Status ReadPids(Options* options) {
  for (const std::string& text : absl::GetFlag(FLAGS_pid)) {
    const std::vector<std::string> parts = absl::StrSplit(text, '=');
    int pid = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &pid)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--pid: expected NAME=PID, got ", text));
    }
    options->pids.emplace_back(parts[0], pid);
  }
  return absl::OkStatus();
}

absl::Status ReadFlags(const Mode& mode, Options* options) {
  options->mode = mode.name;
  for (const std::string& url : absl::GetFlag(FLAGS_target)) {
    absl::StatusOr<Target> target = ParseTarget(url);
    if (!target.ok()) return target.status();
    options->targets.push_back(*target);
  }
  options->control = absl::GetFlag(FLAGS_control);
  options->link_port = static_cast<uint16_t>(absl::GetFlag(FLAGS_link_port));
  options->sockets = absl::GetFlag(FLAGS_sockets);
  options->topics = absl::GetFlag(FLAGS_topics);
  options->window = absl::GetFlag(FLAGS_window);
  options->payload_bytes = absl::GetFlag(FLAGS_payload);
  options->parallel = absl::GetFlag(FLAGS_parallel);
  options->warmup_sockets = absl::GetFlag(FLAGS_warmup_sockets);
  options->warmup_seconds = absl::GetFlag(FLAGS_warmup);
  options->seconds = absl::GetFlag(FLAGS_seconds);
  options->messages = absl::GetFlag(FLAGS_messages);
  options->cycles = absl::GetFlag(FLAGS_cycles);
  options->interval_ms = absl::GetFlag(FLAGS_interval_ms);
  options->topic = Or(absl::GetFlag(FLAGS_topic), mode.topic);
  options->event = Or(absl::GetFlag(FLAGS_event), mode.event);
  options->broadcast_event =
      Or(absl::GetFlag(FLAGS_broadcast_event), options->event);
  options->join_payload = absl::GetFlag(FLAGS_join_payload);
  options->to_sender = absl::GetFlag(FLAGS_to_sender);
  const absl::Status status = ReadPids(options);
  return status.ok() ? Check(*options) : status;
}

const Mode* ModeOf(const std::vector<char*>& arguments) {
  if (arguments.size() != 2) return nullptr;
  for (const Mode& mode : kModes) {
    if (mode.name == std::string(arguments[1])) return &mode;
  }
  return nullptr;
}

void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "load idle|join|echo|fanout|longpoll|churn|publish [flags]");
  const std::vector<char*> arguments = absl::ParseCommandLine(argc, argv);
  const Mode* mode = ModeOf(arguments);
  if (mode == nullptr) {
    std::cerr << absl::ProgramUsageMessage() << "\n";
    return EXIT_FAILURE;
  }
  Options options;
  if (const absl::Status status = ReadFlags(*mode, &options); !status.ok()) {
    std::cerr << "load: " << status.message() << "\n";
    return EXIT_FAILURE;
  }
  RaiseFileLimit();
  const Json result = mode->run(options);
  std::cout << result.dump(2) << std::endl;
  return result["failures"] == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace aerie::bench

int main(int argc, char** argv) { return aerie::bench::Main(argc, argv); }
