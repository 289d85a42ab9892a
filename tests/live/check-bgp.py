#!/usr/bin/env python3
"""Live test: real FRR, BIRD and OpenBGPD as neighbours of simulated AWS.

Each is the customer gateway of a site of its own, with its own Direct Connect
interface to one virtual private gateway: routes with their attributes both ways,
none of them to the other interfaces, route refresh, a session shut down with a
word why, AWS's limit of 100 prefixes; then black holes, in which BFD and hold
timers expire on both sides.
"""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bird import Bird
from frr import Frr
from lab import Lab, check, main
from openbgpd import OpenBgpd
from simulation import S, Simulation

SCENARIO = """\
[scenario]
title = Real neighbours
duration = 600s
warmup = 1s

[onprem one]
asn = 65001
port = tun one
netns = {frr}
prefix = 172.16.0.0/24

[onprem two]
asn = 65002
port = tun two
netns = {bird}
prefix = 172.17.0.0/24

[onprem three]
asn = 65003
port = tun three
netns = {openbgpd}
prefix = 172.18.0.0/24

[vpc app]
cidr = 10.0.0.0/16

[gateway vgw]
type = vgw
asn = 64512
attach = app

[dx frr]
between = one, vgw
aws.med = 42
aws.keepalive = 1s
aws.hold = 4s

[dx bird]
between = two, vgw
aws.med = 43
aws.keepalive = 1s
aws.hold = 4s

[dx openbgpd]
between = three, vgw
aws.keepalive = 1s
aws.hold = 4s

# Something has to be observed: two hosts, both simulated.
[database idle]
client = app
server = one
rate = 1/s
"""

AWS = {"frr": "169.254.96.1", "bird": "169.254.96.5",
       "openbgpd": "169.254.96.9"}

FRR = """\
debug bgp neighbor-events
router bgp 65001
 bgp router-id 169.254.96.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 169.254.96.1 remote-as 64512
 neighbor 169.254.96.1 timers 1 4
 neighbor 169.254.96.1 timers connect 1
 neighbor 169.254.96.1 advertisement-interval 0
 neighbor 169.254.96.1 bfd 3 300 300
 address-family ipv4 unicast
  network 172.16.0.0/24
  network 10.50.0.0/16 route-map shared
  neighbor 169.254.96.1 soft-reconfiguration inbound
 exit-address-family
route-map shared permit 10
 set as-path prepend 65001 65001
 set metric 7
"""

BFD = """\
debug bfd peer
"""

BIRD = """\
router id 169.254.96.6;
protocol device {{ scan time 1; }}
protocol bfd {{
    interface "two-bird" {{ min rx interval 300 ms; min tx interval 300 ms;
                            idle tx interval 1 s; multiplier 3; }};
    debug {{ states, events }};
}}
protocol static here {{ ipv4; route 10.50.0.0/16 blackhole;
    route 172.17.0.0/24 blackhole; {routes} }}
protocol bgp aws {{
    local 169.254.96.6 as 65002; neighbor 169.254.96.5 as 64512;
    connect delay time 1; connect retry time 1; error wait time 1, 2;
    hold time 4; keepalive time 1; {bfd}
    debug {{ states, events }};
    ipv4 {{
        import all; import table;
        export filter {{
            if net = 172.17.0.0/24 then {{
                bgp_path.prepend(65002); bgp_path.prepend(65002);
                bgp_community.add((7224, 7300)); bgp_med = 9;
            }}
            accept;
        }};
    }};
}}
"""

OPENBGPD = """\
AS 65003
router-id 169.254.96.10
fib-update no
connect-retry 1
network 172.18.0.0/24 set { community 65003:7 metric 11 }
neighbor 169.254.96.9 {
    remote-as 64512
    local-address 169.254.96.10
    holdtime 4
    announce IPv6 none
}
allow to any
allow from any
"""


RESTARTING = """\
router bgp 65001
 bgp router-id 169.254.96.2
 bgp graceful-restart
 bgp graceful-restart preserve-fw-state
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 169.254.96.1 remote-as 64512
 neighbor 169.254.96.1 timers connect 1
 neighbor 169.254.96.1 advertisement-interval 0
 address-family ipv4 unicast
  network 172.16.0.0/24
"""


