#ifndef AERIE_COMMON_FILE_SIGNATURE_H_
#define AERIE_COMMON_FILE_SIGNATURE_H_

#include <string>

namespace aerie {

// What differs once a file has been changed or replaced: inode, size and time
// of change, following links (Kubernetes swaps a link to replace a secret).
// `absent` when there is none. Any thread; asks the file system.
std::string FileSignature(const std::string& file);

}  // namespace aerie

#endif  // AERIE_COMMON_FILE_SIGNATURE_H_
