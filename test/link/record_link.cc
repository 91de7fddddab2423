// Prints what edge and broker of this version say to each other during a talk
// (client_talk.h), for test/data/edge_link_<version>.json: to be run before the
// version changes (proto/aerie/v1/link_version.h).
//
//   bazel run //test/link:record_link

#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "edge/server.h"
#include "nlohmann/json.hpp"
#include "proto/aerie/v1/link_version.h"
#include "test/link/client_talk.h"
#include "test/link/link_tap.h"
#include "test/link/test_broker.h"

namespace aerie::testing {
namespace {

using Json = nlohmann::ordered_json;

Json JsonOf(const LinkTap::Link& link) {
  Json messages = Json::array();
  for (const LinkTap::Said& said : link) {
    messages.push_back({{"from", said.by_edge ? "edge" : "broker"},
                        {"bytes", absl::Base64Escape(said.bytes)}});
  }
  return messages;
}

int Main() {
  TestBroker first;
  TestBroker second;
  const LinkTap tap({first.address(), second.address()});
  edge::Options options;
  options.name = "recorded";
  options.listener.address = "127.0.0.1:0";
  options.listener.threads = 1;
  options.admin_address = "127.0.0.1:0";
  options.broker = tap.address();
  auto edge = edge::Server::Start(options);
  if (!edge.ok()) {
    std::cerr << edge.status() << "\n";
    return 1;
  }
  while (!(*edge)->ready()) std::this_thread::yield();
  Json recording;
  recording["name"] = absl::StrCat(v1::kLinkMajor, ".", v1::kLinkMinor);
  recording["heard"] = Talk((*edge)->port(), [&first] { first.Drain(); });
  edge->reset();
  recording["links"] = Json::array();
  for (const LinkTap::Link& link : tap.links()) {
    recording["links"].push_back(JsonOf(link));
  }
  std::cout << Json::array({recording}).dump(1) << "\n";
  return 0;
}

}  // namespace
}  // namespace aerie::testing

int main() { return aerie::testing::Main(); }
