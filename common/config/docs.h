#ifndef AERIE_COMMON_CONFIG_DOCS_H_
#define AERIE_COMMON_CONFIG_DOCS_H_

#include <string>

#include "common/config/load.h"
#include "common/config/schema.h"

// What a schema tells people. Defaults are what the bound structs hold, so
// these are called before anything is read.
namespace aerie::config {

// The answer to --help.
std::string Help(const Program& program, const Section& root);

// A chapter of deploy/config.md: a table of all keys, and the defaults as a
// file.
std::string Markdown(const Program& program, const Section& root);

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_DOCS_H_
