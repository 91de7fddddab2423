"""Writes compile_commands.json, for clangd and other editors' tools.

usage: python3 test/lint/compile_commands.py [BAZEL OPTION...]

Paths are relative to the workspace; generated headers are found through its
bazel-out link, so build once before.
"""

import json
import pathlib
import subprocess
import sys

# GCC's own; clang stops at them.
UNKNOWN_TO_CLANG = ("-fno-canonical-system-headers", "-Wno-free-nonheap-object",
                    "-Wunused-but-set-parameter", "-Wno-tsan")


def bazel(*arguments):
    return subprocess.check_output(("bazel", *arguments), text=True)


def command(root, action):
    """The entry of one compilation, or None if its source is not ours."""
    arguments = action["arguments"]
    source = arguments[arguments.index("-c") + 1]
    if not (root / source).exists() or source.startswith("bazel-out/"):
        return None
    return {
        "directory": str(root),
        "file": source,
        "arguments": [a for a in arguments if a not in UNKNOWN_TO_CLANG],
    }


def main():
    root = pathlib.Path(bazel("info", "workspace").strip())
    query = json.loads(bazel("aquery", "--noshow_progress", "--output=jsonproto", *sys.argv[1:],
                             'mnemonic("CppCompile", //...)'))
    commands = {}
    for action in query["actions"]:
        entry = command(root, action)
        if entry:
            commands[entry["file"]] = entry
    (root / "compile_commands.json").write_text(
        json.dumps(list(commands.values()), indent=1))
    print(f"{len(commands)} commands")


main()
