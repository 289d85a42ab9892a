#!/usr/bin/env python3
"""The lab itself, with the real daemons among themselves.

What the tests of live mode take for granted: the daemons start and meet, a cut
cable is silent, a capture opens with the keys from charon's log, and nothing is
left behind.
"""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bird import Bird
from capture import Capture, fields
from frr import Frr
from lab import Lab, check, ip, main
from openbgpd import OpenBgpd
from postgres import Postgres
from strongswan import StrongSwan, connection
from swan_keys import KeyTables

FRR = """\
router bgp 65001
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 192.0.2.2 remote-as 65002
 neighbor 192.0.2.2 timers 3 9
 neighbor 192.0.2.2 timers connect 1
 neighbor 192.0.2.2 advertisement-interval 0
 neighbor 192.0.2.2 bfd
 neighbor 192.0.2.6 remote-as 65003
 neighbor 192.0.2.6 timers connect 1
 neighbor 192.0.2.6 advertisement-interval 0
 address-family ipv4 unicast
  network 10.1.0.0/16 route-map out
 exit-address-family
route-map out permit 10
 set community 65001:7
 set metric 42
"""

BIRD = """\
router id 192.0.2.2;
protocol device {}
protocol bfd { interface "eth0" { interval 100 ms; multiplier 3; }; }
protocol static here { ipv4; route 10.2.0.0/16 blackhole; }
protocol bgp frr {
    local 192.0.2.2 as 65002; neighbor 192.0.2.1 as 65001;
    bfd; connect delay time 1; error wait time 1, 2;
    ipv4 { import all; export all; };
}
"""

OPENBGPD = """\
AS 65003
router-id 192.0.2.6
fib-update no
network 10.3.0.0/16
neighbor 192.0.2.5 {
    remote-as 65001
    announce IPv6 none
}
allow to any
allow from any
"""


def bgp_and_bfd():
    with Lab("bgp") as lab:
        frr_ns, bird_ns = lab.namespace("frr"), lab.namespace("bird")
        open_ns = lab.namespace("openbgpd")
        cable = lab.cable(frr_ns, "eth0", "192.0.2.1/30",
                          bird_ns, "eth0", "192.0.2.2/30")
        lab.cable(frr_ns, "eth1", "192.0.2.5/30",
                  open_ns, "eth0", "192.0.2.6/30")
        bird = Bird(lab, bird_ns, BIRD)
        third = OpenBgpd(lab, open_ns, OPENBGPD)
        frr = Frr(lab, frr_ns, FRR, bfd=True)
        lab.wait(lambda: re.search(r"42.*\(65001,7\)", bird.route(
            "10.1.0.0/16"), re.S), 30, "BIRD has FRR's route", bird.summary)
        lab.wait(lambda: third.paths("10.2.0.0/16"), 30,
                 "OpenBGPD has BIRD's route", third.summary)
        lab.wait(lambda: "192.0.2.1" in bird.route("10.3.0.0/16"), 30,
                 "BIRD has OpenBGPD's route", bird.summary)
        lab.wait(lambda: frr.bfd_state("192.0.2.2") == "up"
                 and bird.bfd_state("192.0.2.1") == "Up", 20, "BFD is up",
                 frr.summary)
        lab.wait(lambda: "10.2.0.0/16" in frr_ns.routes(), 10,
                 "zebra installed BIRD's route", frr_ns.routes)
        cable.cut()
        lab.wait(lambda: frr.bgp_state("192.0.2.2") != "Established"
                 and bird.bgp_state("frr") != "Established", 5,
                 "BFD ends BGP on both sides of a silent cut", frr.summary)
        check(frr.neighbour("192.0.2.2")["lastResetDueTo"], "FRR says why")
        cable.mend()
        lab.wait(lambda: frr.bgp_state("192.0.2.2") == "Established", 60,
                 "it comes back", frr.summary)


def ipsec():
    with Lab("ipsec") as lab:
        left, right = lab.namespace("left"), lab.namespace("right")
        lab.cable(left, "eth0", "192.0.2.1/30", right, "eth0", "192.0.2.2/30")
        capture = Capture(lab, left, "eth0", "ipsec")
        suite = {"psk": "a secret", "ike": "aes256-sha256-modp2048",
                 "esp": "aes128gcm16-ecp256"}
        a = StrongSwan(lab, left, connection(
            "t", "192.0.2.1", "192.0.2.2", **suite), name="a")
        b = StrongSwan(lab, right, connection(
            "t", "192.0.2.2", "192.0.2.1", **suite), name="b")
        left.address("ipsec0", "10.1.0.1/30")
        gateway = lab.namespace("gateway")
        b.tunnel_to(gateway, "vti1", "10.1.0.2/30")
        a.initiate("t")
        check(left.ping("10.1.0.2", 3) == 3, "the tunnel carries", a.tail())
        b.rekey(child="t")
        lab.wait(lambda: a.installed() and b.said("DELETED"), 5, "rekeyed")
        check(gateway.ping("10.1.0.1", 3) == 3, "and both ways", b.tail())
        a.terminate(ike="t")
        capture.stop()
        keys = KeyTables(b.log()).write(b.folder)
        frames = fields(capture.path, "isakmp.exchangetype", "esp.icv_good",
                        "isakmp.enc.decrypted", keys=keys,
                        where="esp || isakmp.exchangetype > 34")
        check(len(frames) > 15, "messages were captured", len(frames))
        for frame in frames:
            check(frame["esp.icv_good"] == "1" or frame["isakmp.enc.decrypted"],
                  "tshark opens each with the keys of the log", frame)


def database():
    with Lab("database") as lab:
        left, right = lab.namespace("left"), lab.namespace("right")
        lab.cable(left, "eth0", "192.0.2.1/30", right, "eth0", "192.0.2.2/30")
        server = Postgres(lab, left, "192.0.2.1")
        client = server.pgbench(right, "-T", 1, "-c", 2)
        check(client.wait(20) == 0, "pgbench ends well", client.log())
        done = re.search(r"actually processed: (\d+)", client.log())
        check(int(done.group(1)) > 10, "transactions were done", client.log())
        check(int(server.sql("select count(*) from pgbench_history"))
              == int(done.group(1)), "and the database has them")


def nothing_is_left():
    with Lab("leave") as lab:
        namespace = lab.namespace("one")
        sleeper = lab.start(namespace, "sleeper", ["sleep", "1000"])
        folder = lab.folder("files")
        check(namespace.netns in ip("netns", "list"), "it is there")
        time.sleep(0.2)
    check(namespace.netns not in ip("netns", "list"), "the namespace is gone")
    check(not sleeper.alive(), "the process is gone")
    check(not os.path.exists(folder) or os.environ.get("LIVE_KEEP"),
          "the files are gone")


main(bgp_and_bfd, ipsec, database, nothing_is_left)
