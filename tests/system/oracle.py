"""Who reaches whom, which way and whether encrypted: from the INI file alone.

This is AWS's rules written down a second time, as a search over a small graph,
without a look at the program's routers. It knows no packets and no protocol:

- a *channel* is a way between the site and AWS that can be used or not: a
  private virtual interface, a tunnel of a VPN. It crosses *media* (a virtual
  interface's fibre, the internet, a tunnel's own edge); it is usable while none
  of them is broken in either direction, for BGP and IKE need both;
- for each direction there is an order among the usable channels, AWS's or the
  customer gateway's. What the order leaves open is open here as well: the
  answer is the set of channels among which the choice is free;
- a fault breaks media from one instant to another. From then until detection,
  propagation and tables must be through, nothing is claimed; likewise until
  whatever comes back must be there again.

So a run is cut into *steady* spans, each with the set of channels that traffic
may take in either direction, or none: then nothing may arrive.
"""

import configparser
import ipaddress
import re
from typing import NamedTuple

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}

# Direct Connect user guide, "Local preference BGP communities": without one it
# counts as medium.
COMMUNITIES = {"7224:7100": 1, "7224:7200": 2, "7224:7300": 3}

# AWS keeps a VPN's two tunnels apart towards the customer by MED.
TUNNEL_MED = {1: 100, 2: 200}

DIRECTIONS = ("to-aws", "to-onprem")

# What a fault breaks altogether while it lasts. Of the others, but for one
# (see faults()), nothing is claimed until they are over and all is back.
BREAKS = {"link-down", "blackhole", "bgp-admin-down", "ike-psk-mismatch",
          "node-crash"}

# Bounds of what the oracle waits for, in seconds. Coming back: RFC 4271's
# ConnectRetry of 120 s may just have begun when the way comes back, and an idle
# hold of as much before it; a strongSwan gives up on AWS after 165 s and begins
# anew; Cisco's and AWS's are shorter.
SLACK = 2.0
BGP_AGAIN = 250.0
IKE_AGAIN = 180.0
# Without BGP only dead peer detection finds a tunnel gone, and a strongSwan takes
# 10 s and 165 s for it.
IKE_GONE = 175.0 + 40.0
CARRIER = 0.1


def seconds(text):
    match = re.fullmatch(r"([0-9.]+)\s*([a-z]*)", text)
    return float(match[1]) * UNITS[match[2] or "s"]


def read(text):
    """The groups of an INI file, as written: {("dx", "primary"): {...}}."""
    parser = configparser.ConfigParser(
        delimiters=("=",), comment_prefixes=("#",), interpolation=None,
        strict=True)
    parser.optionxform = str
    parser.read_string(text)
    groups = {}
    for group in parser.sections():
        kind, _, name = group.partition(" ")
        groups[kind, name or kind] = dict(parser[group])
    return groups


class Channel(NamedTuple):
    name: str  # as its link behind AWS's endpoint: "primary", "backup.tunnel1"
    media: frozenset
    clear: frozenset  # links on which its packets are readable
    dead: bool  # never comes up
    # What AWS hears of the site by it, and how AWS ranks that among prefixes of
    # one length: the lowest is taken.
    heard: tuple
    rank: tuple
    # What the customer gateway hears of AWS, and likewise; then what counts
    # only among routes of one neighbouring AS.
    told: tuple
    customer_rank: tuple
    neighbour: str
    med: int
    hold: float  # BGP's, where nothing is sooner; else 0
    detection: float  # until both sides have given it up, in a cut both ways
    again: float  # until it is usable once more


class Fault(NamedTuple):
    begin: float
    end: float
    broken: frozenset  # (medium, direction of traffic)
    one_way: bool
    claimed: bool  # while it lasts


class Span(NamedTuple):
    begin: float
    end: float
    broken: frozenset
    allowed: dict  # direction: the channels among which the choice is free


def networks(text):
    return tuple(ipaddress.ip_network(p.strip()) for p in text.split(","))


def longest(prefixes, address):
    """The length of the longest of PREFIXES with ADDRESS in it, or None."""
    return max((p.prefixlen for p in prefixes if address in p), default=None)


def pair(keys):
    return [name.strip() for name in keys["between"].split(",")]


