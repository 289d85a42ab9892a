#!/usr/bin/env python3
"""Writes timers.md: how the timers of real daemons and of ours compare.

    make hybridsim && TOP_BUILDDIR=build tests/live/record-timers.py

20 trials of each kind against FRR and BIRD (timers.py), and as many seeds of
`hybridsim run` with the daemons' presets; some minutes. Live, every process has
real-time priority, so that what else the machine does is not measured.
"""

import bisect
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from lab import run
from simulation import PROGRAM, S
from timers import MS, SCENARIO, measure

TRIALS, SEEDS = 20, 200

FAULT = """
[fault cut]
target = {name}
action = blackhole
at = 20s..30s
for = 8s
"""


def simulated(name, bfd):
    """From the cut to the customer's detection, in SEEDS simulations."""
    text = SCENARIO.replace("{frr}", "one").replace("{bird}", "two")
    text = text.replace("duration = 1000s", "duration = 45s")
    if bfd:
        text = re.sub(r"(\[dx \w+\]\n)", r"\1bfd = 300ms x 3\n", text)
    gateway = {"frr": "one", "bird": "two"}[name] + ".gateway"
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/timers.ini"
        with open(path, "w") as file:
            file.write(text + FAULT.format(name=name))
        run([PROGRAM, "run", "--quiet", "--repeat", SEEDS, "--out", folder,
             path], check=False, timeout=1800)
        for seed in sorted(os.listdir(f"{folder}/timers/repeat")):
            path = f"{folder}/timers/repeat/{seed}/timers/result.json"
            with open(path) as file:
                fault = json.load(file)["faults"][0]
            waits += [round((d["at_s"] - fault["applied_s"]) * S)
                      for d in fault["detections"] if d["node"] == gateway][:1]
    return waits


def kolmogorov_smirnov(a, b):
    """The greatest distance of the two distributions, and how often samples of
    one distribution are that far apart (asymptotic, with Stephens' term)."""
    a, b = sorted(a), sorted(b)
    distance = max(abs(bisect.bisect_right(a, x) / len(a)
                       - bisect.bisect_right(b, x) / len(b)) for x in a + b)
    n = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    t = (n + 0.12 + 0.11 / n) * distance
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * t * t)
                for k in range(1, 101))
    return distance, min(max(p, 0.0), 1.0)


def row(values):
    values = sorted(v / MS for v in values)
    return (f"{values[0]:.1f} | {statistics.median(values):.1f} | "
            f"{values[-1]:.1f}")


def table(bfd):
    os.environ["LIVE_REALTIME"] = "1"
    waits = measure(bfd, TRIALS)
    del os.environ["LIVE_REALTIME"]
    sides = list(dict.fromkeys(side for side, _, _ in waits))
    yield "| who | n | least | median | most |"
    yield "| --- | --- | --- | --- | --- |"
    for side in sides:
        last = [w for s, w, _ in waits if s == side]
        yield f"| {side} | {len(last)} | {row(last)} |"
    yield ""
    yield ("| from the cut | real: n | least | median | most | simulated: n | "
           "least | median | most | distance | p |")
    yield "| --- " * 11 + "|"
    for name in ("frr", "bird"):
        real = [c for s, _, c in waits if s == name]
        ours = simulated(name, bfd)
        distance, p = kolmogorov_smirnov(real, ours)
        yield (f"| {name} | {len(real)} | {row(real)} | {len(ours)} | "
               f"{row(ours)} | {distance:.2f} | {p:.2f} |")


def main():
    version = subprocess.run([PROGRAM, "--version"], text=True,
                             capture_output=True).stdout.split("\n")[0]
    lines = [
        "# Timers of real daemons and ours", "",
        f"Written by `record-timers.py` with {version},", "FRR 8.4.4 and BIRD "
        "2.0.12 of Debian 12.", "",
        "Live, each trial cut both links in silence. \"AWS towards\" is the "
        "simulated side of", "the same session. Then the same from the moment "
        "of the cut, beside simulations", "with the daemon's preset in the "
        "place of the daemon, compared by Kolmogorov and", "Smirnov's test. All "
        "in milliseconds.", "",
        "## BFD, 300 ms x 3: from the last packet that arrived", ""]
    lines += table(True)
    lines += ["", "## BGP, hold time 3 s, keepalive 1 s: from the last message "
              "that arrived", ""]
    lines += table(False)
    lines += ["", "BIRD draws each hold time from three quarters to all of "
              "what was negotiated", "(RFC 4271 section 10 would have that for "
              "other timers); the others do not."]
    with open(os.path.join(HERE, "timers.md"), "w") as file:
        file.write("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
