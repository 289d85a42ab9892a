#!/usr/bin/env python3
"""Live test: a real strongSwan as customer gateway of AWS's VPN endpoint.

One tunnel, and pings through it to AWS's end: from IKE_SA_INIT to traffic with
several suites and groups, begun by either side; child and IKE SA rekeyed by
either side while pings fly, of which none may be lost; DPD both ways and what
follows from silence; deletes; a wrong key; nothing in common. At the end tshark
opens every message and every packet of the run's capture.
"""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gateway import AWS_INSIDE, Gateway
from lab import Lab, check, main
from simulation import Simulation

PSK = "a_secret_of_both"
TUNNEL = "backup.tunnel1"
AWS = f"{TUNNEL}.aws"

SCENARIO = f"""\
[scenario]
title = A real strongSwan
duration = 600s
warmup = 1s

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

[vpn backup]
between = dc, vgw
underlay = internet
tunnels = 1
tunnel1.psk = {PSK}
aws.dpd-timeout = 30s

[internet]
delay = 5ms

# Something has to be observed: two hosts, both simulated.
[database idle]
client = app
server = dc
rate = 1/s
"""

# IKE and ESP; groups 14, 19 and 20, with PFS.
SUITES = [
    ("aes128-sha256-modp2048", "aes128-sha256-modp2048"),
    ("aes256-sha384-ecp256", "aes256-sha1-ecp256"),
    ("aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384"),
]


class Site:
    """The gateway with its one tunnel."""

    def __init__(self, lab, options=(), **tunnel):
        """OPTIONS are hybridsim's, TUNNEL those of Gateway.add_tunnel()."""
        self.lab = lab
        self.gateway = Gateway(lab)
        self.sim = Simulation(lab, SCENARIO, options=options,
                              cgw=self.gateway.namespace)
        self.gateway.open_uplink()
        tunnel.setdefault("psk", PSK)
        self.swan = self.gateway.add_tunnel(**tunnel)

    def ping(self, count=3):
        got = self.gateway.namespace.ping(AWS_INSIDE[0], count)
        check(got == count, "the tunnel carries",
              f"{got} of {count}\n{self.swan.tail()}{self.sim.tail(AWS)}")

    def established(self, since=0):
        return self.sim.wait(AWS, r"ike .*-> Established", 15, since,
                             self.swan.tail)

    def reload(self, ike, esp, **options):
        options.setdefault("psk", PSK)
        self.swan.load(Gateway.connection(0, ike=ike, esp=esp, **options))

    def finish(self):
        self.sim.stop()
        seen = self.sim.check_capture()
        check(seen["isakmp"] >= 4, "IKE is in the capture", seen)
        return seen


class Pings:
    """Pings under way, all of which have to come back."""

    def __init__(self, site, name):
        self.sim, self.late = site.sim, site.sim.late()
        self.process = site.lab.start(
            site.gateway.namespace, name,
            ["ping", "-n", "-i", "0.02", AWS_INSIDE[0]])

    def stop(self):
        self.process.stop(2)
        sent, received = map(int, re.search(
            r"(\d+) packets transmitted, (\d+) received",
            self.process.log()).groups())
        # One may be under way at the end.
        late = self.sim.late() - self.late
        check(sent > 20 and received >= sent - 1 - late, "no ping is lost",
              f"{received} of {sent}, {late} of them came too late")
        return sent


def suites():
    with Lab("suites") as lab:
        site = Site(lab)
        for number, (ike, esp) in enumerate(SUITES):
            at = site.sim.now()
            site.reload(ike, esp)
            site.swan.initiate("aws")
            site.established(at)
            site.ping()
            pings = Pings(site, f"pings-{number}")
            for order in ({"child": "aws"}, {"ike": "aws"}, {"child": "aws"}):
                time.sleep(0.3)
                site.swan.rekey(**order)
            time.sleep(1)
            pings.stop()
            at = site.sim.now()
            site.swan.terminate(ike="aws")
            site.sim.wait(AWS, r"ike .*-> Idle \(deleted by the peer", 5, at)
        seen = site.finish()
        check(seen["esp"] > 300, "ESP is in the capture", seen)



