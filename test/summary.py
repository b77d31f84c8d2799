#!/usr/bin/env python3
"""Adds up lit's JSON results and ends with `N passed, N failed`.

    python summary.py RESULTS.json...

Exit code 0 only if tests ran and none failed. An expected failure counts as
passed, an unexpected success as failed.
"""

import json
import sys

GOOD = {"PASS", "FLAKYPASS", "XFAIL"}
NOT_RUN = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def main():
    tests = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            tests += json.load(f)["tests"]
    failed = [t["name"] for t in tests if t["code"] not in GOOD | NOT_RUN]
    unsupported = [t["name"] for t in tests if t["code"] == "UNSUPPORTED"]
    passed = sum(t["code"] in GOOD for t in tests)
    for name in unsupported:
        print(f"not run: {name}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
