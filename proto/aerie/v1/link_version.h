#ifndef AERIE_PROTO_AERIE_V1_LINK_VERSION_H_
#define AERIE_PROTO_AERIE_V1_LINK_VERSION_H_

#include <cstdint>

namespace aerie::v1 {

// The version of EdgeLink that edge and broker say in Hello and Welcome. The
// major changes when an older peer would misunderstand, the minor when it may
// ignore what is new: brokers and edges one minor apart work together. Before
// it changes, //test/link:record_link notes how this one speaks, for
// //test/link:versions_test.
inline constexpr uint32_t kLinkMajor = 1;
inline constexpr uint32_t kLinkMinor = 4;

}  // namespace aerie::v1

#endif  // AERIE_PROTO_AERIE_V1_LINK_VERSION_H_
