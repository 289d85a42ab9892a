"""How long FRR, BIRD and simulated AWS wait in a silent cut.

Each trial cuts both Direct Connect links at a random moment and compares, on
all four sides, the time from the last packet that still arrived to the moment
at which the neighbour was declared dead with what was negotiated: 900 ms of
BFD, then (without BFD) 3 s of BGP's hold time. What arrived is read from the
capture of the run and, on the real side, from tcpdump at its device; when it
was declared, from the run's trace and from the daemons' logs.
"""

import datetime
import random
import re
import time

from bird import Bird
from capture import Capture, fields
from frr import Frr
from lab import Lab, check
from simulation import S, Simulation

MS = 1_000_000
DX_DELAY = 2 * MS

SCENARIO = """\
[scenario]
title = Timers of real neighbours
duration = 1000s
warmup = 1s

[onprem one]
asn = 65001
port = tun one
netns = {frr}
prefix = 172.16.0.0/24
preset = frr

[onprem two]
asn = 65002
port = tun two
netns = {bird}
prefix = 172.17.0.0/24
preset = bird

[vpc app]
cidr = 10.0.0.0/16

[gateway vgw]
type = vgw
asn = 64512
attach = app

[dx frr]
between = one, vgw
keepalive = 1s
hold = 3s
aws.keepalive = 1s
aws.hold = 3s

[dx bird]
between = two, vgw
keepalive = 1s
hold = 3s
aws.keepalive = 1s
aws.hold = 3s

[database idle]
client = app
server = one
rate = 1/s
"""

FRR = """\
log timestamp precision 6
debug bgp neighbor-events
router bgp 65001
 bgp router-id 169.254.96.2
 no bgp ebgp-requires-policy
 neighbor 169.254.96.1 remote-as 64512
 neighbor 169.254.96.1 timers 1 3
 neighbor 169.254.96.1 timers connect 1
"""

BFDD = """\
log stdout debugging
log timestamp precision 6
debug bfd peer
"""

BFDD_PEER = """\
bfd
 peer 169.254.96.1 local-address 169.254.96.2 interface one-frr
  receive-interval 300
  transmit-interval 300
  detect-multiplier 3
"""

BIRD = """\
timeformat log iso long us;
router id 169.254.96.6;
protocol device {{}}
protocol bfd {{
    interface "two-bird" {{ min rx interval 300 ms; min tx interval 300 ms;
                            idle tx interval 1 s; multiplier 3; }};
    debug all;
    {bfd}
}}
protocol bgp aws {{
    local 169.254.96.6 as 65002; neighbor 169.254.96.5 as 64512;
    connect delay time 1; connect retry time 1; error wait time 1, 2;
    hold time 3; keepalive time 1;
    debug {{ states, events }};
    ipv4 {{ import all; export all; }};
}}
"""
BIRD_PEER = ('neighbor 169.254.96.5 dev "two-bird" local 169.254.96.6;')

AWS = {"frr": "169.254.96.1", "bird": "169.254.96.5"}
REAL = {"frr": "169.254.96.2", "bird": "169.254.96.6"}


def wall(text):
    """An instant in a log, local time, in nanoseconds since 1970."""
    form = "%Y/%m/%d %H:%M:%S" if "/" in text else "%Y-%m-%d %H:%M:%S"
    seconds, fraction = text.split(".")
    at = datetime.datetime.strptime(seconds, form).timestamp()
    return int(at) * S + int(fraction.ljust(9, "0"))


