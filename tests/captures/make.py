#!/usr/bin/env python3
"""Makes the captures of this folder: real daemons among themselves.

    tests/captures/make.py              all of them, each held against tshark
    tests/captures/make.py NAME...      some
    tests/captures/make.py --check      only hold those that are there

Each capture is a folder with capture.pcap and, where something is encrypted,
the keys as Wireshark wants them (esp_sa, ikev2_decryption_table), taken from
charon's log. Nonces, SPIs and times differ with each making, so a capture that
tests rest on is made anew only with a reason. What is in each, and which
versions made it, stands in README.md beside it.
"""

import argparse
import collections
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
from bird import Bird
from capture import Capture, fields
from frr import Frr
from lab import Failure, Lab, check
from openbgpd import OpenBgpd
from strongswan import StrongSwan, connection
from swan_keys import KeyTables

SCENES = {}
LEFT, RIGHT = "192.0.2.1", "192.0.2.2"


def scene(function):
    SCENES[function.__name__.replace("_", "-")] = function
    return function


class Pair:
    """Two namespaces on one cable, which is recorded."""

    def __init__(self, lab, folder, expression, device="eth0"):
        self.lab, self.folder = lab, folder
        self.left, self.right = lab.namespace("left"), lab.namespace("right")
        self.cable = lab.cable(self.left, "eth0", f"{LEFT}/24",
                               self.right, "eth0", f"{RIGHT}/24")
        self.expression = expression
        self.capture = None

    def record(self):
        self.capture = Capture(self.lab, self.left, "eth0", "scene",
                               self.expression)

    def finish(self):
        time.sleep(0.2)
        shutil.copy(self.capture.stop(), f"{self.folder}/capture.pcap")


# IKE and ESP: strongSwan.

class Tunnel(Pair):
    """A connection `t` between two charons, with a ping through it."""

    def __init__(self, lab, folder, ike, esp, right=None, charon="", both=None,
                 left_conf=None):
        super().__init__(lab, folder, "udp port 500 or udp port 4500")
        suite = dict({"psk": "a secret of both", "ike": ike, "esp": esp},
                     **(both or {}))
        self.a = StrongSwan(lab, self.left, connection(
            "t", LEFT, RIGHT, **dict(suite, **(left_conf or {}))), name="a",
            charon=charon)
        self.b = StrongSwan(lab, self.right, connection(
            "t", RIGHT, LEFT, **dict(suite, **(right or {}))), name="b",
            charon=charon)
        self.left.address("ipsec0", "10.1.0.1/32")
        self.right.address("ipsec0", "10.2.0.1/32")
        self.record()

    def ping(self, size=56):
        got = self.left.ping("10.2.0.1", 1, "-s", size, "-I", "10.1.0.1")
        check(got == 1, "the tunnel carries", self.a.tail() + self.b.tail())

    def settle(self):
        """A rekeyed SA is deleted a moment later."""
        time.sleep(0.5)

    def finish(self, keys=True):
        super().finish()
        if keys:
            # Of two that rekey at once, each knows what it alone began.
            KeyTables(self.b.log(), self.a.log()).write(self.folder)


def a_life(folder, ike, esp):
    """From IKE_SA_INIT to the delete, with everything between that has a name:
    traffic, rekeys of the child SA from both sides, of the IKE SA, DPD."""
    with Lab("life") as lab:
        t = Tunnel(lab, folder, ike, esp, left_conf={"dpd_delay": "2s"})
        t.a.initiate("t")
        t.ping()
        t.ping(1200)
        t.a.rekey(child="t")
        t.settle()
        t.ping()
        t.b.rekey(ike="t")
        t.settle()
        t.b.rekey(child="t")
        t.settle()
        t.ping()
        lab.wait(lambda: t.a.said("sending DPD request"), 10, "a DPD request",
                 t.a.tail)
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_cbc256_sha256_modp2048(folder):
    a_life(folder, "aes256-sha256-modp2048", "aes256-sha256-modp2048")


@scene
def ike_gcm256_ecp384(folder):
    a_life(folder, "aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384")


@scene
def ike_cbc128_sha1_ecp256(folder):
    a_life(folder, "aes128-sha1-ecp256", "aes128-sha1-ecp256")


@scene
def ike_cbc256_sha512_curve25519(folder):
    a_life(folder, "aes256-sha512-curve25519", "aes256-sha512-curve25519")


@scene
def ike_cbc128_sha384_ecp521(folder):
    a_life(folder, "aes128-sha384-ecp521", "aes128-sha384-ecp521")


