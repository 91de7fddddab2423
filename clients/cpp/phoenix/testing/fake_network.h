#ifndef AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_NETWORK_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_NETWORK_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cpp/phoenix/transport.h"

namespace aerie::client::phx {

// The connections that a socket makes, and what it says on them. A test opens
// them, answers and ends them.
class FakeNetwork {
 public:
  struct Line {
    ConnectRequest request;
    Transport::Listener* listener;  // Null: the socket has dropped it.
    bool full = false;              // Refuses to send.
    // How the socket closed it; 0: it did not.
    int close_code = 0;
    std::string close_reason = {};
  };

  TransportFactory Factory() {
    return
        [this](const ConnectRequest& request, Transport::Listener& listener) {
          lines_.push_back(std::make_shared<Line>(Line{request, &listener}));
          return std::make_unique<FakeTransport>(*this, lines_.back());
        };
  }

  // How often the socket has connected.
  size_t connects() const { return lines_.size(); }
  // The latest connection, or an earlier one, from 0.
  Line& line() { return *lines_.back(); }
  Line& line(size_t index) { return *lines_[index]; }

  void Open() { line().listener->Opened(); }
  void Text(absl::string_view text) {
    line().listener->Received(phoenix::Opcode::kText, text);
  }
  void Bytes(absl::string_view bytes) {
    line().listener->Received(phoenix::Opcode::kBinary, bytes);
  }
  void Close(const CloseEvent& event) { line().listener->Closed(event); }
  void Break() {
    Close({.code = kCloseAbnormal,
           .reason = {},
           .error = absl::UnavailableError("broken")});
  }

  // What was said since the last call, on all connections.
  std::vector<std::string> Said() { return std::exchange(said_, {}); }

 private:
  class FakeTransport final : public Transport {
   public:
    FakeTransport(FakeNetwork& network, std::shared_ptr<Line> line)
        : network_(network), line_(std::move(line)) {}
    ~FakeTransport() override { line_->listener = nullptr; }

    bool Send(phoenix::Frame frame) override {
      if (line_->full) return false;
      network_.said_.push_back(*frame.bytes);
      return true;
    }
    void Close(uint16_t code, const std::string& reason) override {
      line_->close_code = code;
      line_->close_reason = reason;
    }

   private:
    FakeNetwork& network_;
    const std::shared_ptr<Line> line_;
  };

  std::vector<std::shared_ptr<Line>> lines_;
  std::vector<std::string> said_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_NETWORK_H_
