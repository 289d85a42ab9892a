#!/usr/bin/env python3
"""Live test: one busy Linux TCP connection in live mode and one simulated
connection through the same silent cuts come back in the same back-off step.

The scenario is one file. `hybridsim live` runs it with a real client and a real
server, `hybridsim run` with its own; both send a request every 10 ms on one
connection and do not wait for the answer. In both captures, the segment that
was pending when the cut came is the one that was sent most often. The wait
before the transmission that got through is the time-out then in force: how
often it was doubled is the step of the back-off. The cuts end between two
steps, far from both, so that the step does not depend on the phase.
"""

import collections
import json
import math
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from capture import fields
from lab import Lab, check, main, need, run
from simulation import PROGRAM, S, Simulation

# The pending segment is sent again at 0.7 to 0.95 s, by the phase of the
# acknowledgements, at twice that, and so on.
CUTS = 1.2, 2.5, 5.0, 10.0
QUIET = 6  # between the end of one and the next

SCENARIO = """\
[scenario]
title = TCP's back-off
duration = {duration}s
warmup = 1s

[onprem dc]
asn = 65001
prefix = 172.16.0.0/24

[vpc app]
cidr = 10.0.0.0/16
lan.mtu = 1500B

[gateway vgw]
attach = app

[dx primary]
between = dc, vgw
delay = 2ms

[database orders]
client = app
server = dc
client.port = tun app0
client.netns = {app}
server.port = tun db0
server.netns = {db}
port = 7654
rate = 100/s
arrivals = constant
think = none
request = 200B
reply = 1000B

[capture]
links = app.lan, dc.lan
"""

SERVER = """
import socket
s = socket.create_server(("172.16.0.10", 7654))
print("listening", flush=True)
c, _ = s.accept()
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
owed = 0
while True:
    data = c.recv(65536)
    if not data:
        break
    owed += len(data)
    c.sendall(bytes(1000 * (owed // 200)))
    owed %= 200
"""

CLIENT = """
import socket, sys, threading, time
s = socket.create_connection(("172.16.0.10", 7654))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def drain():
    while s.recv(65536):
        pass
threading.Thread(target=drain, daemon=True).start()
at = time.monotonic()
end = at + float(sys.argv[1])
while at < end:
    s.sendall(bytes(200))
    at += 0.01
    time.sleep(max(0, at - time.monotonic()))
"""


def scenario():
    """The cuts one after the other."""
    text, at = SCENARIO, 8.0
    for i, length in enumerate(CUTS):
        text += (f"\n[fault cut{i}]\ntarget = primary\naction = blackhole\n"
                 f"at = {at}s\nfor = {length}s\n")
        at += length + QUIET + length
    return text.replace("{duration}", str(int(at) + 2))


def transmissions(capture):
    """Of either side, as it sends on its own LAN: (instant, first byte, length)
    of each segment. Of the simulated connections it is the one with most
    requests, the persistent client's: the pool's are spread over ten."""
    frames = fields(capture, "frame.time_epoch", "frame.interface_name",
                    "tcp.stream", "tcp.dstport", "tcp.seq", "tcp.len",
                    where="tcp.len > 0 && (tcp.dstport == 7654 && "
                    "frame.interface_name == app.lan || tcp.srcport == 7654 && "
                    "frame.interface_name == dc.lan)")
    stream = collections.Counter(
        f["tcp.stream"] for f in frames
        if f["tcp.dstport"] == "7654").most_common(1)[0][0]
    sides = {"client": [], "server": []}
    for f in frames:
        if f["tcp.stream"] == stream:
            seconds, fraction = f["frame.time_epoch"].split(".")
            side = "client" if f["tcp.dstport"] == "7654" else "server"
            sides[side].append((int(seconds) + float("0." + fraction),
                                int(f["tcp.seq"]), int(f["tcp.len"])))
    return sides


def retries(sent, begin, end):
    """The times since the cut's BEGIN at which the segment that waited for its
    acknowledgement was sent, the last of them the first behind its END; None
    if the other side was sooner."""
    among = [t for t in sent if begin - 0.02 <= t[0] <= 2 * end - begin + 3]
    often = collections.Counter(seq for _, seq, _ in among)
    pending = max(often, key=lambda seq: (often[seq], -seq))
    times = [at - begin for at, seq, length in among
             if seq <= pending < seq + length]
    for i, at in enumerate(times):
        if at >= end - begin:
            return times[:i + 1]
    return None


def step(times):
    """How often the time-out had been doubled; the first is 200 ms and a little
    of the round trip and its variation."""
    return round(math.log2((times[-1] - times[-2]) / 0.22))


def recoveries(capture, faults):
    """How the connection came back after each cut: both sides have something
    pending, and the one whose turn comes first ends it for both."""
    sides = transmissions(capture)
    found = []
    for fault in faults:
        begin, end = fault["applied_s"], fault["cleared_s"]
        tries = [retries(sent, begin, end) for sent in sides.values()]
        tries = [t for t in tries if t]
        check(tries, f"{fault['name']}: something was sent again")
        found.append(min(tries, key=lambda t: t[-1]))
    return found


def simulated_and_real_connections_come_back_in_the_same_step():
    need("tshark", "tshark")
    with Lab("backoff") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, scenario(), app=app, db=db)
        server = lab.start(db, "server", ["python3", "-c", SERVER])
        lab.wait(lambda: "listening" in server.log() and
                 app.ping("172.16.0.10"), 20, "the server listens",
                 server.tail)
        duration = int(re.search(r"duration = (\d+)s", scenario()).group(1))
        lab.start(app, "client", ["python3", "-c", CLIENT, duration])
        check(sim.process.wait(duration + 30) == 4, "the live run",
              sim.process.tail())
        sim.stop()

        path = f"{sim.out}/simulation.ini"
        out = lab.folder("predicted")
        run([PROGRAM, "run", "--quiet", "--out", out, path], check=False,
            timeout=120)
        with open(f"{out}/simulation/result.json") as file:
            predicted = json.load(file)

        real = recoveries(f"{sim.results}/capture.pcapng", sim.result["faults"])
        same = recoveries(f"{out}/simulation/capture.pcapng", predicted["faults"])
        for length, a, b in zip(CUTS, real, same):
            print(f"  cut of {length} s: Linux came back at {a[-1]:.3f} s, in "
                  f"step {step(a)}; the simulated connection at {b[-1]:.3f} s, "
                  f"in step {step(b)}", flush=True)
        for length, a, b in zip(CUTS, real, same):
            check(step(a) == step(b), f"cut of {length} s: the same step",
                  (a, b))
            check(2 ** -0.5 < a[-1] / b[-1] < 2 ** 0.5,
                  f"cut of {length} s: nearer to this step than to another",
                  (a, b))
        # Cuts that end in different steps are told apart.
        check([step(a) for a in real] == [2, 3, 4, 5], "each cut has a step of "
              "its own", [step(a) for a in real])


main(simulated_and_real_connections_come_back_in_the_same_step)
