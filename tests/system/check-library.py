#!/usr/bin/env python3
"""Runs the whole library of scenarios, as a user would: `hybridsim check`.

What a scenario expects follows from theory or from a published figure, so it has
to hold whatever the seed draws:

    LIBRARY_SEEDS=5 tests/system/check-library.py      so many seeds of each

Each file also has to say, in a comment at its head, what should happen and why,
and to expect something; and each result has to be as its schema says.
"""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, TOP_SRCDIR, temporary_folder
from schemas import Schema

SEEDS = int(os.environ.get("LIBRARY_SEEDS", "1"))
FOLDER = pathlib.Path(TOP_SRCDIR) / "scenarios"

# A comment of fewer lines explains nothing.
COMMENT_LINES = 3


def faults_of(path):
    """What a reader would miss in the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = 0
    while comment < len(lines) and lines[comment].startswith("#"):
        comment += 1
    if comment < COMMENT_LINES:
        yield f"{comment} lines of comment at its head"
    if not any(line.startswith("title = ") for line in lines):
        yield "no title"
    if "[expect]" not in lines and not any(
            line.startswith("expect = ") for line in lines):
        yield "expects nothing"


def is_listed(path, readme):
    name = path.relative_to(FOLDER)
    return f"`{name}`" in readme or f"`{name.parent}/*.ini`" in readme


def counts_that_differ(result):
    """Requests and probes. Their totals begin behind the warm-up, the series
    with the run."""
    series = result["series"]
    first, rest = divmod(result["scenario"]["warmup_s"], series["bucket_s"])
    if rest != 0:
        return

    def counted(cells):
        return cells[int(first):]

    for total, cells in pairs(result["database"], series["latency"], "client"):
        requests, latency = (total["all"][key] for key in ("requests", "latency"))
        highest = max((ms for ms in counted(cells["max_ms"])
                       if ms is not None), default=None)
        for what, got, expected in (
                ("requests", sum(counted(cells["count"])), requests["sent"]),
                ("failed", sum(counted(cells["failed"])), requests["failed"]),
                ("highest latency", highest, latency and latency["max_ms"])):
            if got != expected:
                yield (f"{total['client']}: {what} {expected}, in buckets "
                       f"{got}")
    for total, cells in pairs(result["probes"], series["probes"], "direction"):
        for what, got, expected in (
                ("sent", sum(counted(cells["sent"])), total["sent"]),
                ("lost", sum(counted(cells["lost"])),
                 total["sent"] - total["received"])):
            if got != expected:
                yield (f"probes {total['direction']}: {what} {expected}, in "
                       f"buckets {got}")


def pairs(totals, series, key):
    """Each total with its series: the same ones, in the same order."""
    if [t[key] for t in totals] != [s[key] for s in series]:
        raise ValueError(f"{key}s differ between totals and series")
    return zip(totals, series)


def sums_that_differ(result):
    """What the series sum up to must be what the totals say."""
    seen = {}
    for traffic in result["series"]["traffic"]:
        key = traffic["link"], traffic["class"]
        seen[key] = seen.get(key, 0) + sum(traffic["bytes"])
    for link in result["links"]:
        for name, count in link["wire"].items():
            if isinstance(count, dict) and "bytes" in count and \
                    count["bytes"] != seen.get((link["name"], name), 0):
                yield (f"{link['name']}: {count['bytes']} bytes {name}, in "
                       f"buckets {seen.get((link['name'], name), 0)}")
    yield from counts_that_differ(result)
    for lane in result["lanes"]:
        spans = lane["spans"]
        for one, two in zip(spans, spans[1:]):
            if one["until_s"] != two["from_s"]:
                yield f"{lane['node']} {lane['subject']}: a gap in its lane"


def results_are_valid(folder, number):
    """Holds the NUMBER results below FOLDER against their schema, and what
    they say twice against itself."""
    schema = Schema("result")
    paths = sorted(pathlib.Path(folder).rglob("result.json"))
    wrong = len(paths) != number
    if wrong:
        print(f"{len(paths)} results of {number} scenarios")
    for path in paths:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        troubles = list(schema.troubles(result)) + list(sums_that_differ(result))
        for trouble in troubles[:5]:
            print(f"{path.parent.name}: {trouble}")
        wrong += bool(troubles)
    return wrong


def main():
    files = sorted(FOLDER.rglob("*.ini"))
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    wrong = 0
    for path in files:
        if not is_listed(path, readme):
            print(f"{path.relative_to(TOP_SRCDIR)}: not in scenarios/README.md")
            wrong += 1
    for path in files:
        for what in faults_of(path):
            print(f"{path.relative_to(TOP_SRCDIR)}: {what}")
            wrong += 1
    with temporary_folder() as folder:
        for seed in range(1, SEEDS + 1):
            done = subprocess.run(
                [PROGRAM, "check", "--seed", str(seed), "--out", folder,
                 *map(str, files)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False)
            if done.returncode != 0:
                wrong += 1
                print(f"seed {seed}, exit code {done.returncode}:")
                print(done.stdout)
        wrong += results_are_valid(folder, len(files))
    print(f"{len(files)} scenarios, {SEEDS} seeds of each, {wrong} faults")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
