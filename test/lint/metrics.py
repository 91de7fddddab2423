"""Checks that deploy/metrics.md names exactly the metrics of the processes.
Prints what differs and, last, `N passed, N failed`, counting metrics.
"""

import pathlib
import re
import sys


def names(pattern, *files):
    text = "".join(pathlib.Path(name).read_text(encoding="utf-8")
                   for name in files)
    return set(re.findall(pattern, text))


def main():
    declared = names(r'"(aerie_\w+)"', "edge/metrics.cc", "broker/metrics.cc")
    documented = names(r"(?m)^\| `(aerie_\w+)`", "deploy/metrics.md")
    for name in sorted(declared - documented):
        print(f"deploy/metrics.md: {name} is missing")
    for name in sorted(documented - declared):
        print(f"deploy/metrics.md: there is no {name}")
    failed = len(declared ^ documented)
    print(f"{len(declared & documented)} passed, {failed} failed")
    return 1 if failed or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
