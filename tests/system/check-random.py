#!/usr/bin/env python3
"""Random designs with random faults, held against an oracle.

random_design.py draws a design from a number; the program runs it; oracle.py
says, from the INI file alone, which way traffic may go before, during and after
each fault. Then these must hold:

- the program ends in time, and with a status that it has;
- everything adds up: a link's packets and their fates, a router's packets, what
  routers and links say of each other, requests and their ends, probes;
- in a steady span each probe arrives, and by one of the ways that the oracle
  allows; where there is none, no probe arrives;
- no probe crosses a link twice in one direction, and no TTL expires: no loop;
- a link is read in clear only where the oracle allows it, and is where it must,
  and the verdict on `plaintext.bytes.max = 0` says the same;
- a run made twice is the same, byte for byte.

The checks are themselves held: in *sabotage*, results are edited and promises
made that the design does not keep, and each must be reported.

    RANDOM_DESIGNS=500 tests/system/check-random.py      so many designs
    tests/system/check-random.py 17 4                    these, and their files
                                                         stay in random-17 ...
"""

import copy
import functools
import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import random_design
from oracle import Oracle
from program import PROGRAM, S, Checks, in_parallel, parse_fact, temporary_folder

DESIGNS = int(os.environ.get("RANDOM_DESIGNS", "30"))
FIRST = int(os.environ.get("RANDOM_FIRST", "1"))
PROBE_PORT = 6363
PROBE_MAGIC = b"HSPB"
TIME_LIMIT = 300  # of the wall clock: a run that takes it hangs
TWICE = 9  # each so many-th design is run a second time

# Under way when the run ends: a keepalive, a BFD packet, an acknowledgement.
UNDER_WAY = 6

# A probe is a second on its way at most, or it is lost.
ON_ITS_WAY = 1.0


# What the pool takes at most to find that there is a way again, in seconds, and
# what is long enough for it to ask.
SETTLES = 20.0


class Outcome:
    """What a run left: all that the checks look at."""

    def __init__(self, text, status, facts, result, crossings, files):
        self.text = text
        self.status = status
        self.facts = facts
        self.result = result
        self.crossings = crossings  # (direction, number): [(at, link), ...]
        self.files = files


# Running

def blocks(data):
    """The blocks of a pcapng file of ours: big-endian."""
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from(">II", data, at)
        yield kind, data[at + 8:at + length - 4]
        at += length


def option(body, start, wanted):
    while start + 4 <= len(body):
        code, length = struct.unpack_from(">HH", body, start)
        if code == wanted:
            return body[start + 4:start + 4 + length]
        start += 4 + (length + 3) // 4 * 4
    return b""


def crossings_of(path):
    """Every link that each probe entered, by time."""
    with open(path, "rb") as file:
        data = file.read()
    links, crossings = [], {}
    for kind, body in blocks(data):
        if kind == 1:  # interface description
            links.append(option(body, 8, 2).decode())
        if kind != 6:  # enhanced packet
            continue
        interface, high, low, captured = struct.unpack_from(">IIII", body)
        packet = body[20:20 + captured]
        header = (packet[0] & 15) * 4
        payload = packet[header + 8:]
        if packet[9] != 17 or payload[:4] != PROBE_MAGIC:
            continue
        source = packet[12:16]
        number = struct.unpack_from(">Q", payload, 4)[0]
        crossings.setdefault((source, number), []).append(
            ((high << 32 | low) / S, links[interface]))
    return crossings


