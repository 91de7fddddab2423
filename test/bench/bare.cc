// bare: the least that a server can do, as a limit to compare with.
//
//   bare broadcast|echo [--port 0]
//
// One thread, epoll, nothing checked. `broadcast` frames each push once and
// writes the bytes to every socket that joined its topic; `echo` answers each
// push with its payload. What one turn has for a socket travels in one send.
// Prints `listening PORT`.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "test/bench/wire.h"

ABSL_FLAG(uint32_t, port, 0, "on 127.0.0.1; 0: any free one");

namespace aerie::bench {
namespace {

constexpr int kEventsMax = 1'024;
constexpr int kBacklog = 4'096;
// The answer to the key of RFC 6455 section 1.3, which the generator sends.
constexpr absl::string_view kUpgraded =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
constexpr absl::string_view kCloseFrame("\x88\x02\x03\xe8", 4);

struct Topic;

struct Client {
  int fd = -1;
  bool upgraded = false;
  bool dirty = false;  // Listed in `dirty_`.
  bool ended = false;  // Listed in `ended_`.
  Topic* topic = nullptr;
  std::string partial;
  std::string unsent;
};

struct Topic {
  std::vector<Client*> clients;
  std::string frames;  // Of this turn.
};

class Server {
 public:
  explicit Server(bool echo) : echo_(echo), epoll_(epoll_create1(0)) {}

  // The port; 0 when it cannot be had.
  uint16_t Listen(uint16_t port);
  [[noreturn]] void Run();

 private:
  void Accept();
  void Read(Client& client);
  size_t Take(Client& client, char* bytes, size_t size);
  void OnText(Client& client, absl::string_view text);
  void Join(Client& client, const Envelope& message);
  void Reply(Client& client, const Envelope& message,
             absl::string_view response);
  void Queue(Client& client, absl::string_view bytes);
  // Everything that the turn has for anybody.
  void Flush();
  void Write(Client& client, absl::string_view bytes);
  void End(Client& client);

  const bool echo_;
  const int epoll_;
  int listener_ = -1;
  char buffer_[64 << 10];
  std::string scratch_;
  absl::flat_hash_map<std::string, std::unique_ptr<Topic>> topics_;
  std::vector<Topic*> loud_;  // Those with frames in this turn.
  std::vector<Client*> dirty_;
  std::vector<Client*> ended_;
};

uint16_t Server::Listen(uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, general, size) != 0 || listen(listener_, kBacklog) != 0 ||
      getsockname(listener_, general, &size) != 0) {
    return 0;
  }
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  return ntohs(address.sin_port);
}

void Server::Run() {
  epoll_event events[kEventsMax];
  while (true) {
    const int count = epoll_wait(epoll_, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      auto* const client = static_cast<Client*>(events[i].data.ptr);
      if (client == nullptr) {
        Accept();
        continue;
      }
      if ((events[i].events & EPOLLOUT) != 0 && !client->unsent.empty()) {
        Queue(*client, "");
      }
      Read(*client);
    }
    Flush();
  }
}

void Server::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    auto* const client = new Client;  // Until End.
    client->fd = fd;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = client;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void Server::Read(Client& client) {
  while (!client.ended) {
    const size_t kept = client.partial.size();
    std::memcpy(buffer_, client.partial.data(), kept);
    const size_t room = sizeof(buffer_) - kept;
    const ssize_t received = recv(client.fd, buffer_ + kept, room, 0);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) return End(client);
    const size_t size = kept + static_cast<size_t>(received);
    const size_t taken = Take(client, buffer_, size);
    client.partial.assign(buffer_ + taken, size - taken);
    if (static_cast<size_t>(received) < room) return;
  }
}

size_t Server::Take(Client& client, char* bytes, size_t size) {
  size_t taken = 0;
  if (!client.upgraded) {
    const size_t end = absl::string_view(bytes, size).find("\r\n\r\n");
    if (end == absl::string_view::npos) return 0;
    client.upgraded = true;
    Queue(client, kUpgraded);
    taken = end + 4;
  }
  FrameView frame;
  while (!client.ended) {
    const size_t part = TakeFrame(bytes + taken, size - taken, &frame);
    if (part == 0) break;
    taken += part;
    if (frame.head == 0x81) OnText(client, frame.payload);
    if (frame.head == 0x88) {
      Write(client, kCloseFrame);
      End(client);
    }
  }
  return taken;
}

