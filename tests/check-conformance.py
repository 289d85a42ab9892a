#!/usr/bin/env python3
"""Holds tests/CONFORMANCE.md against the tests that it names.

The file has a heading "## RFC NNNN (...)" for each RFC and under it a table

    | section | MUST | shown by |

whose last cell names one or more tests, or is "departure: why":

    `test_bgp_fsm:bad_marker_is_answered`       START_TEST() of a Check program
    `tests/cli/run.bats:a run writes a result`  the title of a bats test
    `tests/system/check-captures.py:name`       a function of a Python test
    `tests/test_manual.sh`                      a script that is one test

A test that does not exist, that no suite runs or that `make check` does not
know, a row that shows nothing and a heading without rows are failures.

    check-conformance.py [FILE]
"""

import os
import re
import sys

TOP = os.environ.get("TOP_SRCDIR") or os.path.join(os.path.dirname(__file__), "..")


class Tests:
    """What the tree has of tests."""

    def __init__(self, top):
        self.top = top
        self.makefiles = ""
        for folder, _, files in os.walk(top):
            if "local.mk" in files:
                with open(os.path.join(folder, "local.mk"), encoding="utf-8") as f:
                    self.makefiles += f.read()
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            try:
                with open(os.path.join(self.top, path), encoding="utf-8") as f:
                    self.texts[path] = f.read()
            except OSError:
                self.texts[path] = None
        return self.texts[path]

    def listed(self, path):
        return re.search(r"(^|\s)%s(\s|$)" % re.escape(path), self.makefiles)

    def why_not(self, name):
        """None if there is such a test, else what is wrong with it."""
        where, colon, what = name.partition(":")
        if "/" not in where:
            if not re.fullmatch(r"test_\w+", where) or not colon:
                return "is not program:function"
            return self.why_not_check("tests/%s" % where, what)
        text = self.text(where)
        if text is None:
            return "there is no %s" % where
        if not self.listed(where):
            return "`make check` does not run %s" % where
        if not colon:
            return None if where.endswith((".sh", ".py")) else "names no test"
        patterns = {
            ".bats": r'^@test "%s"',
            ".py": r"^\s*(?:async )?def %s\(",
            ".sh": r"^%s\(\)",
        }
        pattern = patterns.get(os.path.splitext(where)[1])
        if pattern is None:
            return "is not of a kind that can be looked up"
        if not re.search(pattern % re.escape(what), text, re.M):
            return "%s has no such test" % where
        return None

    def why_not_check(self, program, function):
        text = self.text(program + ".c")
        if text is None:
            return "there is no %s.c" % program
        if not self.listed(program):
            return "`make check` does not run %s" % program
        if not re.search(r"^START_TEST\(%s\)" % re.escape(function), text, re.M):
            return "%s.c has no START_TEST(%s)" % (program, function)
        # Named once more: where it is added to a suite.
        if len(re.findall(r"\b%s\b" % re.escape(function), text)) < 2:
            return "no suite of %s.c runs it" % program
        return None


def cells(line):
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [part.strip() for part in parts]


def examine(text, tests):
    """The complaints, and for each heading its rows, departures and tests."""
    complaints, headings, current = [], [], None

    for number, line in enumerate(text.splitlines(), 1):

        def complain(what):
            complaints.append("line %d: %s" % (number, what))

        if line.startswith("## "):
            current = {"title": line[3:], "rows": 0, "departures": 0, "tests": 0}
            headings.append(current)
            if not re.match(r"RFC \d+\b", line[3:]):
                complain("a heading that names no RFC")
            continue
        if not line.lstrip().startswith("|"):
            continue
        row = cells(line)
        if row == ["section", "MUST", "shown by"] or all(
            re.fullmatch(r":?-+:?", cell) for cell in row
        ):
            continue
        if current is None:
            complain("a row above the first heading")
            continue
        if len(row) != 3 or not row[0] or not row[1]:
            complain("a row is | section | MUST | shown by |")
            continue
        current["rows"] += 1
        departs = re.search(r"departure:\s*(.*)", row[2])
        named = re.findall(r"`([^`]+)`", row[2][: departs.start()] if departs else row[2])
        if departs and not departs[1]:
            complain("a departure that does not say why")
        if not departs and not named:
            complain("%s: neither a test nor a departure" % row[0])
        current["departures"] += bool(departs)
        current["tests"] += len(named)
        for name in named:
            why = tests.why_not(name)
            if why:
                complain("`%s`: %s" % (name, why))
    for heading in headings:
        if not heading["rows"]:
            complaints.append("%s: no row" % heading["title"])
    return complaints, headings


# What this script must refuse, and two rows that it must not.
BAD = """| 1 | above a heading | `test_base:add_saturates` |
## RFC 1 (one)
| section | MUST | shown by |
| --- | --- | --- |
| 1 | two cells |
| 2 | nothing shown | |
| 3 | no reason | departure: |
| 4 | no program | `test_none:nothing` |
| 5 | no function | `test_base:no_such_function` |
| 6 | no title | `tests/cli/usage.bats:no such title` |
| 7 | no function | `tests/system/check-captures.py:no_such` |
| 8 | not a test of make check | `tests/system/program.py:no_such` |
| 9 | good | `tests/cli/usage.bats:--version names the program and its engine` |
| 10 | good | departure: a reason |
## RFC 2 (empty)
"""


def check_myself(tests):
    complaints, headings = examine(BAD, tests)
    told = [complaint.split(":")[0] for complaint in complaints]
    wanted = ["line 1"] + ["line %d" % n for n in range(5, 13)] + ["RFC 2 (empty)"]
    if told != wanted or headings[0]["rows"] != 9:
        sys.exit("check-conformance.py does not find what it must:\n" + "\n".join(complaints))


def main():
    tests = Tests(TOP)
    check_myself(tests)
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "tests/CONFORMANCE.md")
    with open(path, encoding="utf-8") as f:
        complaints, headings = examine(f.read(), tests)
    for heading in headings:
        print(
            "%4d rows, %4d tests named, %2d departures: %s"
            % (heading["rows"], heading["tests"], heading["departures"], heading["title"])
        )
    for complaint in complaints:
        print("%s: %s" % (os.path.relpath(path, TOP), complaint))
    if not headings:
        sys.exit("no heading: nothing was checked")
    if complaints:
        sys.exit("%d complaints" % len(complaints))


main()
