#!/usr/bin/env python3
"""Live test: a real pgbench against a real PostgreSQL on one machine, captured,
and played across designs; and a real iperf3 beside a simulated one.

The capture is played over no network, which has to give back its distribution,
and over Direct Connect, which adds a round trip to a statement and seven of them
to a transaction. pgbench's own figures say that what was captured is what it felt.
"""

import glob
import json
import os
import statistics
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from capture import Capture, tshark
from lab import Lab, check, main, need, run
from postgres import Postgres

PROGRAM = os.path.abspath(
    os.path.join(os.environ.get("TOP_BUILDDIR", "."), "hybridsim"))
SCENARIOS = os.path.abspath(
    os.path.join(os.environ.get("TOP_SRCDIR", "."), "scenarios"))

# A rate that tcpdump follows: what it drops is another test.
CLIENTS, TRANSACTIONS, STATEMENTS, RATE = 2, 150, 7, 60
# Both ways: the LAN 0.05 ms, the VPC 0.2, inside AWS 0.051, Direct Connect 2.
RTT_DX = 2 * (0.05 + 0.2 + 0.051 + 2)

# What only a kernel can tell, and the machine.
UNTOLD = {"snd_cwnd", "snd_wnd", "rtt", "rttvar", "pmtu", "max_snd_cwnd",
          "max_snd_wnd", "max_rtt", "min_rtt", "mean_rtt", "tcp_mss_default",
          "tcp_mss", "sndbuf_actual", "rcvbuf_actual",
          "cpu_utilization_percent", "sender_tcp_congestion",
          "receiver_tcp_congestion"}


def hybridsim(lab, scenario, *sets):
    """The result of SCENARIO without its expectations."""
    out = lab.folder("out")
    options = [word for entry in sets for word in ("--set", entry)]
    run([PROGRAM, "--quiet", "--out", out, *options, scenario], check=False,
        timeout=300)
    name = os.path.basename(scenario)[:-len(".ini")]
    with open(f"{out}/{name}/result.json") as file:
        return json.load(file)


def played(lab, scenario, capture, *sets):
    result = hybridsim(lab, f"{SCENARIOS}/{scenario}",
                       f"database orders.replay={capture}",
                       "scenario.duration=90s", *sets)["replay"]
    for key in ("failed", "unanswered", "lost", "bad"):
        check(result["played"][key] == 0, f"{scenario}: {key}",
              result["played"])
    check(result["played"]["answered"] == result["source"]["requests"],
          f"{scenario}: all is answered", result["played"])
    return result


def near(what, value, expected, share):
    print(f"  {what}: {value:.4f}, expected {expected:.4f}", flush=True)
    check(abs(value - expected) <= share * expected, what, (value, expected))


def pgbench_is_played():
    need("tshark", "tshark")
    with Lab("replay") as lab:
        db = lab.namespace("db")
        db.ip("link", "set", "lo", "up")
        server = Postgres(lab, db, "127.0.0.1")
        capture = Capture(lab, db, "lo", "pgbench", "tcp port 5432")
        bench = server.pgbench(db, "-c", CLIENTS, "-j", 1, "-t", TRANSACTIONS,
                               "-R", RATE, "-l", "--log-prefix=tx")
        check(bench.wait(60) == 0, "pgbench ends well", bench.log())
        path = capture.stop()

        ready = tshark(path, "-d", "tcp.port==5432,pgsql", "-T", "fields",
                       "-e", "pgsql.type").count("Ready for query")
        own = []
        for log in glob.glob(f"{lab.top}/pgbench/tx.*"):
            with open(log) as file:
                for line in file:  # latency, and of it the schedule's lag
                    words = line.split()
                    own.append((int(words[2]) - int(words[6])) / 1e3)
        check(len(own) == CLIENTS * TRANSACTIONS, "pgbench's log", len(own))

        here = played(lab, "replay-no-network.ini", path)
        check(here["source"]["requests"] == ready, "as many requests as "
              "tshark sees answers", (here["source"], ready))
        check(here["source"]["captured"] == "loopback", "where", here["source"])
        # What was due in the warm-up is in the capture's figures alone; of some
        # hundred transactions that moves the 99th percentile, which is one of
        # the highest three.
        for kind in ("requests", "transactions"):
            for figure, tolerance in (("p50_ms", 0.02), ("p90_ms", 0.05)):
                near(f"no network, {kind} {figure}",
                     here[kind]["all"]["latency"][figure],
                     here[kind]["captured"][figure], tolerance)
        # What pgbench measured has its own work in it, some 10 us a statement.
        near("pgbench's own median, ms", statistics.median(own),
             here["transactions"]["captured"]["p50_ms"], 0.3)

        there = played(lab, "replay-pgbench.ini", path,
                       "database orders.replay.loop=no",
                       "fault cut.at=85s", "fault cut.for=1s")
        near("Direct Connect, a statement",
             there["requests"]["before"]["path"]["p50_ms"], RTT_DX, 0.02)
        near("Direct Connect, a transaction",
             there["transactions"]["before"]["path"]["p50_ms"],
             STATEMENTS * RTT_DX, 0.02)


STREAMS = """\
[scenario]
title = streams
duration = 10s
warmup = 5s
[vpc app]
cidr = 10.0.0.0/16
[vpc data]
cidr = 10.1.0.0/16
[peering both]
between = app, data
[table app-routes]
of = app
routes = 10.1.0.0/16 via both
[table data-routes]
of = data
routes = 10.0.0.0/16 via both
[probe]
from = app
to = data
"""


def keys(value, where=""):
    if isinstance(value, dict):
        found = set()
        for key, inner in value.items():
            if key not in UNTOLD:
                found |= {f"{where}.{key}"} | keys(inner, f"{where}.{key}")
        return found
    if isinstance(value, list):
        return set().union(*(keys(inner, where) for inner in value))
    return set()


def streams_are_in_iperf3s_form():
    need("iperf3", "iperf3")
    kinds = {"tcp": ([], "protocol = tcp"), "udp": (["-u"], "protocol = udp"),
             "tcp-back": (["-R"], "protocol = tcp\nreverse = yes"),
             "udp-back": (["-u", "-R"], "protocol = udp\nreverse = yes"),
             "two": (["-P", "2"], "parallel = 2")}
    with Lab("iperf3") as lab:
        here = lab.namespace("here")
        here.ip("link", "set", "lo", "up")
        text = STREAMS + "".join(
            f"[stream {name}]\nfrom = app\nto = data\nfor = 2s\n{more}\n"
            for name, (_, more) in kinds.items())
        hybridsim(lab, lab.write("streams.ini", text))
        for name, (options, _) in kinds.items():
            server = lab.start(here, f"server-{name}", ["iperf3", "-s", "-1", "--forceflush"])
            lab.wait(lambda: "listening" in server.log(), 10,
                     "iperf3 listens", server.tail)
            real = json.loads(here.run("iperf3", "-c", "127.0.0.1", "-t", "2",
                                       "-b", "10M", "-J", *options))
            with open(f"{lab.top}/out/streams/streams/{name}.json") as file:
                ours = json.load(file)
            check(keys(ours) == keys(real), f"{name}: the keys of iperf3",
                  keys(ours) ^ keys(real))
            rate = ours["end"]["sum_received"]["bits_per_second"]
            asked = 10e6 * ours["start"]["test_start"]["num_streams"]
            near(f"{name}, bit/s", rate, asked, 0.05)


main(pgbench_is_played, streams_are_in_iperf3s_form)