def aws_orders():
    """AWS rekeys and deletes, on command."""
    with Lab("aws orders") as lab:
        site = Site(lab, ike="aes256-sha256-modp2048",
                    esp="aes128-sha256-modp2048")
        sim, swan = site.sim, site.swan
        swan.initiate("aws")
        site.established()
        pings = Pings(site, "pings")
        # AWS guesses its own lowest group first and is told better.
        for what, said in (("esp", r"outbound CHILD_SA aws\{\d+\} established"),
                           ("ike", r"IKE_SA aws\[\d+\] state change: .*=> "
                            "ESTABLISHED"),
                           ("esp", r"outbound CHILD_SA aws\{\d+\} established")):
            before = len(re.findall(said, swan.log()))
            time.sleep(0.3)
            sim.command(f"rekey {TUNNEL} {what}")
            lab.wait(lambda: len(re.findall(said, swan.log())) > before, 5,
                     f"{what} is rekeyed", swan.tail)
        time.sleep(0.5)
        pings.stop()

        sim.command(f"delete {TUNNEL} esp")
        lab.wait(lambda: swan.said("received DELETE for ESP CHILD_SA"), 5,
                 "the child SA's delete arrives", swan.tail)
        lab.wait(lambda: not swan.installed(), 5, "it is gone", swan.sas)
        at = sim.now()
        swan.initiate("aws")
        lab.wait(lambda: swan.installed(), 5, "another one comes", swan.tail)
        site.ping()
        sim.command(f"delete {TUNNEL} ike")
        lab.wait(lambda: swan.said("received DELETE for IKE_SA"), 5,
                 "the IKE SA's delete arrives", swan.tail)
        at = sim.now()
        swan.initiate("aws")
        site.established(at)
        site.ping()
        site.finish()


def refusals():
    """What must not become a tunnel, and that the next attempt does."""
    with Lab("refusals") as lab:
        site = Site(lab, ike="aes256-sha256-ecp256", esp="aes256gcm16-ecp256")
        swan, sim = site.swan, site.sim

        at = sim.now()
        site.reload("aes256-sha256-ecp256", "aes256gcm16-ecp256",
                    psk="another_secret")
        swan.initiate("aws")
        check(swan.said("received AUTHENTICATION_FAILED"),
              "a wrong key is refused", swan.tail())
        sim.wait(AWS, r"ike .*authentication failed", 5, at)

        # AWS takes AES of 128 and 256 bits.
        at = sim.now()
        site.reload("aes192-sha256-ecp256", "aes256gcm16-ecp256")
        swan.initiate("aws")
        check(swan.said("received NO_PROPOSAL_CHOSEN"),
              "nothing in common for IKE", swan.tail())
        sim.wait(AWS, r"ike .*no proposal chosen", 5, at)

        at = sim.now()
        site.reload("aes256-sha256-ecp256", "aes192-sha256-ecp256")
        swan.initiate("aws")
        check(swan.said("received NO_PROPOSAL_CHOSEN notify, no CHILD_SA"),
              "nothing in common for ESP", swan.tail())
        swan.terminate(ike="aws")

        at = sim.now()
        site.reload("aes256-sha256-modp2048-ecp256", "aes256gcm16-ecp256")
        swan.initiate("aws")
        site.established(at)
        site.ping()
        site.finish()


def silence():
    """Each side asks a silent peer whether it lives, hears the other, and,
    when there is no answer, gives it up."""
    with Lab("silence") as lab:
        site = Site(lab, ike="aes256-sha256-ecp256", esp="aes256gcm16-ecp256")
        swan, sim = site.swan, site.sim
        swan.initiate("aws")
        site.established()
        asked = r"parsed INFORMATIONAL request \d+ \[ \]"
        check(not swan.said(asked), "AWS has not asked yet", swan.tail())
        lab.wait(lambda: swan.said(asked), 14, "AWS asks after 10 s",
                 lambda: swan.tail() + sim.tail(AWS))
        swan.terminate(ike="aws")

        at = sim.now()
        site.reload("aes256-sha256-ecp256", "aes256gcm16-ecp256",
                    dpd_delay="1s")
        swan.initiate("aws")
        site.established(at)
        lab.wait(lambda: len(re.findall("sending DPD request", swan.log())) > 1,
                 10, "strongSwan asks", swan.tail)
        check(not swan.said("retransmit"), "and is answered", swan.tail())
        at = sim.now()
        sim.command(f"cut {TUNNEL}")
        lab.wait(lambda: swan.said("giving up after"), 20,
                 "strongSwan gives up", swan.tail)
        sim.wait(AWS, r"ike .*-> Idle \(dead peer", 40, at)
        sim.command("clear all")
        at = sim.now()
        swan.initiate("aws")
        site.established(at)
        site.ping()
        site.finish()


def aws_begins():
    """AWS is the initiator: first to a gateway that has another key."""
    with Lab("aws begins") as lab:
        site = Site(lab, ("--set", "vpn backup.aws.startup=start"),
                    psk="another_secret", ike="aes256-sha256-ecp256",
                    esp="aes256gcm16-ecp256")
        sim, swan = site.sim, site.swan
        at = sim.wait(AWS, r"ike .*authentication failed", 20,
                      explain=swan.tail)
        site.reload("aes256-sha256-ecp256", "aes256gcm16-ecp256")
        site.established(at)
        site.ping()
        pings = Pings(site, "pings")
        time.sleep(0.5)
        swan.rekey(ike="aws")
        time.sleep(0.5)
        pings.stop()
        site.finish()


main(suites, aws_orders, refusals, aws_begins, silence)
