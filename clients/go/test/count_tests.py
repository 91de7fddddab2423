"""Counts the tests of a run of `go test -json`.

usage: count_tests.py EVENTS

Prints what a test said that failed and, last, `N passed, N failed`. A package
that fails without a test that does (it does not compile) counts as one.
"""

import collections
import json
import sys


def main():
    passed = 0
    failed = []
    output = collections.defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as events:
        for line in events:
            try:
                event = json.loads(line)
            except ValueError:
                print(line, end="")  # What the compiler says.
                continue
            key = (event.get("Package"), event.get("Test"))
            action = event.get("Action")
            if action == "output":
                output[key].append(event["Output"])
            elif action == "pass" and key[1]:
                passed += 1
            elif action == "fail":
                failed.append(key)
    # A package fails with its tests.
    with_tests = {package for package, test in failed if test}
    failed = [key for key in failed if key[1] or key[0] not in with_tests]
    for package, test in failed:
        print("FAILED %s %s" % (package, test or ""))
        print("".join(output[(package, test)]), end="")
    print("%d passed, %d failed" % (passed, len(failed)))


if __name__ == "__main__":
    main()