class Pair:
    """FRR and BIRD, each with AWS as its neighbour."""

    def __init__(self, lab, bfd):
        self.lab, self.bfd = lab, bfd
        spaces = {name: lab.namespace(name) for name in AWS}
        self.sim = Simulation(lab, SCENARIO, **spaces)
        wanted = "udp port 3784" if bfd else "tcp port 179"
        self.captures = {
            "frr": Capture(lab, spaces["frr"], "one-frr", "frr", wanted),
            "bird": Capture(lab, spaces["bird"], "two-bird", "bird", wanted)}
        self.frr = Frr(lab, spaces["frr"], FRR, bfd=bfd,
                       bfd_config=BFDD + (BFDD_PEER if bfd else ""))
        self.bird = Bird(lab, spaces["bird"],
                         BIRD.format(bfd=BIRD_PEER if bfd else ""))
        self.cuts = []  # instants at which a trial cut and mended

    def both_up(self):
        if self.bfd:
            return (self.frr.bfd_state(AWS["frr"]) == "up"
                    and self.bird.bfd_state(AWS["bird"]) == "Up")
        return (self.frr.bgp_state(AWS["frr"]) == "Established"
                and self.bird.bgp_state("aws") == "Established")

    def trial(self):
        sim, kind = self.sim, "bfd" if self.bfd else "bgp"
        self.lab.wait(self.both_up, 60, f"{kind} is up",
                      lambda: self.frr.summary() + self.bird.summary()
                      + sim.tail("frr.aws") + sim.tail("bird.aws"))
        # Timers slow down and become regular once a session is up.
        time.sleep(2.5 + random.random() * (0.3 if self.bfd else 1.0))
        at = sim.now()
        sim.command("cut frr")
        sim.command("cut bird")
        down = r"bfd .*Up -> Down" if self.bfd else r"bgp .*Established -> Idle"
        for name in AWS:
            sim.wait(f"{name}.aws", down, 10, at)
        self.lab.wait(lambda: not self.both_up() and self.neither_up(), 10,
                      "both daemons have seen it", self.frr.summary)
        sim.command("clear all")
        self.cuts.append((at, sim.now()))

    def neither_up(self):
        if self.bfd:
            return (self.frr.bfd_state(AWS["frr"]) != "up"
                    and self.bird.bfd_state(AWS["bird"]) != "Up")
        return (self.frr.bgp_state(AWS["frr"]) != "Established"
                and self.bird.bgp_state("aws") != "Established")

    def finish(self):
        self.sim.stop()
        self.received = {name: capture.stop()
                         for name, capture in self.captures.items()}

    # When what arrived, and when it was declared dead

    def declared(self, name):
        """By the real daemon, as instants of the simulation."""
        if name == "frr":
            daemon = "bfdd" if self.bfd else "bgpd"
            log = self.frr.daemons[daemon].log()
            pattern = (r"^(\S+ \S+) BFD: .*state-change: .*up -> down"
                       if self.bfd else
                       r"^(\S+ \S+) BGP: .*NOTIFICATION.*4/0 .Hold Timer")
        else:
            log = self.bird.process.log()
            pattern = (r"^(\S+ \S+) <\w+> \S+ Session to 169.254.96.5 changed "
                       r"state from Up to Down" if self.bfd else
                       r"^(\S+ \S+) <\w+> aws: .*Hold timer expired")
        return [wall(text) - self.sim.started
                for text in re.findall(pattern, log, re.M)]

    def heard(self, name):
        """What the real side received."""
        found = fields(self.received[name], "frame.time_epoch",
                       where=f"ip.dst == {REAL[name]} && "
                       + ("bfd" if self.bfd else "bgp"))
        return [int(seconds) * S + int(fraction) - self.sim.started
                for seconds, fraction in
                (f["frame.time_epoch"].split(".") for f in found)]

    def declared_by_aws(self, name):
        return self.sim.said(f"{name}.aws", r"bfd .*Up -> Down" if self.bfd
                             else r"bgp .*Established -> Idle")

    def heard_by_aws(self, name, cuts):
        """What departed towards AWS while there was no cut."""
        found = self.sim.frames(where=f"ip.dst == {AWS[name]} && "
                                + ("bfd" if self.bfd else "bgp"))
        return [f["at"] + DX_DELAY for f in found
                if not any(a <= f["at"] <= b for a, b in cuts)]

    def waits(self):
        """(side, from the last packet, from the cut) of each trial."""
        for name in AWS:
            cuts = [(round(f["applied_s"] * S), round(f["cleared_s"] * S))
                    for f in self.sim.result["faults"] if f["target"] == name]
            sides = ((name, self.declared(name), self.heard(name)),
                     (f"AWS towards {name}", self.declared_by_aws(name),
                      self.heard_by_aws(name, cuts)))
            for begin, end in self.cuts:
                for side, declared, heard in sides:
                    at = [d for d in declared if begin < d < end]
                    check(at, f"{side} declared it", (begin, declared))
                    last = max(h for h in heard if h < at[0] - MS)
                    cut = max(a for a, _ in cuts if a < at[0])
                    yield side, at[0] - last, at[0] - cut


def measure(bfd, trials):
    """(side, from the last packet, from the cut) of so many trials."""
    with Lab("bfd" if bfd else "hold") as lab:
        pair = Pair(lab, bfd)
        for _ in range(trials):
            pair.trial()
        pair.finish()
        seen = pair.sim.check_capture()
        check(seen["bfd" if bfd else "bgp"] > 20, "in the capture", seen)
        return list(pair.waits())
