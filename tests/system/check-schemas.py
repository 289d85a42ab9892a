#!/usr/bin/env python3
"""Holds the outputs against the schemas in schemas/, and the schemas against the
pages that they are made from.

What the program prints is valid, strictly: it has no field that the schema does
not name. Then each field of each kind of object that was printed is spoilt in
turn: taken away, given another type, another word. None of that may be valid,
or the schema holds nothing.

The results of the whole library are held by check-library.py.
"""

import copy
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, TOP_SRCDIR, Checks, scenario, temporary_folder
from schemas import Schema, objects

SMALL = [
    "scenario.duration=60s", "scenario.warmup=5s", "fault cut.at=20s..30s",
    "fault cut.for=15s", "database orders.rate=10/s", "probe.interval=200ms",
]

ONE_WAY = "options/b-dx"  # little can fail, so it is soon over


def output(*arguments, sets=()):
    command = [PROGRAM, *arguments]
    for setting in sets:
        command[2:2] = ["--set", setting]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1, 4) and arguments[0] != "check":
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n"
                           + done.stderr)
    return done.stdout


def documents(folder):
    """(schema, name, document) of each output."""
    run = output("run", "--json", "--out", folder, scenario("dx-cut"),
                 sets=SMALL)
    yield "result", "dx-cut", json.loads(run)
    run = output("run", "--json", "--no-capture", "--out", folder,
                 scenario("vpn-wrong-psk"))
    yield "result", "vpn-wrong-psk", json.loads(run)
    routes = output("explain", "--routes", "--json", scenario("dx-cut"))
    yield "routes", "dx-cut", json.loads(routes)
    explained = output("explain", "--json", scenario("dx-cut"))
    yield "explained", "dx-cut", json.loads(explained)
    opening = output("wireshark", "--json", os.path.join(folder, "dx-cut"))
    yield "opening", "dx-cut", json.loads(opening)
    written = output("init", "--json", "--output",
                     os.path.join(folder, "starter.ini"))
    yield "init", "dx-vpn", json.loads(written)
    capture = os.path.join(folder, "dx-cut", "capture.pcapng")
    seen = set()
    for line in output("dissect", "--json", capture).splitlines():
        message = json.loads(line)
        if message["protocol"] not in seen:
            seen.add(message["protocol"])
            yield "dissection", message["protocol"], message
    survey = output("survive", "--json", "--out", folder, scenario(ONE_WAY))
    yield "survey", ONE_WAY, json.loads(survey)
    lines = output("check", "--json", "--repeat", "2", "--strict", "--out",
                   folder, scenario("dx-cut"), "no-such-file.ini",
                   sets=SMALL).splitlines()
    for line in lines[:-1]:
        yield "checked", "dx-cut", json.loads(line)
    yield "check-summary", "dx-cut", json.loads(lines[-1])
    table = output("compare", "--json", "--quick", "--out", folder,
                   scenario(ONE_WAY))
    yield "comparison", ONE_WAY, json.loads(table)


def other_types(value):
    """Something of another type than VALUE."""
    if isinstance(value, (dict, list)):
        return "a text"
    return {"an": "object"}


def spoilt(schema, kind, sample):
    """(what was done, the object) of each way to break SAMPLE."""
    rules = schema.published["$defs"][kind] if kind else schema.published
    for name in rules["required"]:
        broken = copy.copy(sample)
        del broken[name]
        yield f"{name} is missing", broken
    for name, rule in rules["properties"].items():
        if name not in sample or rule == {}:
            continue
        if rule.get("type") != "object" or "properties" in rule:
            yield f"{name} of another type", {
                **sample, name: other_types(sample[name])}
        if "enum" in rule or "const" in rule:
            yield f"{name} is no such word", {**sample, name: "no such word"}
        if sample[name] is not None and "null" not in json.dumps(
                rule.get("type", rule.get("anyOf", ""))):
            yield f"{name} is null", {**sample, name: None}


def main():
    check = Checks()
    made = subprocess.run(
        [sys.executable, "-B", os.path.join(TOP_SRCDIR, "schemas", "make.py"),
         "--check"], stdout=subprocess.PIPE, text=True, check=False)
    check.that(made.returncode == 0, "the schemas are what the pages say",
               "schemas", made.stdout)
    seen = {}
    schemas = {}
    with temporary_folder() as folder:
        for name, where, document in documents(folder):
            schema = schemas.setdefault(name, Schema(name))
            troubles = schema.troubles(document)
            check.that(not troubles, f"{name} is valid", where,
                       "\n".join(troubles[:5]))
            for kind, sample in objects(schema.published, document):
                seen.setdefault((name, kind), sample)
    for (name, kind), sample in seen.items():
        strict = schemas[name].of_kind(kind)
        published = schemas[name].of_kind(kind, published=True)
        where = f"{name} {kind}"
        for what, broken in spoilt(schemas[name], kind, sample):
            check.that(not published.is_valid(broken),
                       f"{name}: a spoilt object is refused", where, what)
        more = {**sample, "no such field": 1}
        check.that(published.is_valid(more), "a new field may come", where)
        check.that(not strict.is_valid(more), "in the tests none does", where)
    check.finish({"result is valid": 2, "dissection is valid": 3,
                  "survey is valid": 1, "comparison is valid": 1,
                  "routes is valid": 1, "checked is valid": 2,
                  "check-summary is valid": 1,
                  "result: a spoilt object is refused": 200})


if __name__ == "__main__":
    main()
