#!/usr/bin/env python3
"""What the tests reached of the protocol cores: lines and branches.

    coverage.py [-v] FOLDER...       in the build folder, after the tests

Reads what gcc's gcov says of each FOLDER's objects and prints a line for each
folder and file; -v names every line that was not reached, and every line with a
branch that was not taken. Fails where a folder is below 95 % of its lines or
85 % of its branches, or has nothing to count.

Not counted, because no test can reach them: the failing side of an assertion
and lines that say that they are never reached. Both end the program, and what
they watch for is our own mistake.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

LINES, BRANCHES = 95.0, 85.0
ASSERTION = re.compile(r"\bg_(return_(val_)?if|assert\w*)\s*\(")
NEVER = re.compile(r"\bg_assert_not_reached\s*\(")


def sources_of(folder):
    """For each source its lines: number -> [count, branch counts]."""
    objects = [
        os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".gcno")
    ]
    if not objects:
        return {}
    sources = {}
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(
            ["gcov", "--json-format", "--branch-probabilities"]
            + [os.path.join(here, o) for o in objects],
            cwd=work,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in sorted(os.listdir(work)):
            with gzip.open(os.path.join(work, name), "rt", encoding="utf-8") as f:
                report = json.load(f)
            for file in report["files"]:
                add(sources, folder, report["current_working_directory"], file)
    return sources


def add(sources, folder, base, file):
    """A header's inline functions are counted once for each file using them."""
    path = os.path.normpath(os.path.join(base, file["file"]))
    if not os.path.dirname(path).endswith(folder):
        return
    lines = sources.setdefault(path, {})
    for line in file["lines"]:
        branches = [b["count"] for b in line["branches"] if not b["throw"]]
        known = lines.get(line["line_number"])
        if known is None:
            lines[line["line_number"]] = [line["count"], branches]
            continue
        known[0] += line["count"]
        if len(known[1]) == len(branches):
            known[1] = [a + b for a, b in zip(known[1], branches)]
        else:
            known[1] = known[1] + branches


def statements_with(pattern, text):
    """The numbers of the lines of each statement that begins with PATTERN."""
    found, inside = set(), 0
    for number, line in enumerate(text, 1):
        if inside or pattern.search(line):
            found.add(number)
            inside += line.count("(") - line.count(")")
    return found


def examine(path, lines, verbose):
    with open(path, encoding="utf-8") as f:
        text = f.read().splitlines()
    asserted = statements_with(ASSERTION, text)
    never = statements_with(NEVER, text)
    total = [0, 0, 0, 0]
    for number, (count, branches) in sorted(lines.items()):
        if number in never:
            continue
        total[0] += count > 0
        total[1] += 1
        if number not in asserted:
            total[2] += sum(taken > 0 for taken in branches)
            total[3] += len(branches)
        if not verbose:
            continue
        if count == 0:
            print("    %s:%d: not reached: %s" % (path, number, text[number - 1].strip()))
        elif number not in asserted and 0 in branches:
            print(
                "    %s:%d: %d of %d branches: %s"
                % (
                    path,
                    number,
                    sum(taken > 0 for taken in branches),
                    len(branches),
                    text[number - 1].strip(),
                )
            )
    return total


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def row(name, total):
    print(
        "%-32s %6d %7.1f %% %9d %7.1f %%"
        % (name, total[1], percent(total[0], total[1]), total[3], percent(total[2], total[3]))
    )


def main():
    arguments = sys.argv[1:]
    verbose = "-v" in arguments
    folders = [a for a in arguments if a != "-v"]
    wrong = []
    print("%-32s %6s %9s %9s %9s" % ("", "lines", "reached", "branches", "taken"))
    for folder in folders:
        sources = sources_of(folder) if os.path.isdir(folder) else {}
        totals = {path: examine(path, lines, verbose) for path, lines in sources.items()}
        whole = [sum(column) for column in zip(*totals.values())] or [0, 0, 0, 0]
        row(folder, whole)
        for path, total in sorted(totals.items()):
            row("  " + os.path.basename(path), total)
        if whole[0] == 0:
            wrong.append("%s: nothing was counted" % folder)
        elif percent(*whole[:2]) < LINES or percent(*whole[2:]) < BRANCHES:
            wrong.append("%s: below %.0f %% of lines or %.0f %% of branches" % (folder, LINES, BRANCHES))
    if wrong:
        sys.exit("\n".join(wrong))


main()