void Server::OnText(Client& client, absl::string_view text) {
  Envelope message;
  if (!ParseEnvelope(text, &message)) return End(client);
  if (message.event == "\"phx_join\"") return Join(client, message);
  if (echo_ || message.event == "\"heartbeat\"") {
    return Reply(client, message, message.payload);
  }
  if (client.topic == nullptr) return;
  if (client.topic->frames.empty()) loud_.push_back(client.topic);
  scratch_.clear();
  absl::StrAppend(&scratch_, "[null,null,", message.topic, ",", message.event,
                  ",");
  absl::StrAppend(&scratch_, message.payload, "]");
  AppendServerFrame(&client.topic->frames, scratch_);
}

void Server::Join(Client& client, const Envelope& message) {
  std::unique_ptr<Topic>& topic = topics_[std::string(message.topic)];
  if (topic == nullptr) topic = std::make_unique<Topic>();
  if (client.topic == nullptr) {
    client.topic = topic.get();
    topic->clients.push_back(&client);
  }
  Reply(client, message, "{}");
}

void Server::Reply(Client& client, const Envelope& message,
                   absl::string_view response) {
  scratch_.clear();
  absl::StrAppend(&scratch_, "[", message.join_ref, ",", message.ref, ",");
  absl::StrAppend(&scratch_, message.topic,
                  R"(,"phx_reply",{"status":"ok","response":)", response, "}]");
  if (!client.dirty) Queue(client, "");
  AppendServerFrame(&client.unsent, scratch_);
}

void Server::Queue(Client& client, absl::string_view bytes) {
  client.unsent.append(bytes.data(), bytes.size());
  if (client.dirty) return;
  client.dirty = true;
  dirty_.push_back(&client);
}

void Server::Flush() {
  for (Client* const client : dirty_) {
    client->dirty = false;
    if (client->ended || client->unsent.empty()) continue;
    const std::string bytes = std::move(client->unsent);
    client->unsent.clear();
    Write(*client, bytes);
  }
  dirty_.clear();
  for (Topic* const topic : loud_) {
    for (Client* const client : topic->clients) {
      if (client->ended) continue;
      if (client->unsent.empty()) {
        Write(*client, topic->frames);
      } else {
        client->unsent.append(topic->frames);
      }
    }
    topic->frames.clear();
  }
  loud_.clear();
  for (Client* const client : ended_) {
    close(client->fd);
    delete client;
  }
  ended_.clear();
}

// What the kernel does not take waits for it; joined sockets are behind in
// order then.
void Server::Write(Client& client, absl::string_view bytes) {
  const ssize_t sent =
      send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return;  // Reading tells of the end.
  bytes.remove_prefix(sent < 0 ? 0 : static_cast<size_t>(sent));
  client.unsent.append(bytes.data(), bytes.size());
}

// It lives until the end of the turn: others may still hold it.
void Server::End(Client& client) {
  if (client.ended) return;
  client.ended = true;
  ended_.push_back(&client);
  if (client.topic == nullptr) return;
  std::vector<Client*>& clients = client.topic->clients;
  *std::find(clients.begin(), clients.end(), &client) = clients.back();
  clients.pop_back();
}

int Main(int argc, char** argv) {
  const std::vector<char*> arguments = absl::ParseCommandLine(argc, argv);
  const std::string mode = arguments.size() == 2 ? arguments[1] : "";
  if (mode != "broadcast" && mode != "echo") {
    std::cerr << "usage: bare broadcast|echo [--port PORT]\n";
    return EXIT_FAILURE;
  }
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const auto server = std::make_unique<Server>(mode == "echo");
  const uint16_t port =
      server->Listen(static_cast<uint16_t>(absl::GetFlag(FLAGS_port)));
  if (port == 0) {
    std::cerr << "bare: cannot listen\n";
    return EXIT_FAILURE;
  }
  std::cout << "listening " << port << std::endl;
  server->Run();
}

}  // namespace
}  // namespace aerie::bench

int main(int argc, char** argv) { return aerie::bench::Main(argc, argv); }
