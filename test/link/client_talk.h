#ifndef AERIE_TEST_LINK_CLIENT_TALK_H_
#define AERIE_TEST_LINK_CLIENT_TALK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace aerie::testing {

// A client's talk with an edge in which the link carries most of what it can:
// joins, replies, a broadcast, a push, bytes, a second join, a leave, a broker
// that drains, a Resume, a disconnect. It is the same each time, and so is what
// the link carries, so that recordings can be compared with it.
//
// `drain` has the broker drain; another one takes the edge's next link. What
// the client has heard: texts, `binary ` and hexadecimal digits, `close 1001`.
std::vector<std::string> Talk(uint16_t port,
                              const std::function<void()>& drain);

}  // namespace aerie::testing

#endif  // AERIE_TEST_LINK_CLIENT_TALK_H_
