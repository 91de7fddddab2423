#ifndef AERIE_TEST_SUPPORT_SERVICE_PORT_H_
#define AERIE_TEST_SUPPORT_SERVICE_PORT_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace aerie::testing {

// A gRPC service that a test plays, on a free port of its own. The service
// outlives it; calls are ended with it.
class ServicePort {
 public:
  explicit ServicePort(grpc::Service& service) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
  }
  ServicePort(const ServicePort&) = delete;
  ServicePort& operator=(const ServicePort&) = delete;
  ~ServicePort() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_SERVICE_PORT_H_
