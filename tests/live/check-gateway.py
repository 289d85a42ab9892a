#!/usr/bin/env python3
"""Live test: a whole real customer gateway against simulated AWS, and a cut.

FRR, strongSwan and Linux's forwarding between a simulated database and its
simulated clients: one Direct Connect interface with BFD, a VPN with both
tunnels behind it. The DX goes silent, the database's traffic has to go on
through a tunnel, and go back when the DX is mended. How long it was away is
held against what the timers allow, with some room for a busy machine; the
capture against tshark, with every key.
"""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from frr import Frr
from gateway import AWS_INSIDE, Gateway
from lab import Lab, check, main
from simulation import S, Simulation

PSKS = ("a_secret_of_one", "a_secret_of_two")

SCENARIO = f"""\
[scenario]
title = A whole real gateway
duration = 600s
warmup = 16s

[onprem dc]
asn = 65001
port = tun cgw
netns = {{cgw}}
prefix = 172.16.0.0/24

[vpc app]
cidr = 10.0.0.0/16

[gateway vgw]
type = vgw
asn = 64512
attach = app

[dx primary]
between = dc, vgw
delay = 2ms
bfd = 300ms x 3

[vpn backup]
between = dc, vgw
underlay = internet
tunnel1.psk = {PSKS[0]}
tunnel2.psk = {PSKS[1]}

[internet]
delay = 8ms
jitter = exponential 1ms

[database orders]
client = app
server = dc
rate = 20/s
"""

DX = "169.254.96.1"

FRR = f"""\
log timestamp precision 6
router bgp 65001
 bgp router-id 172.16.0.1
 no bgp ebgp-requires-policy
 neighbor {DX} remote-as 64512
 neighbor {DX} timers connect 1
 neighbor {DX} bfd 3 300 300
 neighbor {AWS_INSIDE[0]} remote-as 64512
 neighbor {AWS_INSIDE[0]} timers 10 30
 neighbor {AWS_INSIDE[0]} timers connect 1
 neighbor {AWS_INSIDE[1]} remote-as 64512
 neighbor {AWS_INSIDE[1]} timers 10 30
 neighbor {AWS_INSIDE[1]} timers connect 1
 address-family ipv4 unicast
  network 172.16.0.0/24
  neighbor {DX} route-map dx in
 exit-address-family
route-map dx permit 10
 set local-preference 200
"""

BFDD = "log stdout debugging\nlog timestamp precision 6\ndebug bfd peer\n"

# Seconds. BFD takes 600 to 900 ms, AWS's convergence and its forwarding tables
# 0.12 (assumed by the scenario), FRR's and the kernel's some milliseconds.
DETECTED = (0.55, 1.0)
DATA_PLANE = (0.55, 1.5)
# TCP's retransmissions of the persistent connection come after 0.2 to 0.3 s of
# silence, then twice and four times that: the third at 2.1 s at the latest.
DATABASE = (0.5, 3.0)


def via(gateway, device):
    return f"dev {device}" in gateway.namespace.routes("10.0.0.0/16")


def failover():
    with Lab("gateway") as lab:
        gateway = Gateway(lab)
        sim = Simulation(lab, SCENARIO, cgw=gateway.namespace)
        gateway.open_uplink()
        swans = [gateway.add_tunnel(psk) for psk in PSKS]
        frr = Frr(lab, gateway.namespace, FRR, bfd=True, bfd_config=BFDD)
        for number, swan in enumerate(swans, 1):
            swan.initiate("aws")
            sim.wait(f"backup.tunnel{number}.aws", "ike .*-> Established", 15)
        for peer in ("primary", "backup.tunnel1", "backup.tunnel2"):
            sim.wait(f"{peer}.aws", "bgp .*-> Established", 30,
                     explain=frr.summary)
        sim.wait("primary.aws", "bfd .*-> Up", 10)
        lab.wait(lambda: via(gateway, "cgw-primary"), 10,
                 "traffic takes the DX", frr.summary)
        # The clients begin halfway through the warm-up.
        time.sleep(max(0, 19 - sim.now() / S))
        check(via(gateway, "cgw-primary"), "and stays there")

        at = sim.now()
        sim.command("cut primary")
        sim.wait("primary.aws", "bfd .*Up -> Down", 5, at)
        lab.wait(lambda: via(gateway, "tun1") or via(gateway, "tun2"), 5,
                 "traffic takes a tunnel", frr.summary)
        time.sleep(6)
        sim.command("clear all")
        lab.wait(lambda: via(gateway, "cgw-primary"), 20, "and comes back",
                 frr.summary)
        time.sleep(2)
        sim.stop()
        report(sim)


def report(sim):
    fault = sim.result["faults"][0]
    detections = {d["node"]: d["at_s"] - fault["applied_s"]
                  for d in reversed(fault["detections"])}
    print("  detected after", detections, flush=True)
    check(DETECTED[0] <= detections["primary.aws"] <= DETECTED[1],
          "AWS detects by BFD", detections)
    for way in fault["data_plane"]:
        away = way["duration_ms"] / 1000
        print(f"  data plane {way['direction']}: {away:.2f} s", flush=True)
        check(DATA_PLANE[0] <= away <= DATA_PLANE[1],
              f"the data plane {way['direction']} is back in time", away)
    for client in fault["clients"]:
        check(client["recovery"] == "recovered", "the database is back", client)
        away = client["failover_ms"] / 1000
        print(f"  {client['client']}: {away:.2f} s", flush=True)
        check(DATABASE[0] <= away <= DATABASE[1],
              f"{client['client']} is back in time", away)
    check(all("MTU" not in d["reason"] for d in sim.result["drops"]),
          "nothing was too large for a tunnel", sim.result["drops"])
    seen = sim.check_capture()
    check(seen["esp"] > 100 and seen["isakmp"] >= 8 and seen["bgp"] > 20
          and seen["bfd"] > 50, "all is in the capture", seen)


main(failover)
