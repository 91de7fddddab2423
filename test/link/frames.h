#ifndef AERIE_TEST_LINK_FRAMES_H_
#define AERIE_TEST_LINK_FRAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"

// What an edge says, and what it hears as text.
namespace aerie::testing {

v1::EdgeFrame Hello(const std::string& edge, uint64_t epoch,
                    uint32_t major = 1);
v1::EdgeFrame Connect(uint64_t socket, const std::string& socket_id = "");
v1::EdgeFrame Resume(uint64_t socket, const std::string& blob);
v1::EdgeFrame Gone(uint64_t socket);
// A client's event on a topic, with its ref and a JSON payload.
v1::EdgeFrame Event(uint64_t socket, const std::string& topic,
                    const std::string& event, uint64_t ref,
                    const std::string& payload = "{}");

// `welcome`, `1 opened`, `1 join_reply room:a ok`, `1 close 1012`, …; events
// of pushes and their payloads: `1 push room:a terminated {…}`. Empty for what
// tests don't follow: credit, enlist, delist.
std::string Text(const v1::BrokerFrame& frame);

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_FRAMES_H_