class Neighbours:
    """The three, up."""

    def __init__(self, lab, bird_bfd=True):
        names = ("frr", "bird", "openbgpd")
        self.lab = lab
        self.namespaces = {name: lab.namespace(name) for name in names}
        for namespace in self.namespaces.values():
            namespace.forward()
        self.sim = Simulation(lab, SCENARIO, **self.namespaces)
        self.bird_config = {"routes": "", "bfd": "bfd;" if bird_bfd else ""}
        self.frr = Frr(lab, self.namespaces["frr"], FRR, bfd=True,
                       bfd_config=BFD)
        self.bird = Bird(lab, self.namespaces["bird"],
                         BIRD.format(**self.bird_config))
        self.third = OpenBgpd(lab, self.namespaces["openbgpd"], OPENBGPD)

    def reconfigure_bird(self, **changes):
        self.bird_config.update(changes)
        self.bird.reconfigure(BIRD.format(**self.bird_config))

    def aws(self, name):
        return f"{name}.aws"

    def up(self, name, since=0, seconds=30):
        return self.sim.wait(self.aws(name), r"-> Established", seconds, since)


def frr_path(n, prefix):
    """(AS path, MED, communities) of FRR's path to PREFIX, or None."""
    for path in n.frr.paths(prefix):
        return (path["aspath"]["string"], path.get("metric", path.get("med")),
                path.get("community", {}).get("string", ""))
    return None


def check_routes(n):
    lab = n.lab
    for name in AWS:
        n.up(name)
    # AWS's route on each side, with AWS's AS and MED.
    lab.wait(lambda: frr_path(n, "10.0.0.0/16"), 10, "FRR has the VPC",
             n.frr.summary)
    check(frr_path(n, "10.0.0.0/16")[:2] == ("64512", 42),
          "FRR sees AWS's AS and MED", frr_path(n, "10.0.0.0/16"))
    text = lab.wait(lambda: n.bird.route("10.0.0.0/16"), 10,
                    "BIRD has the VPC", n.bird.summary)
    check("BGP.as_path: 64512\n" in text and "BGP.med: 43" in text,
          "BIRD sees AWS's AS and MED", text)
    paths = lab.wait(lambda: n.third.paths("10.0.0.0/16"), 10,
                     "OpenBGPD has the VPC", n.third.summary)
    check(paths[0]["aspath"] == "64512", "OpenBGPD sees AWS's AS", paths)
    lab.wait(lambda: "10.0.0.0/16" in n.namespaces["frr"].routes(), 10,
             "and the kernel is told")
    # AWS takes what each announces, and tells none of it to the other virtual
    # interfaces: between them it does not carry traffic.
    for name, prefix in (("frr", "172.16.0.0/24"), ("bird", "172.17.0.0/24"),
                         ("openbgpd", "172.18.0.0/24")):
        n.sim.wait("vgw", re.escape(prefix) + f" .*-> {name}", 10)
    time.sleep(1)
    check(frr_path(n, "172.17.0.0/24") is None, "FRR is not told BIRD's route",
          n.frr.summary())
    check(not n.bird.route("172.18.0.0/24"),
          "BIRD is not told OpenBGPD's route", n.bird.summary())
    check(not n.third.paths("172.16.0.0/24"),
          "OpenBGPD is not told FRR's route", n.third.summary())


def check_choice(n):
    """Both announce 10.50.0.0/16; AWS takes the shorter path, unless a
    community of preference says otherwise."""
    sim = n.sim
    at = sim.wait("vgw", r"10\.50\.0\.0/16 .*-> bird", 10)
    n.frr.configure("route-map shared permit 10", "set community 7224:7300")
    n.frr.show("clear ip bgp 169.254.96.1 soft out")
    at = sim.wait("vgw", r"10\.50\.0\.0/16 .*-> frr", 10, at)
    n.frr.configure("route-map shared permit 10", "no set community",
                    "set community 7224:7100")
    n.frr.show("clear ip bgp 169.254.96.1 soft out")
    sim.wait("vgw", r"10\.50\.0\.0/16 .*-> bird", 10, at)


