#ifndef AERIE_EDGE_TRANSPORT_PAGES_H_
#define AERIE_EDGE_TRANSPORT_PAGES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "edge/transport/options.h"
#include "edge/transport/request.h"
#include "edge/transport/response.h"

namespace aerie::edge {

// Static files, read into memory at start: a request names one of them or
// nothing. Phoenix: Plug.Static. Immutable: any thread.
class Pages {
 public:
  // Files of all directories together, to keep a wrong path (`/`) from eating
  // the machine.
  static constexpr size_t kBytesMax = 64 << 20;

  // Reads directories with their subdirectories; names that start with a dot
  // are left out. NOT_FOUND or RESOURCE_EXHAUSTED names the directory.
  static absl::StatusOr<Pages> Load(const std::vector<PageOptions>& options);

  // The answer to a request for a page: 200, 304 or 405; nothing if there is no
  // such page.
  absl::optional<Response> Find(const Request& request) const;

  size_t size() const { return pages_.size(); }

 private:
  struct Page {
    std::string content_type;
    std::string etag;
    std::shared_ptr<const std::string> body;
  };

  absl::Status LoadDirectory(const PageOptions& options, size_t* bytes);

  absl::flat_hash_map<std::string, Page> pages_;  // By decoded path.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_PAGES_H_
