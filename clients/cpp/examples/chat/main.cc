// A chat room: who may join, the last 50 messages, and who is typing.
//
// Settings come from the environment: AERIE_BROKER (addresses, separated by
// commas), AERIE_TOKEN_FILE, AERIE_CA_FILE, AERIE_CERT_FILE, AERIE_KEY_FILE,
// AERIE_DRAIN_MS. With AERIE_CONFORMANCE=1 it knows the events of the tests as
// well, and AERIE_TERMINATE_LOG is a file that gets a line for each end.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "clients/cpp/channel_host.h"
#include "clients/cpp/examples/chat/room.h"

namespace {

using aerie::client::HostOptions;

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool ReadOptions(HostOptions* options) {
  options->name = "chat";
  const std::string brokers = Env("AERIE_BROKER");
  if (!brokers.empty()) {
    options->connection.brokers = absl::StrSplit(brokers, ',');
  }
  const std::string token = Env("AERIE_TOKEN_FILE");
  if (!token.empty()) {
    options->connection.token = aerie::client::TokenFile(token);
  }
  const std::string ca = Env("AERIE_CA_FILE");
  if (!ca.empty()) {
    options->connection.tls = {ca, Env("AERIE_CERT_FILE"),
                               Env("AERIE_KEY_FILE"), ""};
  }
  const std::string drain = Env("AERIE_DRAIN_MS");
  return drain.empty() || absl::SimpleAtoi(drain, &options->drain_window_ms);
}

}  // namespace

int main() {
  HostOptions options;
  if (!ReadOptions(&options)) {
    std::cerr << "AERIE_DRAIN_MS is no number\n";
    return 2;
  }
  aerie::client::ChannelHost host(std::move(options));
  const auto chat = std::make_shared<chat::Chat>(
      Env("AERIE_CONFORMANCE") == "1", Env("AERIE_TERMINATE_LOG"));
  aerie::client::PatternOptions pattern;
  if (chat->conformance()) pattern.intercepts = {"secret"};
  host.Handle(
      "room:*", [chat] { return std::make_unique<chat::Room>(chat); },
      std::move(pattern));
  const absl::Status status = host.Run();
  if (status.ok()) return 0;
  std::cerr << status.ToString() << "\n";
  return 1;
}
