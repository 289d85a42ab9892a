#!/usr/bin/env python3
"""Does a scenario turn red for each rule that is broken?

mutations.py lists small patches, each of which breaks one rule of route
selection or one timer. Without arguments this only looks whether every patch
still fits the sources and names scenarios that there are; that is what
`make check` does. With --run (`make mutate`) each is applied in turn to a copy
of the sources, what it changes is built, and scenarios are run until one turns
red: first those that the patch names, then the rest of the library, then the
cases of tests/routes. What none of them sees is listed as unguarded.

    check-mutations.py --run                 all, and writes RESULTS.md
    check-mutations.py --run NAME...         these patches
      --named        only the scenarios that a patch names
      --strict       an unguarded rule fails
      --folder DIR   the copy, kept for the next time (default: mutate)
      --results FILE where the table goes (default: mutate/RESULTS.md)
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mutations import MUTATIONS

TOP_SRCDIR = pathlib.Path(os.environ.get("TOP_SRCDIR", ".")).resolve()
LEFT_OUT = {".git", "build", "out", "autom4te.cache", "mutate"}  # at the top
JOBS = os.cpu_count() or 1
TIME_LIMIT = 120  # for one scenario, of the wall clock: a mutant may hang


def pattern(text):
    """TEXT as it may be laid out: any white space for any."""
    return re.compile(r"\s+".join(map(re.escape, text.split())))


def patched(mutation, folder=TOP_SRCDIR):
    """The file's text with the patch; ValueError if it does not fit."""
    path = folder / mutation.path
    if not path.exists():
        raise ValueError(f"there is no {mutation.path}")
    text = path.read_text(encoding="utf-8")
    found = pattern(mutation.old).findall(text)
    if len(found) != 1:
        raise ValueError(f"its context is {len(found)} times in "
                         f"{mutation.path}")
    return pattern(mutation.old).sub(lambda _: mutation.new, text)


def library(folder=TOP_SRCDIR):
    return sorted((folder / "scenarios").rglob("*.ini"))


def scenario_path(name, folder=TOP_SRCDIR):
    return folder / "scenarios" / (name + ".ini")


def what_is_wrong():
    seen = set()
    for m in MUTATIONS:
        try:
            patched(m)
        except ValueError as error:
            yield f"{m.name}: {error}"
        if m.name in seen:
            yield f"{m.name}: twice"
        seen.add(m.name)
        if pattern(m.old).fullmatch(m.new):
            yield f"{m.name}: changes nothing"
        for name in m.scenarios:
            if not scenario_path(name).exists():
                yield f"{m.name}: there is no scenario {name}"


# Running

def copy_sources(folder):
    """The tree as it is now; what did not change keeps its time, so that only
    the rest is built."""
    for source in TOP_SRCDIR.rglob("*"):
        relative = source.relative_to(TOP_SRCDIR)
        if relative.parts[0] in LEFT_OUT or not source.is_file():
            continue
        if (relative.suffix in (".o", ".a", ".pyc")
                or ".deps" in relative.parts):
            continue
        target = folder / relative
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def build(folder):
    done = subprocess.run(["make", "-s", f"-j{JOBS}", "hybridsim"],
                          cwd=folder / "build", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-2000:])


def prepare(folder):
    copy_sources(folder)
    (folder / "build").mkdir(exist_ok=True)
    if not (folder / "build" / "Makefile").exists():
        subprocess.run(["../configure", "--quiet", "CFLAGS=-O1",
                        "CXXFLAGS=-O1"], cwd=folder / "build", check=True)
    build(folder)


def first_red(folder, paths):
    """Several at a time; the answer is the first in the order of PATHS."""
    for at in range(0, len(paths), JOBS):
        some = paths[at:at + JOBS]
        running = [subprocess.Popen(
            [folder / "build" / "hybridsim", "run", "--quiet", "--no-capture",
             "--out", folder / "out", path], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL) for path in some]
        red = []
        for path, process in zip(some, running):
            try:
                status = process.wait(TIME_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = "hangs"
            if status not in (0, 4):
                red.append((path, status))
        if red:
            return red[0]
    return None


def red_case(folder):
    """The first case of tests/routes that fails, or None."""
    done = subprocess.run(
        [sys.executable, folder / "tests/routes/check-routes.py"], text=True,
        env=dict(os.environ, TOP_SRCDIR=str(folder),
                 TOP_BUILDDIR=str(folder / "build")),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode == 0:
        return None
    found = re.search(r"^FAIL (\S+):", done.stdout, re.MULTILINE)
    return found[1] if found else "check-routes.py"


def name_of(path, folder):
    return str(path.relative_to(folder / "scenarios").with_suffix(""))


def try_one(m, folder, everything, baseline, cases_are_red):
    original = (folder / m.path).read_text(encoding="utf-8")
    (folder / m.path).write_text(patched(m, folder), encoding="utf-8")
    try:
        build(folder)
        named = [scenario_path(name, folder) for name in m.scenarios]
        rest = ([p for p in library(folder) if p not in named]
                if everything else [])
        paths = [p for p in named + rest if p not in baseline]
        red = first_red(folder, paths)
        if red:
            return f"`{name_of(red[0], folder)}`"
        case = None if cases_are_red else red_case(folder)
        return f"case `{case}`" if case else None
    finally:
        (folder / m.path).write_text(original, encoding="utf-8")


def table(rows):
    lines = ["# Which scenario sees a broken rule", "",
             "Written by `make mutate`; see check-mutations.py. Each row is a "
             "patch that breaks one", "rule, and the first scenario that turned "
             "red with it.", "",
             "| patch | the rule that it breaks | turns red |",
             "| --- | --- | --- |"]
    lines += [f"| `{m.name}` | {m.rule} | {red} |" for m, red in rows]
    return "\n".join(lines) + "\n"


def run(options):
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder)
    wanted = [m for m in MUTATIONS
              if not options.names or m.name in options.names]
    # What is red without any patch says nothing.
    used = (library(folder) if not options.named else
            sorted({scenario_path(n, folder)
                    for m in wanted for n in m.scenarios}))
    baseline = set()
    while (red := first_red(folder, [p for p in used if p not in baseline])):
        print(f"red without a patch, left out: {name_of(red[0], folder)}")
        baseline.add(red[0])
    cases_are_red = red_case(folder)
    if cases_are_red:
        print(f"red without a patch: case {cases_are_red}; none is looked at")
    rows, unguarded = [], 0
    for m in wanted:
        began = time.monotonic()
        try:
            red = try_one(m, folder, not options.named, baseline,
                          cases_are_red)
        except RuntimeError as error:
            print(f"{m.name}: does not build: {error}")
            return 2
        text = red or "**unguarded**"
        unguarded += red is None
        rows.append((m, text))
        print(f"{time.monotonic() - began:5.1f} s  {m.name}: {text}",
              flush=True)
    build(folder)
    print(f"{len(rows)} patches, {unguarded} unguarded")
    if not options.names:
        options.results.write_text(table(rows), encoding="utf-8")
    return 1 if options.strict and unguarded else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--named", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--folder", type=pathlib.Path,
                        default=pathlib.Path("mutate"))
    parser.add_argument("--results", type=pathlib.Path,
                        default=TOP_SRCDIR / "tests/mutate/RESULTS.md")
    options = parser.parse_args()
    wrong = list(what_is_wrong())
    for line in wrong:
        print(line)
    print(f"{len(MUTATIONS)} patches, {len(wrong)} that do not fit")
    if wrong or not MUTATIONS:
        return 1
    return run(options) if options.run else 0


if __name__ == "__main__":
    sys.exit(main())
