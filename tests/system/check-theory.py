#!/usr/bin/env python3
"""Holds what the program measures against what theory says, over many seeds.

The numbers below are worked out from the timers of the scenarios by hand, not
with the program's own bounds; those are held against its figures as well. A
run's facts tell when each thing happened, its result what was made of it.

    THEORY_SEEDS=200 tests/system/check-theory.py      so many seeds of each

Database and probe run slower than in the files, which changes nothing about
the network and makes a run half a second. What the files expect is held at
their own rates, for every eighth of so many seeds.
"""

import functools
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import (MS, PROGRAM, S, Checks, in_parallel, ns_of_ms, ns_of_s,
                     run, scenario, temporary_folder)

SEEDS = int(os.environ.get("THEORY_SEEDS", "8"))
LIGHT = ["database orders.rate=10/s", "probe.interval=100ms"]
PROBE = 100 * MS

# A session's timers: how long a silence it bears, and how old the last packet
# can be when the path breaks.
BFD = (900 * MS, 300 * MS)
HOLD_9 = (9 * S, 3 * S)
HOLD_30 = (30 * S, 10 * S)
HOLD_90 = (90 * S, 30 * S)

RTO_MIN = 200 * MS
PATH = 3 * MS  # one way over DX, 2 ms, with the hops behind it
TIMER = 5 * MS  # to which a detection is to be exact

# Means, timers and session by which each side notices.
DESIGNS = {
    "dx-cut": [("bfd", "primary bfd", BFD)],
    "dx-cut-hold90": [("bgp", "primary bgp", HOLD_90)],
    "dx-cut-hold9": [("bgp", "primary bgp", HOLD_9)],
    "dx-cut-carrier": [],
    "dx-cut-encrypted": [("bgp", "main.tunnel1 bgp", HOLD_30),
                         ("bgp", "main.tunnel2 bgp", HOLD_30),
                         ("bgp", "primary bgp", HOLD_90)],
}

# What sends into each direction, what it must change, and how long that takes
# from its detection: FIB programming, with AWS's convergence before it.
SENDERS = {
    "to AWS": ("dc.gateway", "10.0.0.0/16", 10 * MS),
    "to on-premises": ("vgw", "172.16.0.0/24", 110 * MS),
}
ONE_WAY = {"to-aws": "to AWS", "to-onprem": "to on-premises"}

# Over the backup: 10 ms and exponential jitter of 1 ms.
BACKUP = (9 * MS, 31 * MS)


def went_down(r, kind, subject, cause):
    return [f for f in r.of(kind, subject=subject, cause=cause)
            if f.start in ("Up", "Established")]


def side_of(node):
    return "dc.gateway" if node == "dc.gateway" else "AWS"


def check_silence(c, r, where, both_ways):
    """Each session that heard nothing more went down, when its timer says."""
    for kind, subject, (limit, age) in DESIGNS[r.name]:
        cause = "detection time expired" if kind == "bfd" else "HoldTimer"
        downs = went_down(r, kind, subject, cause)
        if both_ways:
            c.equal(sorted(side_of(f.node) for f in downs),
                    ["AWS", "dc.gateway"], "both sides notice", where)
        for f in downs:
            c.within(f.value, limit - TIMER, limit + TIMER,
                     f"{subject}: last packet to detection", where)
            if both_ways:
                c.within(f.at - r.t0, limit - age, limit + PATH,
                         f"{subject}: cut to detection", where)


def check_carrier(c, r, where):
    """Both ports go dark at the cut; the routers act 10 ms later."""
    downs = r.of("carrier", to="down")
    c.equal(sorted(f.node for f in downs), ["dc.gateway", "primary.aws"],
            "both ends lose the carrier", where)
    for f in downs:
        c.equal(f.at - r.t0, 10 * MS, "carrier: cut to detection", where)


def check_one_way(c, r, where, direction):
    """The side that hears nothing notices by itself; the other is told by it,
    or hears no more than one keepalive."""
    deaf = "AWS" if direction == "to-aws" else "dc.gateway"
    kind, subject, (limit, age) = DESIGNS[r.name][0]
    if kind == "bfd":
        own = went_down(r, kind, subject, "detection time expired")
        told = went_down(r, kind, subject, "received Down")
        c.equal([side_of(f.node) for f in own], [deaf],
                "one way: the deaf side expires", where)
        c.within(own[0].at - r.t0, limit - age, limit + PATH,
                 "one way: cut to detection", where)
        c.equal(len(told), 1, "one way: the other side is told", where)
        c.within(told[0].at - own[0].at, 2 * MS, PATH,
                 "one way: told after the path's delay", where)
        return
    for f in went_down(r, kind, subject, "HoldTimer"):
        # The acknowledgement of the first keepalive after the cut is lost, so
        # TCP sends it again and again, and neither the next one nor the
        # notification gets through: the side that hears has one to live on, or
        # one of the 48 ms before the cut, not yet acknowledged.
        low, high = ((limit - age, limit + PATH)
                     if side_of(f.node) == deaf else
                     (limit - 48 * MS, limit + age + PATH))
        c.within(f.at - r.t0, low, high, "one way: cut to hold timer", where)