@scene
def ike_gcm128_modp3072(folder):
    a_life(folder, "aes128gcm16-prfsha256-modp3072", "aes128gcm16-modp1024s160")


@scene
def ike_invalid_ke(folder):
    """The initiator guesses group 14, the responder has only 19."""
    with Lab("invalid-ke") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   left_conf={"ike": "aes128-sha256-modp2048-ecp256"})
        t.a.initiate("t")
        t.ping()
        # In CREATE_CHILD_SA, too (RFC 7296 1.3): the child's group is guessed.
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_invalid_ke_in_rekey(folder):
    with Lab("invalid-ke-rekey") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256-ecp256",
                   left_conf={"esp": "aes128-sha256-modp2048-ecp256"})
        t.a.initiate("t")
        t.a.rekey(child="t")
        t.settle()
        t.ping()
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_cookie(folder):
    """One half-open IKE SA is enough for the responder to ask for a cookie."""
    with Lab("cookie") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   charon="cookie_threshold = 1")
        t.left.run("nft", "add table ip cut; add chain ip cut out { type "
                   "filter hook output priority 0; }; add rule ip cut out udp "
                   "dport 4500 drop")
        t.a.initiate("t", 1)
        t.a.terminate(ike="t")
        t.left.run("nft", "delete", "table", "ip", "cut")
        t.capture.stop()
        t.record()
        t.a.initiate("t")
        t.ping()
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_fragments(folder):
    """RFC 7383: messages in pieces of at most 300 bytes."""
    many = "-".join(["aes256", "aes128", "sha512", "sha384", "sha256", "sha1"])
    with Lab("fragments") as lab:
        t = Tunnel(lab, folder, "aes256-sha256-ecp256", many,
                   charon="fragment_size = 300")
        t.a.initiate("t")
        t.ping()
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_fragments_gcm(folder):
    many = "aes256gcm16-aes128gcm16-ecp256-ecp384-modp2048"
    with Lab("fragments") as lab:
        t = Tunnel(lab, folder, "aes256gcm16-prfsha256-ecp256", many,
                   charon="fragment_size = 200")
        t.a.initiate("t")
        t.ping()
        t.a.rekey(child="t")
        t.settle()
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_wrong_psk(folder):
    with Lab("psk") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   right={"psk": "another secret"})
        t.a.initiate("t")
        t.finish()


@scene
def ike_no_proposal_chosen(folder):
    with Lab("proposal") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   right={"ike": "aes256-sha512-modp2048"})
        t.a.initiate("t")
        t.finish(keys=False)


@scene
def ike_no_child_proposal_chosen(folder):
    with Lab("child") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   right={"esp": "aes256-sha512"})
        t.a.initiate("t")
        t.a.terminate(ike="t")
        t.finish()


@scene
def ike_ts(folder):
    """The responder narrows the selectors; then it accepts none."""
    with Lab("ts") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   right={"local_ts": "10.2.0.0/24",
                          "remote_ts": "10.1.0.0/16"},
                   left_conf={"local_ts": "10.1.0.0/24,10.9.0.0/24[tcp/80]",
                              "remote_ts": "10.2.0.0/16"})
        t.a.initiate("t")
        t.ping()
        t.a.terminate(ike="t")
        t.a.load(connection("t", LEFT, RIGHT, "a secret of both",
                            "aes128-sha256-ecp256", "aes128-sha256",
                            local_ts="10.77.0.0/24", remote_ts="10.88.0.0/24"))
        t.a.initiate("t")
        t.finish()


@scene
def ike_dpd_timeout(folder):
    """The peer falls silent: DPD is retransmitted until it is given up."""
    with Lab("dpd") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256",
                   left_conf={"dpd_delay": "1s"})
        t.a.initiate("t")
        t.ping()
        t.cable.cut()
        lab.wait(lambda: t.a.said("giving up after"), 40, "it is given up",
                 t.a.tail)
        t.finish()


@scene
def ike_rekey_collision(folder):
    """Both sides rekey at once (RFC 7296 2.8.1): the answers are held back
    until both have asked."""
    with Lab("collision") as lab:
        t = Tunnel(lab, folder, "aes128-sha256-ecp256", "aes128-sha256-ecp256")
        t.a.initiate("t")
        for kind in ({"child": "t"}, {"ike": "t"}):
            t.cable.cut()
            t.a.rekey(**kind)
            t.b.rekey(**kind)
            time.sleep(0.3)
            t.cable.mend()
            time.sleep(3)
        t.ping()
        t.a.terminate(ike="t")
        t.finish()


# ESP by scapy: raw, which no daemon makes on a kernel without ESP.

