"""What the system tests share: running hybridsim, its facts and its result.

Instants are integers in nanoseconds, as in the program: facts carry nine
digits, and result.json's milliseconds are exact when they are rounded to them.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

TOP_SRCDIR = os.environ.get("TOP_SRCDIR", ".")
TOP_BUILDDIR = os.environ.get("TOP_BUILDDIR", ".")
PROGRAM = os.path.join(TOP_BUILDDIR, "hybridsim")

MS = 1_000_000
S = 1_000_000_000


def scenario(name):
    return os.path.join(TOP_SRCDIR, "scenarios", name + ".ini")


def ns_of_ms(value):
    """An integer from result.json's …_ms, or None."""
    return None if value is None else round(value * 1e6)


def ns_of_s(value):
    return None if value is None else round(value * 1e9)


class Fact(NamedTuple):
    at: int
    kind: str
    node: str
    subject: str
    peer: str
    start: str  # the column `from`
    to: str
    cause: str
    id: int
    value: int
    evidence: str


# Facts about single requests and probes: hundreds of thousands, and what they
# come to stands in the result.
SINGLE = re.compile(r"^[0-9.]+\t(probe-|re(quest|ply))")


def parse_fact(line):
    f = line.split("\t")
    seconds, fraction = f[0].split(".")
    at = int(seconds) * S + int(fraction)
    return Fact(at, *f[1:8], int(f[8]), int(f[9]), f[10])


class Run:
    """One run: its facts in order, its result, and the folder of its files."""

    def __init__(self, name, folder, status, facts):
        self.name = name
        self.folder = os.path.join(folder, name)
        self.status = status
        self.facts = facts
        with open(os.path.join(self.folder, "result.json")) as file:
            self.result = json.load(file)
        self.fault = next(iter(self.result["faults"]), None)
        applied = [f for f in facts if f.kind == "fault" and f.to == "applied"]
        self.t0 = applied[0].at if applied else 0

    def of(self, kind, **fields):
        """The facts of KIND from the fault on with these fields."""
        return [f for f in self.facts
                if f.kind == kind and f.at >= self.t0
                and all(getattr(f, k) == v for k, v in fields.items())]

    def client(self, name):
        return next(c for c in self.fault["clients"] if c["client"] == name)

    def value(self, kind, key):
        return next(v["value"] for v in self.result["values"]
                    if v["kind"] == kind and v["key"] == key)


def run(name, folder, seed=1, sets=(), capture=False):
    """Runs a scenario of scenarios/ into FOLDER; a run that fails by other
    than its expectations is an error."""
    command = [PROGRAM, "run", "--facts", "--out", folder,
               "--seed", str(seed)]
    for setting in sets:
        command += ["--set", setting]
    if not capture:
        command.append("--no-capture")
    done = subprocess.run(command + [scenario(name)], text=True,
                          capture_output=True)
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n"
                           + done.stderr)
    facts = [parse_fact(line) for line in done.stdout.splitlines()
             if not SINGLE.search(line)]
    return Run(name, folder, done.returncode, facts)


def in_parallel(jobs):
    """Calls each of JOBS, so many at a time as there are processors, and
    yields their results in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda job: job(), jobs)


class Checks:
    """Counts what was checked and prints what did not hold. A test that
    checked nothing fails."""

    def __init__(self):
        self.counts = {}
        self.failures = 0

    def that(self, condition, what, where, detail=""):
        self.counts[what] = self.counts.get(what, 0) + 1
        if not condition:
            self.failures += 1
            print(f"FAIL {where}: {what}: {detail}")
        return condition

    def equal(self, got, expected, what, where):
        return self.that(got == expected, what, where,
                         f"{got!r}, expected {expected!r}")

    def within(self, got, low, high, what, where):
        return self.that(got is not None and low <= got <= high, what, where,
                         f"{got!r} is not in {low!r}..{high!r}")

    def finish(self, at_least):
        """AT_LEAST: how many of each check there must have been."""
        for what, number in at_least.items():
            if self.counts.get(what, 0) < number:
                self.failures += 1
                print(f"FAIL: {what}: checked {self.counts.get(what, 0)} "
                      f"times, expected at least {number}")
        for what, number in sorted(self.counts.items()):
            print(f"{number:7} {what}")
        print(f"{sum(self.counts.values())} checks, {self.failures} failures")
        sys.exit(1 if self.failures else 0)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="hybridsim-test-")
