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
import re
from typing import NamedTuple

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}

# Direct Connect user guide, "Local preference BGP communities": without one it
# counts as medium.
COMMUNITIES = {"7224:7100": 1, "7224:7200": 2, "7224:7300": 3}

# AWS keeps a VPN's two tunnels apart towards the customer by MED.
TUNNEL_MED = {1: 100, 2: 200}

DIRECTIONS = ("to-aws", "to-onprem")

# Bounds of what the oracle waits for, in seconds. Coming back: RFC 4271's
# ConnectRetry of 120 s may just have begun when the way comes back, and an idle
# hold of as much before it; a strongSwan gives up on AWS after 165 s and begins
# anew; Cisco's and AWS's are shorter.
SLACK = 2.0
BGP_AGAIN = 250.0
IKE_AGAIN = 180.0
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
    to_onprem: tuple  # AWS's order: the lowest is taken
    to_aws: tuple  # the customer gateway's
    dead: bool  # never comes up
    hold: float  # BGP's, where nothing is sooner; else 0
    detection: float  # until both sides have given it up, in a cut both ways
    again: float  # until it is usable once more


class Span(NamedTuple):
    begin: float
    end: float
    broken: frozenset
    allowed: dict  # direction: the channels among which the choice is free


class Oracle:
    def __init__(self, text):
        self.groups = read(text)
        self.channels = []
        self.duration = seconds(self.groups["scenario", "scenario"]
                                .get("duration", "300s"))
        self.warmup = seconds(self.groups["scenario", "scenario"]
                              .get("warmup", "20s"))
        for name, keys in self.of("dx"):
            if keys.get("vif", "private") == "private":
                self.channels.append(self.private(name, keys))
        for name, keys in self.of("vpn"):
            for number in range(1, int(keys.get("tunnels", "2")) + 1):
                self.channels.append(self.tunnel(name, keys, number))

    def of(self, kind):
        return [(name, keys) for (k, name), keys in self.groups.items()
                if k == kind]

    # Channels

    def convergence(self, keys):
        """From the detection to tables that say so, on the slower side."""
        gateway = self.groups["gateway", keys["between"].split(",")[1].strip()]
        return seconds(gateway.get("convergence", "100ms")) + 0.1 + SLACK

    def private(self, name, keys):
        hold = min(seconds(keys.get("hold", "90s")),
                   seconds(keys.get("aws.hold", "90s")))
        detection = hold
        if keys.get("bfd", "off") != "off":
            interval, times = keys["bfd"].split(" x ")
            detection = (max(seconds(interval), seconds("300ms"))
                         * max(int(times), 3))
        converge = self.convergence(keys)
        community = COMMUNITIES.get(keys.get("communities"), 2)
        return Channel(
            name=name, media=frozenset([name]), clear=frozenset([name]),
            # VGW: Direct Connect before any VPN; among several the community,
            # the path, then the MED.
            to_onprem=(0, -community, int(keys.get("prepend", "0")),
                       int(keys.get("med", "0"))),
            to_aws=(-int(keys.get("local-preference", "200")),
                    int(keys.get("aws.med", "0"))),
            dead=False, hold=hold if detection == hold else 0,
            detection=detection + converge,
            again=BGP_AGAIN + converge)

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
        converge = self.convergence(keys)
        return Channel(
            name=edge, media=frozenset([underlay, edge]), clear=frozenset(),
            to_onprem=(2, 0, int(keys.get("prepend", "0")),
                       int(keys.get("med", "0"))),
            to_aws=(-int(keys.get("local-preference", "100")),
                    int(keys.get(f"tunnel{number}.med",
                                 TUNNEL_MED[number]))),
            dead=psk != theirs, hold=hold, detection=hold + converge,
            again=again + converge)

    # Faults

    def broken_media(self, target):
        """The media that a fault of this target breaks."""
        if ("vpn", target) in self.groups:
            return frozenset(f"{target}.tunnel{i}" for i in (1, 2))
        return frozenset([target])

    def faults(self):
        """(begin, end, media, one way only) of each; it may not end."""
        for name, keys in self.of("fault"):
            begin = seconds(keys["at"])
            length = keys.get("for", "forever")
            end = (float("inf") if length == "forever"
                   else begin + seconds(length))
            yield (begin, end, self.broken_media(keys["target"]),
                   keys.get("direction", "both") != "both")

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
        for begin, end, media, one_way in self.faults():
            touched = [c for c in self.channels if c.media & media]
            yield begin, begin + max([self.detection(c, one_way)
                                      for c in touched] + [SLACK])
            if end < self.duration:
                yield end, end + max([c.again for c in touched] + [SLACK])
        # Requests and probes stop two seconds before the end.
        yield self.duration - 4.0, self.duration

    # The answer

    def allowed(self, broken):
        usable = [c for c in self.channels
                  if not c.dead and not c.media & broken]
        answer = {}
        for direction, order in (("to-onprem", lambda c: c.to_onprem),
                                 ("to-aws", lambda c: c.to_aws)):
            best = min((order(c) for c in usable), default=None)
            answer[direction] = frozenset(c.name for c in usable
                                          if order(c) == best)
        return answer

    def spans(self):
        """The steady spans, in order."""
        unsettled = sorted(self.unsettled())
        instant = 0.0
        for begin, end in unsettled + [(self.duration, self.duration)]:
            if begin > instant:
                broken = frozenset().union(
                    *(media for b, e, media, _ in self.faults()
                      if b <= instant < e))
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