class Oracle:
    def __init__(self, text):
        self.groups = read(text)
        self.channels = []
        settings = self.groups["scenario", "scenario"]
        self.duration = seconds(settings.get("duration", "300s"))
        self.warmup = seconds(settings.get("warmup", "20s"))
        database = self.of("database")[0][1]
        self.cidr = self.groups["vpc", database["client"]]["cidr"]
        self.prefix = self.groups["onprem", database["server"]]["prefix"]
        for name, keys in self.of("dx"):
            if keys.get("vif", "private") != "public":
                self.channels.append(self.interface(name, keys))
        for name, keys in self.of("vpn"):
            for number in range(1, int(keys.get("tunnels", "2")) + 1):
                self.channels.append(self.tunnel(name, keys, number))

    def of(self, kind):
        return [(name, keys) for (k, name), keys in self.groups.items()
                if k == kind]

    # Channels

    def gateway(self):
        """The one gateway, whether a virtual private or a transit one."""
        return self.of("gateway")[0][1]

    def is_transit(self):
        return self.gateway().get("type", "vgw") == "tgw"

    def convergence(self):
        """From the detection to tables that say so, on the slower side; once
        more through a Direct Connect gateway."""
        once = seconds(self.gateway().get("convergence", "100ms"))
        return 2 * once + 0.2 + SLACK

    def heard(self, keys):
        return networks(keys.get("announce", self.prefix))

    def told_by_dx(self, keys):
        """Of a Direct Connect gateway's association with a virtual private
        gateway the allowed prefixes are a filter, with a transit gateway they
        are what is announced (Direct Connect guide, "Allowed prefixes
        interactions")."""
        far = pair(keys)[1]
        if ("dxgw", far) not in self.groups:
            return networks(self.cidr)
        told = []
        for _, association in self.of("association"):
            if far not in pair(association):
                continue
            allowed = association.get("allowed-prefixes")
            if self.is_transit():
                told += networks(allowed)
            elif allowed is None or any(
                    networks(self.cidr)[0].subnet_of(a)
                    for a in networks(allowed)):
                told += networks(self.cidr)
        return tuple(told)

    @staticmethod
    def customer_gateway(keys):
        return pair(keys)[0] + (".gateway2" if keys.get("router") == "2"
                                else ".gateway")

    def interface(self, name, keys):
        hold = min(seconds(keys.get("hold", "90s")),
                   seconds(keys.get("aws.hold", "90s")))
        detection = hold
        if keys.get("bfd", "off") != "off":
            interval, times = keys["bfd"].split(" x ")
            detection = (max(seconds(interval), seconds("300ms"))
                         * max(int(times), 3))
        converge = self.convergence()
        community = COMMUNITIES.get(keys.get("communities"), 2)
        return Channel(
            name=name,
            media=frozenset([name, f"{name}.aws",
                             self.customer_gateway(keys)]),
            clear=frozenset([name] if keys.get("macsec", "off") == "off"
                            else []),
            dead=False,
            heard=self.heard(keys),
            # Direct Connect before any VPN, on either gateway; among several
            # interfaces the community, the path, then the MED.
            rank=(0, -community, int(keys.get("prepend", "0")),
                  int(keys.get("med", "0"))),
            told=self.told_by_dx(keys),
            customer_rank=(-int(keys.get("local-preference", "200")), 1, 0),
            neighbour=pair(keys)[1], med=int(keys.get("aws.med", "0")),
            hold=hold if detection == hold else 0,
            detection=detection + converge, again=BGP_AGAIN + converge)

    def tunnel(self, name, keys, number):
        underlay = keys.get("underlay", "internet")
        edge = f"{name}.tunnel{number}"
        hold = min(seconds(keys.get("hold", "30s")),
                   seconds(keys.get("aws.hold", "30s")))
        psk = keys.get(f"tunnel{number}.psk")
        theirs = keys.get(f"tunnel{number}.cgw-psk", psk)
        again = IKE_AGAIN + BGP_AGAIN
        if underlay != "internet":
            # The way to the endpoint has to be learned first.
            again += BGP_AGAIN
        converge = self.convergence()
        heard = self.heard(keys)
        static = keys.get("routing", "bgp") == "static"
        if static:
            heard = networks(keys.get("static-routes", self.prefix))
            hold = IKE_GONE
        return Channel(
            name=edge,
            media=frozenset([underlay, f"{underlay}.aws", edge, f"{edge}.aws",
                             self.customer_gateway(keys)]),
            clear=frozenset(), dead=psk != theirs,
            heard=heard,
            # A transit gateway takes a VPN's route without MED for one of 100.
            rank=(1 if static else 2, 0, int(keys.get("prepend", "0")),
                  int(keys.get("med", "0"))
                  or (100 if self.is_transit() else 0)),
            told=networks(self.cidr),
            # A static route counts before one of BGP with the same preference.
            # What a transit gateway tells a VPN has origin EGP.
            customer_rank=(-int(keys.get("local-preference", "100")),
                           0 if static else 1, int(self.is_transit())),
            neighbour=pair(keys)[1],
            # A transit gateway sends the same MED in all tunnels.
            med=100 if self.is_transit() else int(
                keys.get(f"tunnel{number}.med", TUNNEL_MED[number])),
            hold=hold, detection=hold + converge, again=again + converge)

    # Faults

    def broken_media(self, target):
        """The media that a fault of this target breaks."""
        if ("vpn", target) in self.groups:
            return frozenset(f"{target}.tunnel{i}" for i in (1, 2))
        return frozenset([target])

    def faults(self):
        for _, keys in self.of("fault"):
            begin = seconds(keys["at"])
            length = keys.get("for", "forever")
            end = (float("inf") if length == "forever"
                   else begin + seconds(length))
            # What the customer no longer announces, AWS cannot send there; the
            # other direction stays.
            action = keys["action"]
            directions = (("to-onprem",) if action == "withdraw"
                          else DIRECTIONS)
            yield Fault(begin, end, frozenset(
                (medium, direction)
                for medium in self.broken_media(keys["target"])
                for direction in directions),
                keys.get("direction", "both") != "both",
                action in BREAKS or action == "withdraw")

    def touched(self, fault):
        media = {medium for medium, _ in fault.broken}
        return [c for c in self.channels if c.media & media]

    @staticmethod
    def detection(channel, one_way):
        """The side that hears nothing gives up within its hold time. The other
        one hears until then; its acknowledgements are lost, so TCP on the
        first side waits for them with whatever it has to say, the NOTIFICATION
        too. Then the other side waits for its own hold time."""
        return channel.detection + (channel.hold if one_way else 0)

    def unsettled(self):
        """Spans of time in which nothing is claimed."""
        yield 0.0, self.warmup
        for fault in self.faults():
            touched = self.touched(fault)
            yield fault.begin, fault.begin + max(
                [self.detection(c, fault.one_way) for c in touched] + [SLACK])
            if not fault.claimed:
                yield fault.begin, min(fault.end, self.duration)
            if fault.end < self.duration:
                yield fault.end, fault.end + max([c.again for c in touched]
                                                 + [SLACK])
        # Requests and probes stop two seconds before the end.
        yield self.duration - 4.0, self.duration

    # The answer

    def usable(self, broken, direction):
        return [c for c in self.channels if not c.dead
                and not any((m, direction) in broken for m in c.media)]

    def to_onprem(self, broken):
        """The longest prefix first, whatever it is by."""
        server = networks(self.prefix)[0][10]
        ranked = [((-longest(c.heard, server), *c.rank), c.name)
                  for c in self.usable(broken, "to-onprem")
                  if longest(c.heard, server) is not None]
        return frozenset(n for r, n in ranked if r == min(ranked)[0])

    def to_aws(self, broken):
        client = networks(self.cidr)[0][10]
        ranked = [((-longest(c.told, client), *c.customer_rank), c)
                  for c in self.usable(broken, "to-aws")
                  if longest(c.told, client) is not None]
        best = [c for r, c in ranked if r == min(r for r, _ in ranked)]
        # RFC 4271 9.1.2.2 c: MED counts among routes of one neighbouring AS.
        return frozenset(c.name for c in best if c.med == min(
            x.med for x in best if x.neighbour == c.neighbour))

    def allowed(self, broken):
        return {"to-onprem": self.to_onprem(broken),
                "to-aws": self.to_aws(broken)}

    def spans(self):
        """The steady spans, in order."""
        unsettled = sorted(self.unsettled())
        instant = 0.0
        for begin, end in unsettled + [(self.duration, self.duration)]:
            if begin > instant:
                broken = frozenset().union(
                    *(f.broken for f in self.faults()
                      if f.begin <= instant < f.end))
                yield Span(instant, begin, broken, self.allowed(broken))
            instant = max(instant, end)

    def readable_links(self):
        """Untrusted links on which a protected byte may ever be seen."""
        return frozenset().union(*(c.clear for c in self.channels))

    def readable_for_sure(self):
        """Those on which some must be seen: a steady span leaves no choice."""
        links = set()
        clear = {c.name: c.clear for c in self.channels}
        for span in self.spans():
            for channels in span.allowed.values():
                if channels and span.end - span.begin > 5:
                    links |= frozenset.intersection(
                        *(clear[name] for name in channels))
        return links