ESP_SUITES = [
    ("AES-CBC", 16, "HMAC-SHA1-96", 20), ("AES-CBC", 32, "SHA2-256-128", 32),
    ("AES-CBC", 16, "SHA2-384-192", 48), ("AES-CBC", 32, "SHA2-512-256", 64),
    ("AES-GCM", 20, "NULL", 0), ("AES-GCM", 36, "NULL", 0),
]
WIRESHARK_ESP = {
    "AES-CBC": "AES-CBC [RFC3602]",
    "AES-GCM": "AES-GCM with 16 octet ICV [RFC4106]",
    "HMAC-SHA1-96": "HMAC-SHA-1-96 [RFC2404]",
    "SHA2-256-128": "HMAC-SHA-256-128 [RFC4868]",
    "SHA2-384-192": "HMAC-SHA-384-192 [RFC4868]",
    "SHA2-512-256": "HMAC-SHA-512-256 [RFC4868]",
    "NULL": "NULL",
}


@scene
def esp_scapy(folder):
    """Each suite in tunnel mode: three datagrams of different lengths, of
    which AES-CBC pads each differently, and a TCP segment; one SA in UDP."""
    import logging
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.all import IP, TCP, UDP, Raw, wrpcap
    from scapy.layers.ipsec import ESP, SecurityAssociation
    packets, table = [], []
    for number, (cipher, size, mac, mac_size) in enumerate(ESP_SUITES):
        spi = 0x1000 + number
        key, mac_key = os.urandom(size), os.urandom(mac_size)
        udp = UDP(sport=4500, dport=4500) if number == 5 else None
        sa = SecurityAssociation(
            ESP, spi=spi, crypt_algo=cipher, crypt_key=key, auth_algo=mac,
            auth_key=mac_key or None, nat_t_header=udp, seq_num=number + 1,
            tunnel_header=IP(src=LEFT, dst=RIGHT))
        inner = IP(src="10.1.0.1", dst="10.2.0.1", id=number)
        plain = [inner / UDP(sport=5000, dport=6000) / Raw(b"x" * length)
                 for length in (0, 7, 1000)]
        plain.append(inner / TCP(sport=5000, dport=6001, flags="S"))
        packets += [IP(bytes(sa.encrypt(p))) for p in plain]
        table.append(f'"IPv4","{LEFT}","{RIGHT}","0x{spi:08x}",'
                     f'"{WIRESHARK_ESP[cipher]}","0x{key.hex()}",'
                     f'"{WIRESHARK_ESP[mac]}",'
                     f'"{"0x" + mac_key.hex() if mac_key else ""}"\n')
    for index, packet in enumerate(packets):
        packet.time = 1700000000 + index / 100
    wrpcap(f"{folder}/capture.pcap", packets, linktype=101)
    with open(f"{folder}/esp_sa", "w") as file:
        file.writelines(table)


# BGP and BFD: FRR on the left, BIRD (or OpenBGPD) on the right.

FRR = """\
router bgp {asn}
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart
 bgp graceful-restart restart-time 120
 neighbor 192.0.2.2 remote-as {peer}
 neighbor 192.0.2.2 timers 3 9
 neighbor 192.0.2.2 timers connect 1
 neighbor 192.0.2.2 advertisement-interval 0
 neighbor 192.0.2.2 ebgp-multihop 255
 {neighbour}
 address-family ipv4 unicast
  network 10.1.0.0/16 route-map out
  network 10.11.0.0/16 route-map prepended
  {family}
 exit-address-family
route-map out permit 10
 set community 7224:7300 7224:9300
 set large-community 4200000001:1:2
 set metric 42
route-map prepended permit 10
 set as-path prepend {asn} {asn} {asn}
"""

BIRD = """\
router id 192.0.2.2;
protocol device {{}}
protocol bfd {{ interface "eth0" {{ interval 300 ms; multiplier 3; }}; }}
protocol static here {{ ipv4; {routes} }}
protocol bgp peer {{
    local 192.0.2.2 as {asn}; neighbor 192.0.2.1 as {peer};
    hold time 9; connect delay time 1; error wait time 1, 2;
    graceful restart; {options}
    ipv4 {{
        import all; {channel}
        export filter {{ bgp_community.add((64512, 100));
                         bgp_ext_community.add((rt, 64512, 7));
                         bgp_path.prepend({asn}); bgp_med = 77; accept; }};
    }};
}}
"""
ONE_ROUTE = "route 10.2.0.0/16 blackhole;"


