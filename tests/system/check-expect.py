#!/usr/bin/env python3
"""[expect] reaches every field of result.json, and sees there what the file has.

A scenario is run, and its result is walked without knowledge of what is in it:
each number, text and yes or no becomes a path and an expectation of exactly that
value, and each null one that cannot be observed. With all of these in [expect]
the same scenario is run again: each has to hold, and of what is null each has to
be "not observed". A field that has no path is refused when the scenario is read,
so a new one turns this test red until it is reachable, or named here as no
figure.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import (PROGRAM, TOP_SRCDIR, Checks, in_parallel, scenario,
                     temporary_folder)

# What has no path, by its place in the file: what says nothing of the network,
# or is there to be drawn. RESULT.md says so of the same: these are no figures.
NO_FIGURES = {
    "advice", "assumptions", "figures", "lanes", "latency_curve", "program",
    "scenario", "series", "values", "verdict",
}

# What is put into the file after the verdict.
NOT_YET = {"advice_tried"}

SCENARIOS = [
    ("dx-cut", ["scenario.duration=60s", "scenario.warmup=5s",
                "fault cut.at=20s..30s", "fault cut.for=15s",
                "database orders.rate=10/s", "probe.interval=200ms"]),
    ("vpn-wrong-psk", []),
    ("nat-mapping-lost", []),
    ("replay-pgbench", []),
    ("alarm-average", []),
    ("stream-over-backup", []),
]


def manual():
    """schemas/make.py, and RESULT.md as it reads it."""
    path = os.path.join(TOP_SRCDIR, "schemas", "make.py")
    spec = importlib.util.spec_from_file_location("make_schemas", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.read_page("RESULT.md")


MAKE, MANUAL = manual()


def word(name):
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")


def path_name(field):
    if field.endswith("_per_s"):
        return field
    return re.sub(r"_m?s$", "", field)


def nothing(kind, before):
    """The same of an object of KIND that is null."""
    for row in MANUAL[kind]:
        path = before + [path_name(row.name)]
        if row.type in MANUAL:
            yield from nothing(row.type, path)
        elif not row.type.startswith(("list", "map")):
            yield ".".join(path), row, None


def leaves(value, kind, before):
    """(path, row of RESULT.md, value) of everything in VALUE, one of KIND."""
    rows = {row.name: row for row in MANUAL[kind]}
    for name, below in value.items():
        row = rows[name]
        inner = re.sub(r"^(list|map) of ", "", row.type)
        listed = inner != row.type
        path = before + [path_name(name)]
        if not before and name in NO_FIGURES:
            continue
        if (below is None and listed) or row.type == "map of text":
            continue
        if before and inner in MANUAL and not MANUAL[inner].figures:
            continue
        if below is None and inner in MANUAL:
            yield from nothing(inner, path)
        elif isinstance(below, dict):
            yield from leaves(below, inner, path)
        elif isinstance(below, list) and below and isinstance(below[0], dict):
            single = re.sub(r"([^s])s$", r"\1", path[-1])
            keys = MANUAL[inner].keys[: 1 if MANUAL[inner].either else None]
            if not keys:
                raise RuntimeError(f"RESULT.md names no entry of {name}")
            for entry in below:
                names = [word(entry[key] or "") for key in keys]
                yield from leaves(entry, inner, before + [single, *names])
        elif isinstance(below, list):
            for entry in below:
                yield ".".join(path), row, entry
        else:
            yield ".".join(path), row, below


def limit(row, value):
    """VALUE as [expect] writes it."""
    field = row.name
    if re.search(r"(^|_)bytes$", field) or row.meaning.startswith("bytes "):
        return f"{value}B"
    if re.search(r"_m?s$", field) and not field.endswith("_per_s"):
        return format(Decimal(repr(value)), "f") + field.rsplit("_", 1)[1]
    if isinstance(value, float):
        return format(round(Decimal(repr(value)), 6), "f")
    return str(value)


def expectation(path, row, values):
    """The line that holds for VALUES, or None: no line can say it."""
    if any(value is None for value in values):
        if re.sub("^list of ", "", row.type) in ("integer", "number"):
            return f"{path}.min = 0"
        words = MAKE.words_of(row.meaning) or ["no"]
        return f"{path} = {words[0]}"
    texts = sorted({("no", "yes")[value] if isinstance(value, bool) else value
                    for value in values if isinstance(value, (str, bool))})
    if any("," in text or text != text.strip() or not text for text in texts):
        return None
    if texts:
        return f"{path} = {', '.join(texts)}"
    low, high = min(values), max(values)
    if isinstance(low, float) and path_name(row.name) == row.name:
        # Six decimals, of which the last one may be rounded either way.
        return (f"{path}.within = {limit(row, max(low - 1e-6, 0.0))}.."
                f"{limit(row, high + 1e-6)}")
    if low == high:
        return f"{path}.equals = {limit(row, low)}"
    return (f"{path}.within = {limit(row, low)}.."
            f"{limit(row, high)}")


def expectations(result):
    """{path: (the line, is one of them null)}"""
    found = {}
    for path, row, value in leaves(result, "result", []):
        if path not in NOT_YET:
            found.setdefault(path, (row, []))[1].append(value)
    return {path: (expectation(path, row, values), None in values)
            for path, (row, values) in found.items()}


def run(file, folder, sets):
    command = [PROGRAM, "run", "--json", "--no-capture", "--no-advice",
               "--out", folder]
    for setting in sets:
        command += ["--set", setting]
    done = subprocess.run(command + [file], text=True, capture_output=True,
                          check=False)
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"{file}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def with_expectations(name, folder, lines):
    """A copy of the scenario that expects LINES and nothing else."""
    with open(scenario(name), encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"^\[expect\]\n(?:(?!\[).*\n?)*", "", text, flags=re.M)
    text = re.sub(r"^expected-verdict.*\n", "", text, flags=re.M)
    for capture in re.findall(r"^replay = (.*\.pcap)$", text, flags=re.M):
        shutil.copy(os.path.join(os.path.dirname(scenario(name)), capture),
                    folder)
    path = os.path.join(folder, f"{name}-all.ini")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n[expect]\n" + "\n".join(lines) + "\n")
    return path


def listed(name):
    """Of the paths that `explain --figures` prints those with names, and one
    expression for those of which the design does not decide the names."""
    done = subprocess.run([PROGRAM, "explain", "--figures", scenario(name)],
                          text=True, stdout=subprocess.PIPE, check=True)
    paths = [line.split("\t")[0] for line in done.stdout.splitlines()]
    keys = {key.upper() for kind in MANUAL.values() for key in kind.keys}
    left_open = [path for path in paths if keys & set(path.split("."))]
    return {path.lower() for path in paths}, re.compile("|".join(
        r"\.".join(".+" if part in keys else re.escape(part)
                   for part in path.split(".")) for path in left_open) or "$",
        re.IGNORECASE)


def judge(name, sets):
    with temporary_folder() as folder:
        asked = expectations(run(scenario(name), folder, sets))
        lines = [line for line, _ in asked.values() if line is not None]
        again = run(with_expectations(name, folder, lines), folder, sets)
        return name, asked, listed(name), again["verdict"]["checks"]


def main():
    check = Checks()
    for name, asked, names, checks in in_parallel(
            [lambda s=s: judge(*s) for s in SCENARIOS]):
        done = {c["figure"] for c in checks}
        for path, (line, _) in asked.items():
            check.that(path.lower() in names[0] or names[1].fullmatch(path),
                       "explain --figures lists it", name, path)
            if line is not None:
                check.that(path in done, "it was checked", name, line)
        for c in checks:
            if c["figure"] not in asked:  # what [probe] expects
                continue
            _, null = asked[c["figure"]]
            check.equal(c["outcome"], "not observed" if null else "pass",
                        "a null is not observed" if null else
                        "a path shows what the file has",
                        f"{name}: {c['text']}")
    check.finish({"it was checked": 1500, "a null is not observed": 100,
                  "explain --figures lists it": 1500,
                  "a path shows what the file has": 1500})


if __name__ == "__main__":
    main()
