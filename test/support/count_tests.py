"""Counts the tests of one Bazel run, from its build event file.

usage: count_tests.py EVENTS.json

Prints each failed case and, last, `N passed, N failed`. A target whose report
names no case counts as one. Exits with 1 when anything failed or nothing ran.
"""

import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ET


def reports(events):
    """Yields (label, status, path of test.xml) for each attempt that counts."""
    last = {}
    for line in events:
        event = json.loads(line)
        if "testResult" not in event:
            continue
        result = event["testResult"]
        name = event["id"]["testResult"]
        paths = [
            urllib.parse.urlparse(out["uri"]).path
            for out in result.get("testActionOutput", [])
            if out["name"] == "test.xml"
        ]
        key = (name["label"], name.get("shard"), name.get("run"))
        last[key] = (name["label"], result["status"], paths[0] if paths else None)
    return last.values()


def cases(path):
    """Yields (name, failed) for each case of a report."""
    for case in ET.parse(path).iter("testcase"):
        if case.get("status") == "notrun":
            continue
        failed = case.find("failure") is not None or case.find("error") is not None
        yield "%s.%s" % (case.get("classname", ""), case.get("name", "")), failed


def main():
    passed = failed = 0
    with open(sys.argv[1]) as events:
        for label, status, path in sorted(reports(events)):
            found = []
            if path and pathlib.Path(path).exists():
                try:
                    found = list(cases(path))
                except ET.ParseError:
                    found = []
            bad = [name for name, is_bad in found if is_bad]
            if status != "PASSED" and not bad:
                bad = [status]
            for name in bad:
                print("FAILED %s %s" % (label, name))
            failed += len(bad)
            passed += max(len(found) - len(bad), 0) if found else int(not bad)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
