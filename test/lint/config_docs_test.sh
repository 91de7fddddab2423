#!/bin/bash
# deploy/config.md tells what the schemas say.
diff --unified "$2" <("$1") || {
  echo "run: bazel run //test/lint:config_docs > deploy/config.md"
  exit 1
}