class Neighbours(Pair):
    def __init__(self, lab, folder, expression="tcp port 179", options="",
                 channel="", routes=ONE_ROUTE, neighbour="!", family="!",
                 bfd=False, frr_as=4200000001, frr_peer=65002):
        super().__init__(lab, folder, expression)
        self.config = {"asn": 65002, "peer": frr_as, "channel": channel,
                       "options": options, "routes": routes}
        self.record()
        self.frr = Frr(lab, self.left, FRR.format(
            asn=4200000001, peer=frr_peer, neighbour=neighbour, family=family),
            bfd=bfd)
        self.bird = Bird(lab, self.right, BIRD.format(**self.config))

    def reconfigure(self, **changes):
        self.config.update(changes)
        self.bird.reconfigure(BIRD.format(**self.config))

    def meet(self):
        self.lab.wait(lambda: self.frr.bgp_state(RIGHT) == "Established"
                      and self.frr.paths("10.2.0.0/16")
                      and self.bird.route("10.1.0.0/16"), 30, "they meet",
                      lambda: self.frr.summary() + self.bird.summary())


@scene
def bgp_routes(folder):
    """Attributes both ways, a withdrawal, route refresh from either side, and
    BIRD's goodbye."""
    with Lab("routes") as lab:
        n = Neighbours(lab, folder)
        n.meet()
        n.frr.show("clear ip bgp 192.0.2.2 soft in")
        n.bird.show("reload", "in", "peer")
        time.sleep(0.5)
        n.frr.configure("router bgp 4200000001", "address-family ipv4 unicast",
                        "no network 10.11.0.0/16")
        lab.wait(lambda: not n.bird.route("10.11.0.0/16"), 5, "a withdrawal")
        time.sleep(3)
        n.bird.show("disable", "peer")
        n.finish()


@scene
def bgp_many_routes(folder):
    """Updates that fill messages and span segments."""
    routes = ONE_ROUTE + "".join(
        f"route 172.{16 + i // 256}.{i % 256}.0/24 blackhole; "
        for i in range(2500))
    with Lab("many") as lab:
        n = Neighbours(lab, folder, routes=routes)
        n.meet()
        lab.wait(lambda: n.frr.paths("172.25.195.0/24"), 10, "all routes")
        n.finish()


@scene
def bgp_hold_expired(folder):
    with Lab("hold") as lab:
        n = Neighbours(lab, folder)
        n.meet()
        # What has data is lost on its way to FRR, bare acknowledgements are
        # not: or FRR's TCP, in retransmission, would not send its last word.
        n.left.run("nft", "add table netdev cut; add chain netdev cut in { "
                   "type filter hook ingress device eth0 priority 0; }; add "
                   "rule netdev cut in ip length > 60 drop")
        lab.wait(lambda: n.frr.bgp_state(RIGHT) != "Established", 20,
                 "FRR's hold timer", n.frr.summary)
        n.finish()


@scene
def bgp_shutdown_message(folder):
    """RFC 9003: cease, administrative shutdown, and why in words."""
    with Lab("shutdown") as lab:
        n = Neighbours(lab, folder)
        n.meet()
        n.frr.configure("router bgp 4200000001",
                        "neighbor 192.0.2.2 shutdown message "
                        "fibre work until 04:00")
        time.sleep(0.5)
        n.finish()


@scene
def bgp_reset(folder):
    """Cease, administrative reset, and the session comes back."""
    with Lab("reset") as lab:
        n = Neighbours(lab, folder)
        n.meet()
        n.frr.show("clear ip bgp 192.0.2.2")
        lab.wait(lambda: n.bird.bgp_state("peer") != "Established", 5, "down")
        n.meet()
        n.finish()


@scene
def bgp_max_prefix(folder):
    """Cease, maximum number of prefixes, with the family and the limit."""
    with Lab("max-prefix") as lab:
        n = Neighbours(lab, folder,
                       routes="".join(f"route 10.{i}.0.0/16 blackhole; "
                                      for i in range(2, 8)),
                       family="neighbor 192.0.2.2 maximum-prefix 2")
        lab.wait(lambda: "PfxCt" in n.frr.summary(), 20, "FRR has had enough",
                 n.frr.summary)
        n.finish()


@scene
def bgp_bad_peer_as(folder):
    """OPEN error, bad peer AS: FRR expects 65009."""
    with Lab("bad-as") as lab:
        n = Neighbours(lab, folder, frr_peer=65009)
        lab.wait(lambda: "Bad peer AS" in n.bird.show("show protocols all peer")
                 or "OPEN" in n.frr.show("show bgp neighbors"), 20, "refused")
        time.sleep(2)
        n.finish()


