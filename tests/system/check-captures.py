#!/usr/bin/env python3
"""Holds captures against tshark, a dissector that we did not write.

Small versions of the scenarios, with every cipher that a tunnel can have, raw
and in UDP: nothing malformed, no bad checksum inside or outside of ESP, every
ESP packet authentic and decrypted, BGP and BFD understood, each packet on a
named link, what the result calls clear or encrypted really so, and the packets
that it names as evidence the ones that it says they are.

tshark reads each capture once, with the profile that lies beside it.
"""

import collections
import functools
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import (MS, S, Checks, in_parallel, ns_of_s, run,
                     temporary_folder)

TSHARK = os.environ.get("TSHARK", "tshark")

SMALL = ["scenario.duration=60s", "scenario.warmup=5s",
         "fault cut.at=20s..23s", "fault cut.for=15s",
         "database orders.rate=10/s", "probe.interval=200ms"]

# dx-cut with each suite, and the other scenarios with what they add. Of
# extended sequence numbers tshark knows nothing: tests/test_esp_interop.c.
SUITES = ([(e, None) for e in ("aes128-gcm16", "aes256-gcm16")]
          + [(e, i) for e in ("aes128", "aes256")
             for i in ("sha1", "sha2-256", "sha2-384", "sha2-512")])


# What IKE is protected with, one after another.
IKE_SUITES = [("aes256", "sha2-384", "20"), ("aes128", "sha1", "2"),
              ("aes256", "sha2-256", "14"), ("aes128-gcm16", "sha2-256", "19"),
              ("aes256-gcm16", "sha2-512", "21"),
              ("aes128", "sha2-512", "31, 24")]


def suite(vpns, encryption, integrity, nat_t, number=0):
    ike = IKE_SUITES[number % len(IKE_SUITES)]
    sets = []
    for vpn in vpns:
        sets += [f"vpn {vpn}.esp.encryption={encryption}",
                 f"vpn {vpn}.nat-t={nat_t}"]
        if integrity:
            sets.append(f"vpn {vpn}.esp.integrity={integrity}")
        sets += [f"vpn {vpn}.ike.{key}={value}" for key, value in
                 zip(("encryption", "integrity", "dh-group"), ike)]
    return sets


def encrypted(nat_t, encryption, integrity=None):
    """Shorter timers in the tunnels, so that half a minute is enough."""
    return ("dx-cut-encrypted",
            suite(("main", "backup"), encryption, integrity, nat_t)
            + ["vpn main.keepalive=3s", "vpn main.hold=9s",
               "fault cut.for=25s"])


VARIANTS = (
    [("dx-cut", suite(("backup",), e, i, nat_t, n))
     for n, (nat_t, (e, i)) in enumerate(
         (nat_t, suite) for suite in SUITES for nat_t in ("no", "yes"))]
    + [encrypted("no", "aes256-gcm16"), encrypted("yes", "aes128", "sha2-256"),
       ("dx-cut-hold9", []), ("dx-cut-carrier", []),
       ("dx-cut", ["fault cut.direction=to-aws"]),
       ("dx-cut", ["fault cut.direction=to-onprem"]),
       # Replies too large for the tunnel: ICMP tells the server so.
       ("dx-cut", ["vpn backup.mss-clamp=no", "database orders.reply=5kB"])])

# Both SAs of both tunnels replaced, by the customer and twice.
REKEYED = ("vpn-rekey",
           ["scenario.duration=190s", "scenario.warmup=5s",
            "vpn main.esp.lifetime=60s", "vpn main.ike.lifetime=100s",
            "capture.links=all"])

# Of experts' remarks, those that only tell what goes on.
REMARKS = ("hybridsim: ", "Connection establish ", "Connection finish (FIN)",
           "Connection reset (RST)", "This frame initiates the connection ",
           "This frame undergoes the connection ")

FIELDS = ["frame.number", "frame.time_epoch", "frame.interface_name",
          "frame.protocols", "ip.src", "ip.dst", "ip.proto",
          "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status",
          "icmp.checksum.status", "esp.spi", "esp.icv_good", "esp.icv_bad",
          "_ws.malformed", "_ws.expert.severity", "_ws.expert.message",
          "bgp.type", "bfd.sta", "tcp.port", "isakmp.exchangetype",
          "isakmp.enc.decrypted", "frame.comment"]
CHECKSUMS = [f for f in FIELDS if f.endswith("checksum.status")]
GOOD, ABSENT = "1", "3"
EXPERT_ERROR = 8388608

DX_DELAY = 2 * MS
TIMER = 5 * MS


