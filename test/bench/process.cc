#include "test/bench/process.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aerie::bench {
namespace {

constexpr int kEstablished = 1;  // TCP_ESTABLISHED, by the kernel's numbers.

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  std::ifstream file(name);
  std::stringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", name));
  }
  return text.str();
}

// Asks for the connections of one family whose other end is `port`.
absl::Status SendQuestion(int fd, int family) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } question{};
  question.header.nlmsg_len = sizeof(question);
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.request.sdiag_family = static_cast<uint8_t>(family);
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  question.request.idiag_states = 1 << kEstablished;
  if (send(fd, &question, sizeof(question), 0) < 0) {
    return absl::ErrnoToStatus(errno, "sock_diag");
  }
  return absl::OkStatus();
}

void AddConnection(const nlmsghdr& message, uint16_t port, LinkBytes* sum) {
  const auto* connection =
      static_cast<const inet_diag_msg*>(NLMSG_DATA(&message));
  if (ntohs(connection->id.idiag_dport) != port) return;
  auto left = static_cast<int>(NLMSG_PAYLOAD(&message, sizeof(*connection)));
  for (const auto* part = reinterpret_cast<const rtattr*>(connection + 1);
       RTA_OK(part, left); part = RTA_NEXT(part, left)) {
    if (part->rta_type != INET_DIAG_INFO) continue;
    tcp_info info{};
    std::memcpy(&info, RTA_DATA(part),
                std::min(sizeof(info), size_t{RTA_PAYLOAD(part)}));
    sum->sent += static_cast<int64_t>(info.tcpi_bytes_acked);
    sum->received += static_cast<int64_t>(info.tcpi_bytes_received);
  }
}

// Reads one family's answer to its end.
absl::Status ReadAnswer(int fd, uint16_t port, LinkBytes* sum) {
  alignas(nlmsghdr) char buffer[1 << 15];
  while (true) {
    const ssize_t received = recv(fd, buffer, sizeof(buffer), 0);
    if (received < 0) return absl::ErrnoToStatus(errno, "sock_diag");
    auto left = static_cast<uint32_t>(received);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer);
         NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type == NLMSG_DONE) return absl::OkStatus();
      if (message->nlmsg_type == NLMSG_ERROR) {
        return absl::UnavailableError("sock_diag refuses the question");
      }
      AddConnection(*message, port, sum);
    }
  }
}

}  // namespace

absl::StatusOr<int64_t> CpuNs(pid_t pid) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 ||
      clock_gettime(clock, &time) != 0) {
    return absl::NotFoundError(absl::StrCat("no process ", pid));
  }
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// proc(5): the program's name, in parentheses, may hold anything; stime is the
// thirteenth field behind it.
absl::StatusOr<int64_t> SystemCpuNs(pid_t pid) {
  absl::StatusOr<std::string> stat =
      ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  if (!stat.ok()) return stat.status();
  const size_t name_end = stat->rfind(") ");
  if (name_end == std::string::npos) return absl::InternalError(*stat);
  const std::vector<std::string> fields =
      absl::StrSplit(stat->substr(name_end + 2), ' ');
  int64_t ticks = 0;
  if (fields.size() < 13 || !absl::SimpleAtoi(fields[12], &ticks)) {
    return absl::InternalError(*stat);
  }
  return ticks * (1'000'000'000 / sysconf(_SC_CLK_TCK));
}

absl::StatusOr<int64_t> PssBytes(pid_t pid) {
  absl::StatusOr<std::string> rollup =
      ReadFile(absl::StrCat("/proc/", pid, "/smaps_rollup"));
  if (!rollup.ok()) return rollup.status();
  for (const absl::string_view line : absl::StrSplit(*rollup, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    int64_t kilobytes = 0;
    if (words.size() == 3 && words[0] == "Pss:" &&
        absl::SimpleAtoi(words[1], &kilobytes)) {
      return kilobytes << 10;
    }
  }
  return absl::NotFoundError(absl::StrCat("no Pss of process ", pid));
}

absl::StatusOr<LinkBytes> BytesOfLinksTo(uint16_t port) {
  const int fd =
      socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return absl::ErrnoToStatus(errno, "sock_diag");
  const absl::Cleanup close_it = [fd] { close(fd); };
  LinkBytes sum;
  for (const int family : {AF_INET, AF_INET6}) {
    absl::Status status = SendQuestion(fd, family);
    if (status.ok()) status = ReadAnswer(fd, port, &sum);
    if (!status.ok()) return status;
  }
  return sum;
}

}  // namespace aerie::bench