OPENBGPD = """\
AS 4200000003
router-id 192.0.2.2
fib-update no
network 10.2.0.0/16 set { community 65003:1 metric 5 }
neighbor 192.0.2.1 {
    remote-as 65001
    announce IPv6 none
    announce restart yes
    holdtime 9
}
allow to any
allow from any
"""


@scene
def bgp_openbgpd(folder):
    """OpenBGPD and FRR, with a route refresh and a last word."""
    with Lab("openbgpd") as lab:
        p = Pair(lab, folder, "tcp port 179")
        p.record()
        frr = Frr(lab, p.left, FRR.format(
            asn=65001, peer=4200000003, neighbour="!", family="!"))
        time.sleep(2)  # FRR resets its peers when it reads of restarts
        third = OpenBgpd(lab, p.right, OPENBGPD)
        lab.wait(lambda: frr.paths("10.2.0.0/16") and third.paths(
            "10.1.0.0/16"), 40, "they meet", third.summary)
        third.control("neighbor", LEFT, "refresh")
        time.sleep(0.5)
        third.control("neighbor", LEFT, "down", "see you")
        p.finish()


@scene
def bfd_up_poll_down(folder):
    """Up, intervals changed by a poll sequence, a silent cut, up again, and
    administratively down."""
    with Lab("bfd") as lab:
        n = Neighbours(lab, folder, "udp port 3784", options="bfd;", bfd=True,
                       neighbour="no neighbor 192.0.2.2 ebgp-multihop 255\n"
                       " neighbor 192.0.2.2 bfd 3 300 300")

        def up():
            return (n.frr.bfd_state(RIGHT) == "up"
                    and n.bird.bfd_state(LEFT) == "Up")
        n.meet()
        lab.wait(up, 20, "BFD is up", n.frr.summary)
        n.frr.configure("router bgp 4200000001",
                        "neighbor 192.0.2.2 bfd 4 500 400")
        time.sleep(3)
        n.cable.cut()
        lab.wait(lambda: n.frr.bfd_state(RIGHT) == "down", 10, "detected",
                 n.frr.summary)
        n.cable.mend()
        n.meet()
        lab.wait(up, 20, "up again", n.frr.summary)
        n.bird.show("disable", "peer")
        time.sleep(1)
        n.finish()


# What tshark, which neither made nor will read them for us, says of them.

CHECKED = ["frame.number", "frame.protocols", "isakmp.exchangetype",
           "isakmp.enc.decrypted", "isakmp.frag.last", "esp.icv_good",
           "_ws.malformed", "_ws.expert.message", "isakmp.notify.msgtype",
           "bgp.type", "bgp.notify.major_error", "bfd.sta", "esp"]


def hold_against_tshark(name):
    folder = os.path.join(HERE, name)
    keys = folder if os.path.exists(f"{folder}/esp_sa") else None
    if keys is None:
        # No tables of the user's own.
        keys = tempfile.mkdtemp()
    seen = collections.Counter()
    frames = fields(f"{folder}/capture.pcap", *CHECKED, keys=keys)
    check(frames, f"{name} has packets")
    for f in frames:
        protocols = f["frame.protocols"].split(":")
        where = f"{name} frame {f['frame.number']}"
        check(not f["_ws.malformed"], f"{where} is malformed", protocols)
        check("incorrect" not in f["_ws.expert.message"], where,
              f["_ws.expert.message"])
        if "esp" in protocols:
            check(f["esp.icv_good"] == "1", f"{where}: ESP opens", f)
            seen["esp"] += 1
        if f["isakmp.exchangetype"]:
            if f["isakmp.exchangetype"] != "34":
                check(f["isakmp.enc.decrypted"], f"{where}: IKE opens", f)
            seen[f"ike {f['isakmp.exchangetype']}"] += 1
        for field in ("isakmp.notify.msgtype", "bgp.type", "bfd.sta",
                      "bgp.notify.major_error"):
            for value in filter(None, f[field].split("|")):
                seen[f"{field.split('.', 1)[1]} {value}"] += 1
    size = os.path.getsize(f"{folder}/capture.pcap")
    print(f"{name}: {len(frames)} packets, {size} bytes:",
          ", ".join(f"{n} x {what}" for what, n in sorted(seen.items())),
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    failed = False
    for name in options.names or SCENES:
        folder = os.path.join(HERE, name)
        try:
            if not options.check:
                os.makedirs(folder, exist_ok=True)
                SCENES[name](folder)
            hold_against_tshark(name)
        except Failure as reason:
            print(f"FAIL {name}: {reason}", flush=True)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
