#!/usr/bin/env python3
"""Holds route selection against cases taken from AWS's documentation.

Each file of cases/ is a small design whose first comment tells the rule, where
AWS says so, and the answer, in lines that this program reads:

    # answer: NODE, TABLE: PREFIX by ROUTE[, ROUTE]: STEP
        what `explain --routes` says of the prefix in that table: the routes in
        use ("primary" for "primary bgp"), and words of the deciding step; of
        several routes all are in use. "none": the table has no such prefix.
    # loses: NODE, TABLE: PREFIX: ROUTE: STEP
        a candidate that is there and not in use, and words of the step.
    # path: FROM -> TO: LINK[, LINK] | unreachable
        a packet's way crosses these links, in this order; or does not arrive.
    # refused: WORDS
        the design is not possible in AWS: the error contains these words.

Answers follow from the documents, not from what the program printed.
"""

import functools
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "system"))
from oracle import read
from program import PROGRAM, TOP_SRCDIR, Checks, in_parallel

CASES = pathlib.Path(TOP_SRCDIR) / "tests" / "routes" / "cases"
AT = "30s"

ANSWER = re.compile(r"# (answer|loses|path|refused): (.*)")


def answers_of(text):
    return [match.groups() for match in map(ANSWER.fullmatch,
                                            text.splitlines()) if match]


def explain(path):
    done = subprocess.run([PROGRAM, "explain", "--routes", "--json", "--at",
                           AT, str(path)], text=True, capture_output=True,
                          check=False)
    report = json.loads(done.stdout) if done.returncode == 0 else None
    return done.returncode, report, done.stderr


def table_of(report, node, table):
    return next((t for t in report["tables"]
                 if t["node"] == node and t["table"] == table), None)


def route_of(report, node, table, prefix):
    found = table_of(report, node, table)
    return found and next((r for r in found["routes"]
                           if r["prefix"] == prefix), None)


def name(candidate):
    return re.sub(" bgp$", "", candidate["by"])


def used(route):
    """The candidates in use; of a route that nobody chose, its ports."""
    if route["candidates"]:
        return [name(c) for c in route["candidates"] if c["used"]]
    return route["via"]


def check_answer(c, report, text, where):
    place, prefix, by, *step = re.fullmatch(
        r"(.+?): (\S+) by ([^:]+?)(?:: (.*))?", text).groups()
    node, table = place.split(", ")
    c.that(table_of(report, node, table) is not None, "the table is there",
           where, f"{place} of {[(t['node'], t['table']) for t in report['tables']]}")
    route = route_of(report, node, table, prefix)
    if by == "none":
        c.that(route is None or not used(route), "no route is in use", where,
               route)
        return
    if not c.that(route is not None, "the route is there", where, text):
        return
    c.equal(sorted(used(route)), sorted(by.split(", ")), "the route in use",
            f"{where}: {text}")
    if step[0]:
        c.that(step[0] in (route["step"] or ""), "the step that decided",
               f"{where}: {text}", route["step"])


def check_loses(c, report, text, where):
    place, prefix, by, step = re.fullmatch(
        r"(.+?): (\S+): ([^:]+): (.*)", text).groups()
    node, table = place.split(", ")
    route = route_of(report, node, table, prefix)
    lost = [x for x in (route or {"candidates": []})["candidates"]
            if name(x) == by]
    if c.that(lost, "the candidate is there", f"{where}: {text}", route):
        c.that(not lost[0]["used"] and step in (lost[0]["lost_by"] or ""),
               "the step that a candidate loses by", f"{where}: {text}",
               lost[0]["lost_by"])


def host_in(groups, place):
    """The tenth host of a site or a VPC, where its database or application
    is."""
    keys = groups.get(("vpc", place)) or groups["onprem", place]
    network = ipaddress.ip_network(keys.get("cidr") or keys["prefix"])
    return str(network[10])


def check_path(c, path, text, where):
    groups = read(path.read_text(encoding="utf-8"))
    start, end, links = re.fullmatch(r"(\S+) -> (\S+): (.*)", text).groups()
    done = subprocess.run([PROGRAM, "explain", "--routes", "--json", "--at",
                           AT, "--from", host_in(groups, start), "--to",
                           host_in(groups, end), str(path)],
                          text=True, capture_output=True, check=False)
    if not c.equal(done.returncode, 0, "the path is explained",
                   f"{where}: {done.stderr}"):
        return
    ways = json.loads(done.stdout)["paths"][0]["forth"]["ways"]
    if links == "unreachable":
        c.that(all(w["end"] != "delivered" for w in ways),
               "a path that there is not", f"{where}: {text}", ways)
        return
    for way in ways:
        through = [h["through"] for h in way["hops"] if h["through"]]
        wanted = links.split(", ")
        c.that(way["end"] == "delivered"
               and [t for t in through if t in wanted] == wanted,
               "the path crosses these links", f"{where}: {text}",
               f"{way['end']} by {through}")


def check_case(c, path, result):
    status, report, error = result
    where = path.stem
    text = path.read_text(encoding="utf-8")
    answers = answers_of(text)
    if not c.that(answers, "the case has an answer", where):
        return
    refused = [wanted for kind, wanted in answers if kind == "refused"]
    if refused:
        c.that(status == 2 and all(
            w in " ".join(error.split()) for w in refused),
            "what AWS refuses is refused", where, error)
        return
    if not c.that(status == 0, "the case is explained", where, error):
        return
    for kind, wanted in answers:
        if kind == "answer":
            check_answer(c, report, wanted, where)
        elif kind == "loses":
            check_loses(c, report, wanted, where)
        else:
            check_path(c, path, wanted, where)


def main():
    c = Checks()
    wanted = [pathlib.Path(a) for a in sys.argv[1:]]
    cases = wanted or sorted(CASES.glob("*.ini"))
    for path, result in zip(cases, in_parallel(
            functools.partial(explain, p) for p in cases)):
        check_case(c, path, result)
    print(f"{len(cases)} cases")
    c.finish({} if wanted else {"the route in use": 15,
                                "the step that decided": 10,
                                "the step that a candidate loses by": 10})


if __name__ == "__main__":
    main()
