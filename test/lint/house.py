"""Rules of the house that no compiler knows. Prints what breaks them and, last,
`N passed, N failed`, counting files.
"""

import pathlib
import re
import subprocess
import sys

CODE = r"\.(cc|h|go|py|mjs|js|ts|sh|bzl|proto)$|(^|/)BUILD$"
GENERATED = r"\.pb\.go$"
CPP = r"\.(cc|h)$"
PROCESSES = r"^(common|edge|broker|proto)/.*\.(cc|h)$"
TESTS = r"/testing/|_test\.cc$"

# (files, except these files, what must not stand in them, why)
LINES = [
    (CODE, r"^test/lint/house\.py$", r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b",
     "nothing is left for later"),
    (CPP, r"^$", r"\bstd::string_view\b",
     "absl::string_view: the two do not convert"),
    (PROCESSES,
     r"^(broker/shard/inbox|common/rpc/outbox|common/rpc/strand)|" + TESTS,
     r"\b(std::(recursive_|shared_|timed_)?mutex|absl::Mutex)\b",
     "locks belong to a loop's inbox and a stream's outbox alone"),
    (PROCESSES, TESTS, r"\b(sleep_for|SleepFor|usleep|nanosleep)\b",
     "nothing sleeps: set a timer"),
    (PROCESSES, TESTS, r"^\s*throw\b", "no exceptions of ours"),
    (r"\.h$", r"^$", r"^using namespace\b", "not in a header"),
    (CODE, r"^$", r"[ \t]+$", "white space at the end"),
]

LINES_MAX = 500
NAMES = re.compile(r"(util|helper|manager|misc)", re.IGNORECASE)


def tracked():
    """Files of the project, new ones included."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        text=True)
    return sorted(name for name in listed.split("\0")
                  if name and pathlib.Path(name).is_file())


def guard(name):
    return "AERIE_" + re.sub(r"\W", "_", name).upper() + "_"


def problems(name):
    """Yields `file:line: why` for each rule that a file breaks."""
    if NAMES.search(pathlib.PurePath(name).stem):
        yield f"{name}: a file is named for what it is"
    if not re.search(CODE, name) or re.search(GENERATED, name):
        return
    text = pathlib.Path(name).read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > LINES_MAX and not name.endswith("BUILD"):
        yield f"{name}: {len(lines)} lines, at most {LINES_MAX}"
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    if name.endswith(".h") and f"#ifndef {guard(name)}\n" not in text:
        yield f"{name}: the include guard is {guard(name)}"
    for files, but, forbidden, why in LINES:
        if not re.search(files, name) or re.search(but, name):
            continue
        for number, line in enumerate(lines, 1):
            if re.search(forbidden, line):
                yield f"{name}:{number}: {why}"


def main():
    passed = failed = 0
    for name in tracked():
        found = list(problems(name))
        print("\n".join(found), end="\n" if found else "")
        if found:
            failed += 1
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
