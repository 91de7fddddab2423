#include "test/support/world.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/hosts/registry.h"
#include "test/support/raw_socket.h"
#include "test/support/test_host.h"

namespace aerie::testing {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> made) {
  if (made.ok()) return *std::move(made);
  std::cerr << made.status() << "\n";
  std::abort();
}

broker::HostRegistry Hosts() {
  broker::HostRegistry hosts;
  hosts.Add("test",
            [](const broker::RouteOptions&)
                -> absl::StatusOr<std::shared_ptr<broker::Host>> {
              return std::make_shared<TestHost>();
            });
  return hosts;
}

std::string KeyFile() {
  const char* directory = std::getenv("TEST_TMPDIR");
  std::string path =
      absl::StrCat(directory != nullptr ? directory : "/tmp", "/resume.keys");
  std::ofstream(path) << "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  return path;
}

void AwaitReady(const edge::Server& edge) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!edge.ready()) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::cerr << "the edge is never ready\n";
      std::abort();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

broker::Options World::BrokerOptions() {
  broker::Options options;
  options.routes = {{"relay:*", "relay", {}, {}},
                    {"echo:*", "echo", {}, {}},
                    {"room:*", "test", {}, {}},
                    {"rooms:*", "test", {}, {}}};
  options.connect.socket_id_param = "id";
  options.resume.key_file = KeyFile();
  return options;
}

World::World(edge::Options edge, broker::Options broker)
    : edge_options_(std::move(edge)), broker_options_(std::move(broker)) {
  broker_options_.address = "127.0.0.1:0";
  broker_options_.admin_address = "127.0.0.1:0";
  edge_options_.listener.address = "127.0.0.1:0";
  edge_options_.listener.threads = 2;
  edge_options_.admin_address = "127.0.0.1:0";
  StartBroker();
  StartEdge();
}

World::~World() = default;

void World::StopBroker() { broker_.reset(); }

void World::StartBroker() {
  broker_ = OrDie(broker::Server::Start(broker_options_, Hosts()));
  broker_options_.address = absl::StrCat("127.0.0.1:", broker_->port());
}

void World::AwaitLink() { AwaitReady(*edge_); }

void World::StopEdge() { edge_.reset(); }

void World::StartEdge() {
  edge_options_.broker = broker_options_.address;
  edge_ = OrDie(edge::Server::Start(edge_options_));
  edge_options_.listener.address = absl::StrCat("127.0.0.1:", edge_->port());
  AwaitReady(*edge_);
}

double World::BrokerMetric(absl::string_view name) const {
  const std::string text = broker_->MetricsText();
  double sum = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    // `name{label="maybe with spaces"} 1`
    const size_t space = line.rfind(' ');
    double value = 0;
    if (space == absl::string_view::npos ||
        line.substr(0, line.find_first_of("{ ")) != name ||
        !absl::SimpleAtod(line.substr(space + 1), &value)) {
      continue;
    }
    sum += value;
  }
  return sum;
}

}  // namespace aerie::testing
