#!/usr/bin/env python3
"""The paths of result.json against `hybridsim explain --routes`.

The one looks at the tables while a run passes by, the other stops a run at that
instant and reads them; they have to find the same ways. What the designs are
known to do is asked for besides: which link the database takes before, during
and after, and whether it can be read there.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, scenario, temporary_folder

# The link that says which way it is: before, during and after, towards AWS.
KNOWN = {
    "dx-cut": ("primary", "internet", "primary"),
    "dx-cut-encrypted": ("primary", "internet", "primary"),
    "dx-dual-two-devices": None,
    "tgw-dx-cut": None,
    "tgw-vpn-ecmp": None,
}
ENCRYPTED = {"dx-cut": (False, True, False),
             "dx-cut-encrypted": (True, True, True)}
WHEN = ("before", "during", "after")
# What is asked does not depend on how much the database is.
QUIET = ["--set", "database orders.rate=10/s"]


def run_json(*words):
    """What the program prints; its verdict is not of interest here."""
    done = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE,
                          check=False)
    return json.loads(done.stdout)


def ways_of(path):
    """explain's path as the result has it, without the hosts."""
    for way in path["ways"]:
        links, tunnels = [], []
        for hop in way["hops"]:
            if hop["tunnel"]:
                tunnels.append(hop["through"])
                links += hop["over"]
            elif hop["through"] is not None:
                links.append(hop["through"])
        yield [hop["node"] for hop in way["hops"]], links, tunnels


def compare(name, paths, wrong):
    asked = 0
    for at in sorted({path["at_s"] for path in paths}):
        explained = run_json("explain", "--routes", "--json", "--at",
                             f"{round(at * 1e9)}ns", *QUIET, scenario(name))
        for direction, way in (("forth", 0), ("back", 1)):
            mine = [p for p in paths if p["at_s"] == at]
            ends = mine[0]["from"], mine[0]["to"]
            mine = [(p["nodes"][1:-1], p["links"][1:], p["tunnels"])
                    for p in mine
                    if (p["from"], p["to"]) == ends[::-1 if way else 1]]
            theirs = list(ways_of(explained["paths"][0][direction]))
            asked += len(theirs)
            if mine != theirs:
                wrong.append(f"{name} at {at} {direction}: {mine}, explain "
                             f"says {theirs}")
    return asked


def check_known(name, paths, wrong):
    for number, when in enumerate(WHEN):
        for path in (p for p in paths if p["when"] == when):
            link = KNOWN[name][number] if KNOWN[name] else path["links"][0]
            if not path["complete"] or link not in path["links"]:
                wrong.append(f"{name} {when}: {path['links']}, not by {link}")
            if name in ENCRYPTED and \
                    path["encrypted"] != ENCRYPTED[name][number]:
                wrong.append(f"{name} {when}: encrypted is "
                             f"{path['encrypted']}")


def main():
    wrong, asked = [], 0
    with temporary_folder() as folder:
        for name in KNOWN:
            result = run_json("run", "--json", "--no-capture", "--out", folder,
                              *QUIET, scenario(name))
            paths = result["paths"]
            if KNOWN[name] and {p["when"] for p in paths} != set(WHEN):
                wrong.append(f"{name}: paths only of "
                             f"{sorted({p['when'] for p in paths})}")
            asked += compare(name, paths, wrong)
            check_known(name, paths, wrong)
    print("\n".join(wrong))
    print(f"{asked} ways compared, {len(wrong)} wrong")
    return 1 if wrong or asked < 20 else 0


sys.exit(main())
