#include "edge/transport/pages.h"

#include <openssl/sha.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "edge/transport/query.h"

namespace aerie::edge {
namespace {

namespace fs = std::filesystem;

struct ContentType {
  absl::string_view extension;
  absl::string_view type;
};

constexpr ContentType kContentTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
};

std::string ContentTypeOf(absl::string_view name) {
  for (const ContentType& entry : kContentTypes) {
    if (absl::EndsWithIgnoreCase(name, entry.extension)) {
      return std::string(entry.type);
    }
  }
  return "application/octet-stream";
}

// The same on every edge that serves the same file.
std::string EtagOf(const std::string& body) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(),
         digest);
  return absl::StrCat("\"",
                      absl::BytesToHexString(absl::string_view(
                          reinterpret_cast<const char*>(digest), 12)),
                      "\"");
}

bool IsHidden(const fs::path& path) {
  return absl::StartsWith(path.filename().string(), ".");
}

// The file's bytes; false if it cannot be read or is larger than `size_max`.
bool ReadFile(const fs::path& path, size_t size_max, std::string* bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size =
      file ? static_cast<std::streamoff>(file.tellg()) : std::streamoff{-1};
  if (size < 0 || static_cast<size_t>(size) > size_max) return false;
  bytes->resize(size);
  file.seekg(0);
  file.read(bytes->data(), size);
  return file.gcount() == size;
}

}  // namespace

absl::StatusOr<Pages> Pages::Load(const std::vector<PageOptions>& options) {
  Pages pages;
  size_t bytes = 0;
  for (const PageOptions& one : options) {
    const absl::Status status = pages.LoadDirectory(one, &bytes);
    if (!status.ok()) return status;
  }
  return pages;
}

absl::Status Pages::LoadDirectory(const PageOptions& options, size_t* bytes) {
  if (!absl::StartsWith(options.path, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "pages \"", options.path, "\": a path starts with a slash"));
  }
  const absl::string_view prefix = absl::StripSuffix(options.path, "/");
  std::error_code error;
  fs::recursive_directory_iterator files(options.directory, error);
  for (; !error && files != fs::recursive_directory_iterator();
       files.increment(error)) {
    const fs::path& path = files->path();
    if (IsHidden(path)) {
      files.disable_recursion_pending();
      continue;
    }
    if (!files->is_regular_file(error)) continue;
    std::string body;
    if (!ReadFile(path, kBytesMax - *bytes, &body)) {
      return absl::ResourceExhaustedError(
          absl::StrCat("pages: cannot read ", path.string(),
                       " (all pages: ", kBytesMax, " bytes at most)"));
    }
    *bytes += body.size();
    const std::string name =
        fs::relative(path, options.directory, error).generic_string();
    Page page{ContentTypeOf(name), EtagOf(body),
              std::make_shared<const std::string>(std::move(body))};
    // A directory's index answers the directory, with and without a slash.
    absl::string_view directory = name;
    if (absl::ConsumeSuffix(&directory, "index.html") &&
        (directory.empty() || absl::EndsWith(directory, "/"))) {
      pages_.emplace(absl::StrCat(prefix, "/", directory), page);
      pages_.emplace(absl::StrCat(prefix, directory.empty() ? "" : "/",
                                  absl::StripSuffix(directory, "/")),
                     page);
    }
    pages_.emplace(absl::StrCat(prefix, "/", name), std::move(page));
  }
  if (!error) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(
      "pages: cannot read ", options.directory, ": ", error.message()));
}

absl::optional<Response> Pages::Find(const Request& request) const {
  if (pages_.empty()) return absl::nullopt;
  const absl::StatusOr<std::string> path =
      PercentDecode(request.path(), Plus::kLiteral);
  if (!path.ok()) return absl::nullopt;
  const auto found = pages_.find(*path);
  if (found == pages_.end()) return absl::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = Response::Text(405, "only GET and HEAD\n");
    response.headers.emplace_back("allow", "GET, HEAD");
    return response;
  }
  const Page& page = found->second;
  Response response;
  response.headers.emplace_back("etag", page.etag);
  // Asked for again each time, sent only when it has changed.
  response.headers.emplace_back("cache-control", "no-cache");
  if (request.HasToken("if-none-match", page.etag) ||
      request.HasToken("if-none-match", absl::StrCat("W/", page.etag)) ||
      request.Header("if-none-match") == "*") {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("content-type", page.content_type);
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.body = page.body;
  return response;
}

}  // namespace aerie::edge