def dissect(folder):
    command = [TSHARK, "-r", f"{folder}/capture.pcapng", "-T", "fields",
               "-E", "separator=/t", "-E", "aggregator=|",
               "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
               "-o", "udp.check_checksum:TRUE", "-n"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(
        command, text=True, capture_output=True,
        env=dict(os.environ, WIRESHARK_CONFIG_DIR=f"{folder}/wireshark"))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    frames = []
    for line in done.stdout.splitlines():
        frame = dict(zip(FIELDS, line.split("\t")))
        seconds, fraction = frame["frame.time_epoch"].split(".")
        frame["at"] = int(seconds) * S + int(fraction)
        frames.append(frame)
    return frames


def many(frame, field):
    return frame[field].split("|") if frame[field] else []


def check_frame(c, frame, where, seen):
    where = f"{where} frame {frame['frame.number']}"
    protocols = frame["frame.protocols"].split(":")
    c.that(not frame["_ws.malformed"] and "_ws.malformed" not in protocols,
           "not malformed", where, protocols)
    if "icmp" in protocols:
        # An error quotes the beginning of a segment (RFC 1812 4.3.2.3), whose
        # checksum tshark takes for that of a whole one.
        frame = dict(frame, **{"tcp.checksum.status": "",
                               "_ws.expert.severity": "",
                               "_ws.expert.message": ""})
    for field in CHECKSUMS:
        for status in many(frame, field):
            # ESP in UDP goes without a checksum (RFC 3948 2.1).
            absent = field == "udp.checksum.status" and "esp" in protocols
            c.that(status == GOOD or (status == ABSENT and absent),
                   f"{field} is good", where, status)
    for remark in many(frame, "_ws.expert.message"):
        c.that(remark.startswith(REMARKS), "nothing to remark", where, remark)
    for severity in many(frame, "_ws.expert.severity"):
        c.that(int(severity) < EXPERT_ERROR, "no error to remark", where,
               frame["_ws.expert.message"])
    if "esp" in protocols:
        seen["esp"] += 1
        inner = protocols[protocols.index("esp") + 1:]
        c.that(frame["esp.icv_good"] == "1" and frame["esp.icv_bad"] == "0",
               "ESP is authentic", where, frame["esp.icv_good"])
        c.that(inner[:1] == ["ip"] and len(many(frame, "ip.src")) == 2,
               "ESP is decrypted", where, protocols)
        seen["esp in udp"] += "udpencap" in protocols
    for exchange in many(frame, "isakmp.exchangetype"):
        seen[f"ike {exchange}"] += 1
        # Everything behind IKE_SA_INIT; a wrong ICV is a remark.
        c.that(exchange == "34" or frame["isakmp.enc.decrypted"],
               "IKE is decrypted", where, frame["frame.protocols"])
    for kind in many(frame, "bgp.type"):
        seen[f"bgp {kind}"] += 1
    for state in many(frame, "bfd.sta"):
        seen[f"bfd {state}"] += 1
    for proto in many(frame, "ip.proto"):
        seen[f"proto {proto}"] += 1


def is_evidence(value):
    return (isinstance(value, dict) and set(value) == {"link", "packet"}
            and value["packet"] is not None)


def all_evidence(value):
    if is_evidence(value):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from all_evidence(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from all_evidence(inner)


def check_evidence(c, r, frames, where):
    for evidence in all_evidence(r.fault):
        frame = frames[evidence["packet"] - 1]
        c.equal(frame["frame.interface_name"], evidence["link"],
                "evidence is on the link that is named", where)
    pointed = [d["evidence"] for d in r.fault["detections"]]
    pointed += [p["evidence"] for client in r.fault["clients"]
                for p in client["parts"] if p["status"] == "happened"]
    for evidence in filter(is_evidence, pointed):
        frame = frames[evidence["packet"] - 1]
        c.that(frame["frame.comment"].startswith("hybridsim: "),
               "evidence has a comment", where, frame["frame.comment"])


def heard(frames, r, node, wanted):
    """The last packet for which WANTED holds that crossed DX towards NODE
    before the cut. One that was on its way then is not lost."""
    customer = r.value("dx", "peer.customer")
    aws = r.value("dx", "peer.aws")
    to = customer if node == "dc.gateway" else aws
    return [f for f in frames if f["frame.interface_name"] == "primary"
            and f["ip.dst"] == to and f["at"] < r.t0 and wanted(f)][-1]


def check_detections(c, r, frames, where, both_ways):
    """By the packets alone: the last that was heard, and the negotiated time
    after it."""
    kinds = {"detection time expired": (900 * MS, lambda f: f["bfd.sta"]),
             "HoldTimer": (9 * S, lambda f: f["bgp.type"])}
    if not both_ways or r.name == "dx-cut-encrypted":
        return
    for d in r.fault["detections"]:
        if d["cause"] not in kinds:
            continue
        limit, wanted = kinds[d["cause"]]
        last = heard(frames, r, d["node"], wanted)
        c.within(ns_of_s(d["at_s"]) - (last["at"] + DX_DELAY),
                 limit - TIMER, limit + TIMER,
                 f"{d['means']}: from the last packet captured", where)
        if is_evidence(d["evidence"]):
            c.equal(d["evidence"]["packet"], int(last["frame.number"]),
                    "the evidence is the last packet heard", where)


def check_links(c, r, frames, where):
    """What the result says of each link's wire, counted again."""
    seen = collections.defaultdict(collections.Counter)
    # An ICMP error about protected traffic quotes it.
    for f in frames:
        seen[f["frame.interface_name"]][
            "esp" if "esp" in f["frame.protocols"].split(":") else
            "clear" if "10.0.0.10" in many(f, "ip.src") + many(f, "ip.dst") else
            "else"] += 1
    c.equal(set(seen) - {l["name"] for l in r.result["links"]}, set(),
            "each packet is on a named link", where)
    for link in r.result["links"]:
        for kind in ("esp", "clear"):
            c.equal(seen[link["name"]][kind], link["wire"][kind]["packets"],
                    "as many packets in clear and in ESP as the result says",
                    f"{where} {link['name']} {kind}")
        if link["kind"] == "internet" or (
                r.name == "dx-cut-encrypted" and link["kind"] == "dx"):
            c.equal(seen[link["name"]]["clear"], 0, "nothing in clear there",
                    f"{where} {link['name']}")


def check_variant(c, r, frames, where, sets, total):
    seen = collections.Counter()
    c.equal(len(frames), r.result["capture"]["packets"],
            "tshark sees every packet", where)
    for frame in frames:
        check_frame(c, frame, where, seen)
    nat_t = any("nat-t=yes" in s for s in sets)
    c.that(seen["esp"] > 100, "there was ESP", where, seen["esp"])
    c.equal(seen["esp in udp"], seen["esp"] if nat_t else 0,
            "in UDP or raw, as configured", where)
    c.that(seen["ike 34"] and seen["ike 35"], "there was IKE", where, seen)
    c.that(seen["bgp 1"] and seen["bgp 2"] and seen["bgp 4"],
           "BGP is understood", where, seen)
    if r.name == "dx-cut":
        c.that(seen["bfd 0x01"] and seen["bfd 0x02"] and seen["bfd 0x03"],
               "BFD is understood", where, seen)
    check_evidence(c, r, frames, where)
    check_links(c, r, frames, where)
    check_detections(c, r, frames, where,
                     not any("direction" in s for s in sets))
    total.update(seen)


def check_rekeyed(c, r, frames, where, total):
    seen = collections.Counter()
    spis = set()
    for frame in frames:
        check_frame(c, frame, where, seen)
        spis.update(many(frame, "esp.spi"))
    c.that(len(spis) >= 2 * 2 * 4, "ESP of each pair was seen", where, spis)
    c.that(seen["ike 36"] > 0, "there was CREATE_CHILD_SA", where, seen)
    for tunnel in r.result["tunnels"]:
        c.that(tunnel["esp_rekeys"] >= 3 and tunnel["ike_rekeys"] >= 2,
               "both kinds of SA were replaced", where, tunnel)
    total.update(seen)


def capture(name, sets, folder):
    r = run(name, folder, 1, sets, capture=True)
    return r, dissect(r.folder)


def main():
    if TSHARK == "no":
        print("skipped: tshark is missing "
              "(on Debian: apt-get install tshark)")
        sys.exit(77)
    c = Checks()
    total = collections.Counter()
    with temporary_folder() as folder:
        jobs = [functools.partial(capture, name, SMALL + sets, f"{folder}/{i}")
                for i, (name, sets) in enumerate(VARIANTS)]
        jobs.append(functools.partial(capture, *REKEYED, f"{folder}/rekeyed"))
        done = list(in_parallel(jobs))
        check_rekeyed(c, *done.pop(), " ".join(REKEYED[1]), total)
        for (name, sets), (r, frames) in zip(VARIANTS, done):
            where = " ".join([name] + [s.split(".", 1)[1] for s in sets])
            check_variant(c, r, frames, where, sets, total)
    print(f"{len(VARIANTS)} captures:",
          ", ".join(f"{n} {what}" for what, n in sorted(total.items())))
    c.that(total["proto 1"] > 0, "there was ICMP", "all", total)
    c.finish({
        "ESP is decrypted": 10000,
        "IKE is decrypted": 8 * len(VARIANTS),
        "evidence has a comment": 2 * len(VARIANTS),
        "BFD: from the last packet captured": 2 * len(SUITES),
        "hold timer: from the last packet captured": 2,
        "the evidence is the last packet heard": 2 * len(SUITES),
    })


if __name__ == "__main__":
    main()