def run(text, name, folder):
    path = os.path.join(folder, name + ".ini")
    with open(path, "w") as file:
        file.write(text)
    command = [PROGRAM, "run", "--facts", "--out", folder, path]
    try:
        done = subprocess.run(command, text=True, capture_output=True,
                              timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return Outcome(text, "hangs", [], None, {}, [])
    if done.returncode not in (0, 1, 4):
        return Outcome(text, f"{done.returncode} {done.stderr[-500:]}",
                       [], None, {}, [])
    out = os.path.join(folder, name)
    files = []
    for file in ("result.json", "capture.pcapng"):
        with open(os.path.join(out, file), "rb") as opened:
            files.append(opened.read())
    facts = [parse_fact(line) for line in done.stdout.splitlines()]
    return Outcome(text, done.returncode, facts, json.loads(files[0]),
                   crossings_of(os.path.join(out, "capture.pcapng")),
                   files + [done.stdout])


def has_copies(outcome):
    """A fault makes two packets of one."""
    return any(f["action"] in ("duplicate", "replay")
               for f in outcome.result["faults"])


# Sums

FATES = ["delivered", "queue_full", "too_big", "no_carrier", "black_hole",
         "random_loss"]


def fates(direction):
    """All but sent: a fate that comes to be is counted without being named
    here."""
    return sum(n for key, n in direction.items() if key != "sent")


def check_links(c, result, where):
    for link in result["links"]:
        for way in ("to_aws", "to_onprem"):
            under_way = link[way]["sent"] - fates(link[way])
            c.within(under_way, 0, UNDER_WAY,
                     "each packet of a link has one fate",
                     f"{where} {link['name']} {way}")


def check_routers(c, result, where, copies):
    links = result["links"]
    encrypting = {t["node"] for t in result["tunnels"]}
    for r in result["routers"]:
        node = r["node"]
        c.equal(r["received"] + r["originated"] + r["fragments_made"]
                + r["reassembled"],
                r["delivered"] + r["sent"] + r["dropped"] + r["fragmented"]
                + r["fragments_joined"] + r["fragments_held"],
                "each packet of a router has one fate", f"{where} {node}")
        c.equal(r["dropped"], sum(d["packets"] for d in result["drops"]
                                  if d["node"] == node
                                  and not d["reason"].startswith(
                                      ("ESP: ", "stack: "))),
                "each drop has a name", f"{where} {node}")
        if node in encrypting:
            continue  # what goes into a tunnel crosses no link
        c.equal(r["received"],
                sum(l["to_aws"]["delivered"] for l in links if l["to"] == node)
                + sum(l["to_onprem"]["delivered"] for l in links
                      if l["from"] == node),
                "a router receives what links deliver", f"{where} {node}")
        given = (sum(l["to_aws"]["sent"] for l in links if l["from"] == node)
                 + sum(l["to_onprem"]["sent"] for l in links
                       if l["to"] == node))
        # A fault that copies packets gives them to the link a second time.
        c.that(given == r["sent"] or (copies and given > r["sent"]),
               "links are given what a router sends", f"{where} {node}",
               f"{given}, sent {r['sent']}")


def check_requests(c, outcome, where):
    kinds = {"request": 0, "reply": 0, "request-failed": 0}
    for fact in outcome.facts:
        if fact.kind in kinds:
            kinds[fact.kind] += 1
    counted = {"sent": 0, "answered": 0, "failed": 0, "pending": 0}
    warmup = Oracle(outcome.text).warmup
    for client in outcome.result["database"]:
        for phase in ("all", "before", "during", "after", "failback"):
            r = client[phase]["requests"]
            c.equal(r["sent"], r["answered"] + r["failed"] + r["pending"],
                    "each request has one end", f"{where} {client['client']}")
        for key in counted:
            counted[key] += client["all"]["requests"][key]
    due = sum(1 for f in outcome.facts
              if f.kind == "request" and f.at >= warmup * S)
    c.equal(counted["sent"], due, "requests are those of the facts", where)
    c.that(kinds["reply"] + kinds["request-failed"] <= kinds["request"],
           "no reply without a request", where, kinds)


def check_probes(c, outcome, where):
    """Lost probes are among what links and routers name as lost."""
    sent = {(f.subject, f.id) for f in outcome.facts if f.kind == "probe-sent"}
    came = [(f.subject, f.id) for f in outcome.facts
            if f.kind == "probe-received"]
    c.that(len(sent) > 0, "there were probes", where)
    if not has_copies(outcome):
        c.equal(len(came), len(set(came)), "a probe arrives once", where)
    c.that(set(came) <= sent, "only probes arrive that were sent", where,
           set(came) - sent)
    lost = len(sent) - len(came)
    named = sum(fates(link[way]) - link[way]["delivered"]
                for link in outcome.result["links"]
                for way in ("to_aws", "to_onprem"))
    named += sum(d["packets"] for d in outcome.result["drops"])
    c.that(lost <= named, "a lost probe was lost somewhere", where,
           f"{lost} lost, {named} named")


# Ways

def probes_of(outcome):
    """(direction, sent at, arrived, links that it entered) of each probe."""
    came = {(f.subject, f.id) for f in outcome.facts
            if f.kind == "probe-received"}
    # Which end is which: the sender's first link.
    for (source, number), hops in outcome.crossings.items():
        hops.sort()
        to_onprem = hops[0][1].startswith(random_design.VPC + ".")
        subject = "to on-premises" if to_onprem else "to AWS"
        yield ("to-onprem" if to_onprem else "to-aws", hops[0][0],
               (subject, number) in came, [link for _, link in hops])


def channels_in(links):
    """The channels that a way goes by: each has a link behind AWS's
    endpoint, "X.backbone" or "X.backbone.GATEWAY"."""
    return [link.split(".backbone")[0] for link in links
            if ".backbone" in link]


def check_ways(c, outcome, oracle, where):
    spans = list(oracle.spans())
    lossy = "%" in outcome.text
    probes = list(probes_of(outcome))
    # Two customer gateways may send a packet to and fro while they agree.
    agreeing = "routers = 2" in outcome.text
    for direction, sent, _, links in probes if not has_copies(outcome) else []:
        if agreeing and not any(s.begin <= sent < s.end for s in spans):
            continue
        c.equal(len(links), len(set(links)), "a probe crosses a link once",
                f"{where} {direction}")
    for span in spans:
        mine = [p for p in probes
                if span.begin + ON_ITS_WAY <= p[1] < span.end - ON_ITS_WAY]
        at = f"{where} {span.begin:.1f}..{span.end:.1f} s"
        check_replies(c, outcome, span, at)
        for direction, allowed in span.allowed.items():
            check_span(c, [p for p in mine if p[0] == direction], allowed,
                       f"{at} {direction}", lossy)
    return len(spans)


def check_replies(c, outcome, span, at):
    """The pool, which connects anew, is answered where there is a way."""
    begin = span.begin + SETTLES
    if span.end - begin < SETTLES:
        return
    replies = [f for f in outcome.facts if f.kind == "reply"
               and f.subject == "pool" and begin * S <= f.at < span.end * S]
    c.equal(len(replies) > 0, all(span.allowed.values()),
            "the database answers where there is a way, and only there", at)


def check_span(c, probes, allowed, at, lossy):
    if not allowed:
        for _, sent, arrived, links in probes:
            c.that(not arrived, "nothing arrives where there is no way",
                   f"{at} {sent:.3f}", links)
        return
    taken = set()
    lost = 0
    for _, sent, arrived, links in probes:
        ways = channels_in(links)
        lost += not arrived
        taken.update(ways)
        c.that(len(ways) <= 1 and set(ways) <= allowed,
               "a probe takes the best way", f"{at} {sent:.3f}",
               f"{links}, allowed {sorted(allowed)}")
    c.that(lost <= (len(probes) * 0.05 + 2 if lossy else 0),
           "nothing is lost while there is a way", at,
           f"{lost} of {len(probes)}, allowed {sorted(allowed)}")
    c.that(len(taken) <= 1, "one way is taken at a time", at, sorted(taken))


def check_loops(c, outcome, where):
    """None of one gateway; of two only while they agree, which is a round trip
    between them."""
    expired = sum(d["packets"] for d in outcome.result["drops"]
                  if d["reason"] == "TTL expired")
    limit = 3 if "routers = 2" in outcome.text else 0
    c.within(expired, 0, limit, "no TTL expires", where)


# Encryption

def check_clear(c, outcome, oracle, where):
    readable, surely = oracle.readable_links(), oracle.readable_for_sure()
    seen = set()
    for link in outcome.result["links"]:
        if link["trusted"] or link["kind"] in ("lan", "vpc"):
            continue
        clear = link["wire"]["clear"]["bytes"]
        if clear:
            seen.add(link["name"])
        c.that(not clear or link["name"] in readable,
               "in clear only where the design allows it",
               f"{where} {link['name']}", clear)
    c.that(surely <= seen, "in clear where the design says so", where,
           surely - seen)
    check = next(x for x in outcome.result["verdict"]["checks"]
                 if x["figure"] == "plaintext.bytes")
    c.equal(check["outcome"], "fail" if seen else "pass",
            "the verdict on plaintext", where)


def check(c, outcome, where, text=None):
    """Everything, against what TEXT promises (the design that ran)."""
    if not c.that(outcome.result is not None, "the run ends well", where,
                  outcome.status):
        return 0
    oracle = Oracle(text or outcome.text)
    check_links(c, outcome.result, where)
    check_routers(c, outcome.result, where, has_copies(outcome))
    check_requests(c, outcome, where)
    check_probes(c, outcome, where)
    check_loops(c, outcome, where)
    check_clear(c, outcome, oracle, where)
    return check_ways(c, outcome, oracle, where)


# Sabotage

class Silent(Checks):
    """Notes what did not hold instead of printing it."""

    def __init__(self):
        super().__init__()
        self.failed = set()

    def that(self, condition, what, where, detail=""):
        if not condition:
            self.failed.add(what)
        return condition


def edit_link(outcome):
    link = next(l for l in outcome.result["links"] if l["to_aws"]["delivered"])
    link["to_aws"]["delivered"] -= UNDER_WAY + 1


def edit_router(outcome):
    outcome.result["routers"][0]["sent"] += 1


def edit_drop(outcome):
    outcome.result["drops"].append(
        {"node": outcome.result["routers"][0]["node"],
         "reason": "no route", "packets": 1})


def edit_request(outcome):
    outcome.result["database"][0]["all"]["requests"]["answered"] += 1


def edit_ttl(outcome):
    outcome.result["drops"].append(
        {"node": "nobody", "reason": "TTL expired", "packets": 1})


def edit_clear(outcome):
    link = next(l for l in outcome.result["links"]
                if l["name"].endswith(".uplink"))
    link["wire"]["clear"]["bytes"] = 64


def edit_verdict(outcome):
    for one in outcome.result["verdict"]["checks"]:
        one["outcome"] = "pass" if one["outcome"] == "fail" else "fail"


def edit_replies(outcome):
    """The pool is not answered."""
    outcome.facts = [f for f in outcome.facts if f.kind != "reply"]


def edit_arrival(outcome):
    """A probe of the first steady span did not arrive."""
    begin = next(Oracle(outcome.text).spans()).begin
    outcome.facts.remove(next(
        f for f in outcome.facts
        if f.kind == "probe-received" and f.at > (begin + 2) * S))


def edit_way(outcome):
    """A probe of the first steady span took a channel that is not there."""
    begin = next(Oracle(outcome.text).spans()).begin
    hops = next(hops for hops in outcome.crossings.values()
                if hops[0][0] > begin + 2)
    for i, (at, link) in enumerate(hops):
        if link.endswith(".backbone"):
            hops[i] = (at, "elsewhere.backbone")


def edit_loop(outcome):
    next(iter(outcome.crossings.values())).append((1e9, "app.lan"))


def edit_twice(outcome):
    outcome.facts.append(next(f for f in outcome.facts
                              if f.kind == "probe-received"))


# What is edited, and what must be said about it.
EDITS = [
    (edit_link, "each packet of a link has one fate"),
    (edit_router, "each packet of a router has one fate"),
    (edit_router, "links are given what a router sends"),
    (edit_drop, "each drop has a name"),
    (edit_request, "each request has one end"),
    (edit_ttl, "no TTL expires"),
    (edit_clear, "in clear only where the design allows it"),
    (edit_verdict, "the verdict on plaintext"),
    (edit_arrival, "nothing is lost while there is a way"),
    (edit_replies,
     "the database answers where there is a way, and only there"),
    (edit_way, "a probe takes the best way"),
    (edit_loop, "a probe crosses a link once"),
    (edit_twice, "a probe arrives once"),
]

BOTH = """
[scenario]
duration = 400s
warmup = 20s
[onprem dc]
asn = 65001
prefix = 172.16.0.0/24
[vpc app]
cidr = 10.0.0.0/16
[gateway gw]
attach = app
[dx dx1]
between = dc, gw
bfd = 300ms x 3
[dx dx2]
between = dc, gw
prepend = 1
local-preference = 150
[vpn vpn1]
between = dc, gw
[database orders]
client = app
server = dc
rate = 1/s
[probe]
interval = 500ms
[capture]
filter = udp port 6363
[expect]
plaintext.bytes.max = 0
[fault f1]
target = dx1
action = blackhole
at = 60s
for = 100s
"""

# A promise that the design above does not keep: what is changed in the INI file
# that the oracle reads, and what must be said about it.
PROMISES = [
    ("nothing breaks", ("target = dx1", "target = vpn1.tunnel2"),
     "a probe takes the best way"),
    ("everything breaks",
     ("[fault f1]", "[fault f2]\ntarget = dx2\naction = blackhole\nat = 60s\n"
      "[fault f3]\ntarget = vpn1\naction = blackhole\nat = 60s\n[fault f1]"),
     "nothing arrives where there is no way"),
    ("prepending is not needed",
     ("prepend = 1", "communities = 7224:7300"), "a probe takes the best way"),
    ("the customer prefers the second interface",
     ("local-preference = 150", "local-preference = 250"),
     "a probe takes the best way"),
    ("Direct Connect is a public interface with a VPN on it",
     ("[vpn vpn1]", "vif = public\n[dx dx2b]\nbetween = dc, gw\n[vpn vpn1]"),
     "a probe takes the best way"),
    ("all of it is encrypted",
     ("[dx dx1]\nbetween = dc, gw\nbfd = 300ms x 3\n", ""),
     "in clear only where the design allows it"),
    ("a third interface has been in clear",
     ("[vpn vpn1]",
      "[dx dx3]\nbetween = dc, gw\nlocal-preference = 400\n[vpn vpn1]"),
     "in clear where the design says so"),
]


def check_sabotage(c, folder):
    honest = run(BOTH, "honest", folder)
    check(c, honest, "honest")
    for edit, wanted in EDITS:
        edited = copy.deepcopy(honest)
        edit(edited)
        silent = Silent()
        check(silent, edited, "sabotage")
        c.that(wanted in silent.failed, "an edited result is reported",
               edit.__name__, f"not '{wanted}', but {silent.failed}")
    for name, (old, new), wanted in PROMISES:
        c.that(old in BOTH, "the promise can be changed", name)
        silent = Silent()
        check(silent, honest, "sabotage", BOTH.replace(old, new))
        c.that(wanted in silent.failed, "a false promise is reported", name,
               f"not '{wanted}', but {silent.failed}")
    ended = copy.copy(honest)
    ended.result, ended.status = None, "-11 "
    silent = Silent()
    check(silent, ended, "sabotage")
    c.equal(silent.failed, {"the run ends well"}, "a crash is reported",
            "sabotage")


# All of it

def one(number, folder):
    design = random_design.draw(number)
    outcome = run(design.text(), design.name, folder)
    if number % TWICE == 0 and outcome.result is not None:
        again = run(design.text(), design.name, folder)
        outcome.same = again.files == outcome.files
    else:
        outcome.same = None
    return number, outcome


def main():
    wanted = [int(a) for a in sys.argv[1:]]
    numbers = wanted or range(FIRST, FIRST + DESIGNS)
    c = Checks()
    spans = 0
    with temporary_folder() as temporary:
        folder = "." if wanted else temporary
        for number, outcome in in_parallel(
                functools.partial(one, n, folder) for n in numbers):
            where = f"design {number}"
            before = c.failures
            spans += check(c, outcome, where)
            if outcome.same is not None:
                c.that(outcome.same, "a run made twice is the same", where)
            if c.failures > before:
                print(f"     again, with its files: {sys.argv[0]} {number}")
        if not wanted:
            check_sabotage(c, temporary)
    print(f"{len(list(numbers))} designs, {spans} steady spans")
    c.finish({} if wanted else {
        "an edited result is reported": len(EDITS),
        "a false promise is reported": len(PROMISES),
        "a crash is reported": 1,
        "a run made twice is the same": DESIGNS // TWICE,
        "a probe takes the best way": 100 * DESIGNS,
        "nothing arrives where there is no way": DESIGNS,
        "in clear where the design says so": DESIGNS,
        "the database answers where there is a way, and only there": DESIGNS,
        "links are given what a router sends": 2 * DESIGNS,
    })


if __name__ == "__main__":
    main()
