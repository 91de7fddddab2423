#ifndef AERIE_TEST_E2E_CONTROL_FIXTURE_H_
#define AERIE_TEST_E2E_CONTROL_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {

// A service that calls a real broker, with clients on a real edge.
class ControlTest : public ::testing::Test {
 protected:
  std::unique_ptr<Conversation> Client(const std::string& id,
                                       const std::string& vsn = "2.0.0") {
    return std::make_unique<Conversation>(
        world_.port(), absl::StrCat("/socket/websocket?vsn=", vsn, "&id=", id));
  }

  grpc::Status Broadcast(const v1::BroadcastRequest& request,
                         v1::BroadcastResponse* response) {
    return control_.Call(&v1::Control::Stub::Broadcast, request, response);
  }
  // The key of the one socket of this id.
  std::string KeyOf(const std::string& socket_id) {
    v1::ListSocketsRequest request;
    request.set_socket_id(socket_id);
    v1::ListSocketsResponse response;
    EXPECT_TRUE(
        control_.Call(&v1::Control::Stub::ListSockets, request, &response)
            .ok());
    EXPECT_EQ(response.sockets_size(), 1);
    return response.sockets_size() == 1 ? response.sockets(0).socket().key()
                                        : "";
  }
  v1::GetTopicResponse Topic(const std::string& topic) {
    v1::GetTopicRequest request;
    request.set_topic(topic);
    v1::GetTopicResponse response;
    EXPECT_TRUE(
        control_.Call(&v1::Control::Stub::GetTopic, request, &response).ok());
    return response;
  }

  World world_;
  ControlStub control_{absl::StrCat("127.0.0.1:", world_.broker().port())};
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_E2E_CONTROL_FIXTURE_H_
