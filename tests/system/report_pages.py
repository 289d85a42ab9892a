"""The reports that check-report.py and check-browser.py look at, each from a run
of its own: a cut, the same encrypted, no fault at all, and a comparison."""

import os
import subprocess

from program import PROGRAM, in_parallel, scenario

KINDS = ("cut", "encrypted", "quiet", "comparison")


def without_fault(folder):
    """dx-cut without its fault and expectations."""
    path = os.path.join(folder, "quiet.ini")
    with open(scenario("dx-cut"), encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text[:text.index("[fault cut]")])
    return path


def simulate(path, folder, *options):
    done = subprocess.run([PROGRAM, "run", "--no-capture", "--json", "--out",
                           folder, *options, path], text=True,
                          capture_output=True)
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"{path}: exit {done.returncode}\n{done.stderr}")
    name = os.path.basename(path)[:-len(".ini")]
    return os.path.join(folder, name)


def make(folder):
    """The paths of the pages, by KINDS, and of the results of all but the
    comparison."""
    files = {"cut": scenario("dx-cut"),
             "encrypted": scenario("dx-cut-encrypted"),
             "quiet": without_fault(folder)}
    # Shorter than in the library, and still with a fail-back.
    options = {"cut": ["--set", "scenario.duration=115s",
                       "--set", "fault cut.for=20s"],
               "encrypted": ["--set", "scenario.duration=145s",
                             "--set", "fault cut.for=40s", "--no-advice"],
               "quiet": ["--set", "scenario.duration=40s", "--no-advice"]}
    made = in_parallel([lambda kind=kind, path=path: simulate(
        path, folder, *options.get(kind, [])) for kind, path in files.items()])
    results = dict(zip(files, made))
    pages = {kind: os.path.join(result, "report.html")
             for kind, result in results.items()}
    pages["comparison"] = os.path.join(folder, "comparison.html")
    subprocess.run([PROGRAM, "report", "--output", pages["comparison"],
                    *results.values()], check=True, stdout=subprocess.DEVNULL)
    return pages, results