def check_parts(c, r, where):
    """Ordered, disjoint, and adding up to the nanosecond."""
    for client in r.fault["clients"]:
        parts = [p for p in client["parts"] if p["part"] != "settled"]
        end = 0
        c.equal([p["part"] for p in client["parts"]],
                ["detect", "withdraw", "fib", "tunnel", "dataplane",
                 "transport", "application", "settled"],
                "the parts in their order", where)
        for p in parts:
            if p["status"] != "happened":
                c.that(p["duration_ms"] is None and p["at_s"] is None
                       and p["note"], "a part that did not happen says so",
                       where, p)
                continue
            duration = ns_of_ms(p["duration_ms"])
            c.that(duration >= 0, "no part is negative", where, p)
            end += duration
            since = ns_of_ms(p["since_fault_ms"])
            c.equal(ns_of_s(p["at_s"]) - r.t0, since,
                    "an instant counts from the fault", where)
            c.that((since == end) != p["overlaps"],
                   "a part ends at its instant, or says that it overlaps",
                   where, p)
        if client["recovery"] != "recovered":
            c.that(client["failover_ms"] is None,
                   "no failover time without a failover", where, client)
            continue
        failover = ns_of_ms(client["failover_ms"])
        c.equal(end, failover, "the parts add up to the failover time", where)
        c.that(abs(sum(p["share"] or 0 for p in parts) - 1) < 1e-9,
               "the shares add up to one", where)
        c.equal(parts[-1]["part"], "application", "the last part", where)
        c.equal(ns_of_ms(parts[-1]["since_fault_ms"]), failover,
                "the failover ends with the application", where)


def new_table(r, direction):
    """When the sender into a direction changed to the backup."""
    node, prefix, _ = SENDERS[direction]
    changes = [f for f in r.of("fib", node=node, subject=prefix)
               if f.to.startswith("backup.")]
    return changes[0] if changes else None


def check_network(c, r, where, directions):
    """The tables follow the detection, the data plane follows the tables."""
    governing = [d for d in r.fault["detections"] if d["governs"]]
    c.equal(len(governing), 1, "one detection governs", where)
    back = 0
    for direction in directions:
        sender, _, delay = SENDERS[direction]
        change = new_table(r, direction)
        if not c.that(change is not None, "the tables change", where):
            continue
        causes = [f for kind in ("carrier", "bfd", "bgp")
                  for f in r.of(kind)
                  if f.at == change.at - delay
                  and side_of(f.node) == side_of(sender)
                  and f.to not in ("Up", "Established")]
        c.that(causes, "the table follows a detection of its side", where,
               change)
        loss = next(d for d in r.fault["data_plane"]
                    if d["direction"] == direction)
        back = max(back, change.at)
        if loss["status"] != "happened":
            c.that(change.at - r.t0 < PROBE + PATH,
                   "no probe is lost in an outage shorter than their interval",
                   where, loss)
            continue
        again = ns_of_s(loss["again_s"])
        # The first probe that meets the new table was at most an interval
        # away; the one before may have been on its way to the router.
        c.within(again - change.at, BACKUP[0] - MS, BACKUP[1] + PROBE,
                 "the data plane follows the table", where)
        c.within(ns_of_s(loss["first_lost_s"]) - r.t0, -PATH, PROBE,
                 "probes are lost from the cut on", where)
    return back