def check_refresh(n):
    """What was sent comes again when it is asked for, from both sides."""
    def counted(what):
        return n.frr.neighbour(AWS["frr"])["messageStats"][what]

    n.frr.show("configure terminal", "router bgp 65001",
               "address-family ipv4 unicast",
               "no neighbor 169.254.96.1 soft-reconfiguration inbound")
    time.sleep(0.5)  # what is on its way, and a refresh for this alone
    asked, updates = counted("routeRefreshSent"), counted("updatesRecv")
    n.frr.show("clear ip bgp 169.254.96.1 soft in")
    n.lab.wait(lambda: counted("routeRefreshSent") > asked
               and counted("updatesRecv") > updates, 5,
               "FRR asks, and AWS repeats its routes", n.frr.summary)
    n.third.control("neighbor", AWS["openbgpd"], "refresh")


def check_shutdown(n):
    """Administrative shutdown with a message, seen on AWS's side; and back."""
    at = n.sim.now()
    n.frr.configure("router bgp 65001", "neighbor 169.254.96.1 shutdown "
                    "message new optics")
    n.sim.wait("frr.aws", r"Established -> Idle", 5, at)
    n.sim.wait("frr.aws", r"peer says .new optics", 1, at)
    n.frr.configure("router bgp 65001", "no neighbor 169.254.96.1 shutdown "
                    "message new optics", "no neighbor 169.254.96.1 shutdown")
    n.up("frr", at)


def check_limit(n):
    """AWS takes 100 prefixes on a private interface and shuts the session that
    brings more (cease, maximum number of prefixes)."""
    at = n.sim.now()
    n.reconfigure_bird(routes=" ".join(
        f"route 10.60.{i}.0/24 blackhole;" for i in range(101)))
    n.sim.wait("bird.aws", r"Established -> Idle", 10, at)
    n.lab.wait(lambda: "Maximum number of prefixes reached" in
               n.bird.show("show", "protocols", "all", "aws")
               or "aximum" in n.bird.process.log(), 5,
               "BIRD is told why", n.bird.summary)


def routes():
    with Lab("routes") as lab:
        n = Neighbours(lab)
        check_routes(n)
        check_choice(n)
        check_refresh(n)
        check_shutdown(n)
        check_limit(n)
        n.sim.stop()
        seen = n.sim.check_capture()
        check(seen["bgp"] > 50 and seen["bfd"] > 20, "in the capture", seen)


def restart():
    """RFC 4724: bgpd dies and comes back. AWS goes on with its routes, and
    drops the one that does not come again when FRR has said all."""
    with Lab("restart") as lab:
        spaces = {name: lab.namespace(name) for name in AWS}
        spaces["frr"].forward()
        sim = Simulation(lab, SCENARIO, **spaces)
        frr = Frr(lab, spaces["frr"], RESTARTING + "  network 10.50.0.0/16\n")
        for prefix in (r"172\.16\.0\.0/24", r"10\.50\.0\.0/16"):
            sim.wait("vgw", prefix + " .*-> frr", 30, explain=frr.summary)
        # FRR resets its peers when it reads of restarts.
        sim.wait("frr.aws", "-> Established", 10)
        time.sleep(3)

        at = sim.now()
        frr.daemons["bgpd"].stop(9)
        sim.wait("frr.aws", "Established -> ", 5, at)
        time.sleep(3)
        check(not sim.said("vgw", "fib", at), "AWS keeps the routes",
              sim.tail("vgw"))
        again = sim.now()
        frr.daemons["bgpd"] = frr.start("bgpd", RESTARTING)
        sim.wait("frr.aws", "-> Established", 20, again)
        sim.wait("vgw", r"10\.50\.0\.0/16 .*frr -> -", 10, again,
                 lambda: sim.tail("frr.aws"))
        time.sleep(1)
        check(not sim.said("vgw", r"fib .*172\.16\.0\.0/24", at),
              "the one that comes again was never gone", sim.tail("vgw"))
        sim.stop()
        sim.check_capture()


main(routes, restart)
