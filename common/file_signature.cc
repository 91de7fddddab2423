#include "common/file_signature.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace aerie {

std::string FileSignature(const std::string& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) != 0) return "absent";
  return absl::StrCat(info.st_dev, " ", info.st_ino, " ", info.st_size, " ",
                      info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
}

}  // namespace aerie
