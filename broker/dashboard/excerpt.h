#ifndef AERIE_BROKER_DASHBOARD_EXCERPT_H_
#define AERIE_BROKER_DASHBOARD_EXCERPT_H_

#include <cstddef>

#include "proto/aerie/v1/control.pb.h"

// What a page gets of an answer of Control: no assigns, which are the
// application's own, and never more than a page can show. Pure functions.
namespace aerie::broker {

inline constexpr size_t kNameBytesMax = 1'024;
// A page token goes into a URL.
inline constexpr size_t kPageTokenBytesMax = 2'048;
inline constexpr int kEdgesShownMax = 200;
inline constexpr int kHostsShownMax = 200;
inline constexpr int kChannelsShownMax = 100;
inline constexpr int kTopicsShownMax = 500;

void Shorten(v1::ListTopicsResponse* response);
void Shorten(v1::GetTopicResponse* response);
void Shorten(v1::ListSocketsResponse* response);
void Shorten(v1::GetSocketResponse* response);
// Those edges and hosts stay that have the most sockets and channels.
void Shorten(v1::ClusterInfoResponse* response);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_EXCERPT_H_
