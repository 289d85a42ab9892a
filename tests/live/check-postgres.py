#!/usr/bin/env python3
"""Live test 1: a real PostgreSQL and pgbench on either side of the simulated
network, through a cut of Direct Connect and back.

What is asserted is what the network decides: the median latency of a
transaction is the round trip of the path that carries it, each client comes
back after the cut when its TCP tries again behind the failover, none loses its
connection, and on the internet no byte is in clear.
"""

import glob
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Lab, check, main, need
from postgres import Postgres
from simulation import S, Simulation

SCENARIO = """\
[scenario]
title = PostgreSQL across a DX fibre cut
duration = 120s
warmup = 1s

[onprem dc]
asn = 65001
prefix = 172.16.0.0/24

[vpc app]
cidr = 10.0.0.0/16

[gateway vgw]
attach = app

[dx primary]
between = dc, vgw
delay = 5ms
bfd = 300ms x 3

[vpn backup]
between = dc, vgw

[internet]
delay = 15ms
jitter = none

[database orders]
client = app
server = dc
client.port = tun app0
client.netns = {app}
server.port = tun db0
server.netns = {db}

[capture]
links = primary, internet
"""

# Both ways: the LAN 0.05 ms, the VPC 0.2, AWS's backbone 0.05; then Direct
# Connect 5, or the uplink 1, the internet 15 and AWS's edge 0.25.
RTT_DX = 2 * (0.05 + 0.2 + 0.05 + 5)
RTT_VPN = 2 * (0.05 + 0.2 + 0.05 + 1 + 15 + 0.25)
# The server's work and the machine's scheduling come on top.
SLACK = 4.0

CLIENTS = 4
# From the cut: BFD's 0.6 to 0.9 s, AWS's 0.1 and the tables' 0.01, and TCP's next
# retransmission: it tries at about 0.2 0.4 0.9 1.7 and 3.5 s, each client on its
# own clock. A dead connection would be silent for the rest of the test.
OUTAGE = 0.6, 4.0


def transactions(folder, started):
    """(client, end in seconds of the simulation, latency in ms) of each."""
    found = []
    for path in glob.glob(f"{folder}/tx.*"):
        with open(path) as file:
            for line in file:
                client, _, latency, _, seconds, micros = line.split()[:6]
                end = int(seconds) + int(micros) / 1e6 - started / S
                found.append((int(client), end, int(latency) / 1e3))
    return sorted(found, key=lambda t: t[1])


def median(found, begin, end):
    """Of those that began and ended in between."""
    among = [t[2] for t in found if begin < t[1] - t[2] / 1e3 and t[1] < end]
    check(len(among) > 50, f"transactions from {begin:.1f} to {end:.1f} s",
          len(among))
    return statistics.median(among)


def transactions_survive_the_cut():
    need("tshark", "tshark")
    with Lab("postgres") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, SCENARIO, app=app, db=db)
        server = Postgres(lab, db, "172.16.0.10")
        lab.wait(lambda: app.ping("172.16.0.10"), 20, "the path is there")
        bench = server.pgbench(app, "-S", "-c", CLIENTS, "-j", 1, "-T", 36,
                               "-M", "prepared", "-l", "--log-prefix=tx")
        lab.wait(lambda: glob.glob(f"{lab.top}/pgbench/tx.*"), 20,
                 "pgbench runs", bench.tail)
        time.sleep(8)
        sim.command("cut primary")
        time.sleep(12)
        sim.command("clear all")
        check(bench.wait(60) == 0, "pgbench ends well", bench.log())
        sim.stop()
        check("number of failed transactions: 0" in bench.log(),
              "no transaction failed", bench.log())

        found = transactions(f"{lab.top}/pgbench", sim.started)
        fault = sim.result["faults"][0]
        cut, mended = fault["applied_s"], fault["cleared_s"]
        before = median(found, cut - 6, cut - 0.1)
        during = median(found, cut + 5, mended - 0.1)
        after = median(found, mended + 8, found[-1][1])
        print(f"  {len(found)} transactions; median {before:.2f} ms, on the "
              f"VPN {during:.2f}, back on Direct Connect {after:.2f}; by the "
              f"delays {RTT_DX:.1f} and {RTT_VPN:.1f}", flush=True)
        for what, value, path in (("before", before, RTT_DX),
                                  ("on the VPN", during, RTT_VPN),
                                  ("after", after, RTT_DX)):
            check(path <= value <= path + SLACK, f"the median {what}", value)

        for client in range(CLIENTS):
            ends = [t[1] for t in found if t[0] == client]
            back = min(t for t in ends if t > cut + 0.1)
            print(f"  client {client} was back {back - cut:.3f} s after the "
                  f"cut", flush=True)
            check(OUTAGE[0] <= back - cut <= OUTAGE[1],
                  f"client {client} was back", back - cut)

        # The probe between the two hosts sees the network's share of it, which
        # no client's can be below.
        for loss in fault["data_plane"]:
            print(f"  probe {loss['direction']}: {loss['lost']} lost, "
                  f"{loss['duration_ms']:.0f} ms", flush=True)
            check(550 <= loss["duration_ms"] <= 1400,
                  "the network's outage: BFD, AWS, tables", loss)
        links = {link["name"]: link for link in sim.result["links"]}
        check(links["internet"]["wire"]["clear"]["bytes"] == 0,
              "nothing in clear on the internet", links["internet"])
        check(links["internet"]["wire"]["esp"]["bytes"] > 0,
              "the VPN carried it", links["internet"])
        check(links["primary"]["wire"]["clear"]["bytes"] > 0,
              "Direct Connect carried it", links["primary"])
        seen = sim.check_capture()
        check(seen["esp"] > 0 and seen["bgp"] > 0, "the capture", seen)


main(transactions_survive_the_cut)
