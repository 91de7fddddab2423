#include "test/link/recording.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"

namespace aerie::testing {
namespace {

using nlohmann::json;

Said SaidOf(const json& message) {
  Said said;
  std::string bytes;
  const bool by_edge = message["from"] == "edge";
  if (!absl::Base64Unescape(message["bytes"].get<std::string>(), &bytes) ||
      !(by_edge ? said.edge.ParseFromString(bytes)
                : said.broker.ParseFromString(bytes))) {
    std::cerr << "not a batch: " << message << "\n";
    std::abort();
  }
  return said;
}

}  // namespace

Recording ReadRecording(const std::string& version) {
  const std::string path =
      absl::StrCat("test/data/edge_link_",
                   absl::StrReplaceAll(version, {{".", "_"}}), ".json");
  std::ifstream file(path);
  const json entries = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!entries.is_array() || entries.size() != 1) {
    std::cerr << "cannot read " << path << "\n";
    std::abort();
  }
  const json& entry = entries[0];
  Recording recording;
  recording.version = entry["name"].get<std::string>();
  recording.heard = entry["heard"].get<std::vector<std::string>>();
  for (const json& link : entry["links"]) {
    std::vector<Said>& messages = recording.links.emplace_back();
    for (const json& message : link) messages.push_back(SaidOf(message));
  }
  return recording;
}

std::string Words::Of(v1::EdgeFrame frame) {
  if (frame.has_hello()) {
    frame.mutable_hello()->clear_edge();
    frame.mutable_hello()->clear_minor();
    frame.mutable_hello()->clear_version();
  } else if (frame.has_connect()) {
    frame.mutable_connect()->clear_peer();
    frame.mutable_connect()->clear_uri();
  }
  return frame.ShortDebugString();
}

std::string Words::Of(v1::BrokerFrame frame) {
  if (frame.has_credit()) return "";
  if (frame.has_welcome()) {
    frame.mutable_welcome()->clear_broker();
    frame.mutable_welcome()->clear_minor();
    frame.mutable_welcome()->clear_version();
  } else if (frame.has_opened()) {
    frame.mutable_opened()->clear_resume_blob();
  } else if (frame.has_enlist()) {
    frame.mutable_enlist()->set_pid(Pid(frame.enlist().pid()));
  } else if (frame.has_delist()) {
    frame.mutable_delist()->set_pid(Pid(frame.delist().pid()));
  }
  return frame.ShortDebugString();
}

uint64_t Words::Pid(uint64_t pid) {
  return pids_.try_emplace(pid, pids_.size() + 1).first->second;
}

}  // namespace aerie::testing
