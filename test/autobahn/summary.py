"""Counts the outcomes of a fuzzing client's reports.

    summary.py EXPECTED REPORTS...

Prints each case that failed, and `N passed, N failed`. Fails when a case has
failed or fewer than EXPECTED ran. Autobahn's words: NON-STRICT is a freedom
that RFC 6455 leaves (it fails a connection later than it could), and
INFORMATIONAL judges nothing.
"""

import json
import pathlib
import sys

BEHAVIOR_PASSES = {"OK", "NON-STRICT", "INFORMATIONAL"}
CLOSE_PASSES = {"OK", "INFORMATIONAL"}


def failure(case):
    """Why a case has failed, or None."""
    if case["behavior"] not in BEHAVIOR_PASSES:
        return case["behavior"]
    if case["behaviorClose"] not in CLOSE_PASSES:
        return "close: " + case["behaviorClose"]
    return None


def main():
    expected = int(sys.argv[1])
    passed, failed = 0, 0
    for directory in map(pathlib.Path, sys.argv[2:]):
        index = json.loads((directory / "index.json").read_text())
        for cases in index.values():
            for name, case in cases.items():
                why = failure(case)
                if why is None:
                    passed += 1
                    continue
                failed += 1
                report = json.loads((directory / case["reportfile"]).read_text())
                print(f"case {name}: {why}: {report['result']}")
    if passed + failed < expected:
        print(f"{expected} cases were to run")
        failed += expected - passed - failed
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