def check_persistent(c, r, where, back, one_way):
    """TCP comes back with the first retransmission that finds the network;
    the steps before it double."""
    client = r.client("persistent")
    if client["recovery"] != "recovered":
        return
    steps = r.of("transport", subject="persistent", to="retransmit")
    acks = [f.at for f in r.of("transport", subject="persistent", to="ack")]
    if acks and not one_way:
        # Of what came through just before the cut, the acknowledgement needs
        # its own direction only.
        c.that(acks[0] >= new_table(r, "to AWS").at,
               "no acknowledgement before its way is back", where, acks)
    acks = [at for at in acks if at >= back]
    if not acks:
        return
    ack = acks[0]
    steps = [f for f in steps if f.at <= ack]
    if not steps:
        return
    for a, b in zip(steps, steps[1:]):
        if b.id == a.id + 1 and a.id > 1:
            # A timer of the kernel fires up to an eighth late, and a tick.
            c.within(b.at - a.at, a.value, a.value * 9 // 8 + 8 * MS,
                     "a step waits for the time-out in force", where)
            c.within(b.value, min(2 * a.value, 120 * S), 2 * a.value,
                     "the time-out doubles", where)
    there = 2 * MS if one_way else BACKUP[0]
    # With a delayed acknowledgement, 40 ms, and the server's think time.
    round_trip = 2 * BACKUP[1] + 60 * MS
    after = [f.at for f in steps if f.at >= back]
    # An outage shorter than the first time-out has no back-off: probes and
    # duplicate acknowledgements mend it, in round trips of their own.
    if back - r.t0 < RTO_MIN:
        return
    if after and ack - after[0] >= there + BACKUP[0]:
        c.equal(len(after), 1,
                "the first retransmission into the network is acknowledged",
                where)
        c.that(ack - after[0] <= round_trip, "which takes a round trip", where,
               ack - after[0])
    elif ack - steps[-1].at > round_trip or after:
        # The request had come through, and its answer had to be sent again:
        # before the client's own next step could be answered.
        due = (after[0] if after else
               steps[-1].at + steps[-1].value * 9 // 8 + 8 * MS)
        c.that(ack < due + round_trip,
               "the server's retransmission comes before the client's next",
               where)


FIGURES = {
    "detect": lambda r: [next(ns_of_ms(d["since_fault_ms"])
                              for d in r.fault["detections"] if d["governs"])],
    "network back": lambda r: [max((ns_of_s(d["again_s"]) - r.t0
                                    for d in r.fault["data_plane"]
                                    if d["again_s"] is not None),
                                   default=None)],
    "failover of the persistent connection":
        lambda r: [ns_of_ms(r.client("persistent")["failover_ms"])],
    "failover of the pool":
        lambda r: [ns_of_ms(r.client("pool")["failover_ms"])],
}


def check_bounds(c, r, where):
    bounds = {b["term"]: b for b in r.fault["bounds"]}
    c.that(set(FIGURES) <= set(bounds), "theory has its say", where,
           sorted(bounds))
    for term, figure in FIGURES.items():
        for value in figure(r):
            if value is not None and term in bounds:
                c.within(value, ns_of_ms(bounds[term]["min_ms"]),
                         ns_of_ms(bounds[term]["max_ms"]),
                         f"within the bounds of {term}", where)


def check_run(c, r, where, direction=None):
    directions = [ONE_WAY[direction]] if direction else list(SENDERS)
    c.that(r.fault["had_effect"], "the fault has an effect", where)
    check_silence(c, r, where, direction is None and r.name in DESIGNS)
    if r.name == "dx-cut-carrier":
        check_carrier(c, r, where)
    if direction:
        check_one_way(c, r, where, direction)
    check_parts(c, r, where)
    back = check_network(c, r, where, directions)
    check_persistent(c, r, where, back, direction is not None)
    check_bounds(c, r, where)


def run_as_written(name, folder, seed):
    """The scenario at its own rates, for its expectations."""
    return subprocess.run([PROGRAM, "run", "--quiet", "--no-capture", "--out",
                           folder, "--seed", str(seed), scenario(name)],
                          stderr=subprocess.STDOUT).returncode


def main():
    c = Checks()
    jobs, labels = [], []
    phases = {}
    with temporary_folder() as folder:
        for name in DESIGNS:
            for seed in range(1, SEEDS + 1):
                labels.append((name, seed, None))
        for name in ("dx-cut", "dx-cut-hold9"):
            for direction in ONE_WAY:
                for seed in range(1, max(SEEDS // 4, 2) + 1):
                    labels.append((name, seed, direction))
        for i, (name, seed, direction) in enumerate(labels):
            sets = LIGHT + ([f"fault cut.direction={direction}"]
                            if direction else [])
            jobs.append(functools.partial(run, name, f"{folder}/{i}", seed,
                                          sets))
        for label, r in zip(labels, in_parallel(jobs)):
            name, seed, direction = label
            where = f"{name} seed {seed}" + (f" {direction}" if direction
                                             else "")
            check_run(c, r, where, direction)
            if direction is None:
                phases.setdefault(name, set()).add(r.t0)
        full = [(name, seed) for name in DESIGNS
                for seed in range(1, max(SEEDS // 8, 1) + 1)]
        for (name, seed), status in zip(full, in_parallel(
                functools.partial(run_as_written, name, f"{folder}/full-{seed}",
                                  seed) for name, seed in full)):
            c.equal(status, 0, "the expectations of the file hold",
                    f"{name} seed {seed}")
    for name, seen in phases.items():
        c.equal(len(seen), SEEDS, "each seed cuts at an instant of its own",
                name)
        c.within(min(seen), 60 * S, 90 * S, "the first of them", name)
        c.within(max(seen), 60 * S, 90 * S, "the last of them", name)
    runs = len(labels)
    c.finish({
        "primary bfd: last packet to detection": 2 * SEEDS,
        "primary bgp: cut to detection": 4 * SEEDS,
        "main.tunnel2 bgp: cut to detection": 2 * SEEDS,
        "carrier: cut to detection": 2 * SEEDS,
        "one way: told after the path's delay": SEEDS // 4,
        "one way: cut to hold timer": SEEDS // 2,
        "the parts add up to the failover time": runs,
        "the data plane follows the table": runs - SEEDS,
        "the time-out doubles": runs,
        "the first retransmission into the network is acknowledged":
            runs // 2,
        "within the bounds of network back": runs - SEEDS,
        "the expectations of the file hold": len(full),
        "within the bounds of failover of the persistent connection":
            runs // 2,
    })


if __name__ == "__main__":
    main()
