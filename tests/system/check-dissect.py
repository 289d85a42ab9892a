#!/usr/bin/env python3
"""Holds `hybridsim dissect` against tshark, message by message and field by
field.

Of each capture both tell every BGP, BFD, IKE and ESP message. Our field names
are tshark's where it has one, so whatever has the same name must have the same
values, in the same order: AS paths, prefixes, intervals, SPIs, transforms,
notifies, what came out of ESP and of SK payloads, whether the ICV is right. A
field that a decoder cannot do without must be there on both sides.

The captures are those of real daemons (tests/captures), with the keys that lie
beside them and without, and of our own runs. Of those each link has a file, for
tshark would take a packet's next link for a retransmission.

    check-dissect.py [CAPTURE[=FOLDER_OF_KEYS]]...
"""

import collections
import functools
import glob
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, TOP_SRCDIR, Checks, in_parallel, run, temporary_folder

TSHARK = os.environ.get("TSHARK", "tshark")
DECRYPT = ["-o", "esp.enable_encryption_decode:TRUE",
           "-o", "esp.enable_authentication_check:TRUE",
           "-o", "nameres.network_name:FALSE",
           # So that it does not dissect what is sent again, either.
           "-o", "tcp.analyze_sequence_numbers:TRUE"]
PROTOCOLS = {"bgp": "bgp", "bfd": "bfd", "isakmp": "ike", "esp": "esp"}

# What a message must show on both sides if tshark shows it.
MUST = set("""
bgp.type bgp.length bgp.open.version bgp.open.myas bgp.open.holdtime
bgp.open.identifier bgp.cap.type bgp.cap.length bgp.cap.mp.afi bgp.cap.mp.safi
bgp.cap.4as bgp.cap.gr.timers.restart_flag bgp.cap.gr.timers.restart_time
bgp.cap.gr.afi bgp.cap.gr.flag.pfs bgp.cap.ap.afi bgp.cap.ap.sendreceive
bgp.cap.orf.fqdn.hostname
bgp.update.withdrawn_routes.length bgp.update.path_attributes.length
bgp.update.path_attribute.flags bgp.update.path_attribute.type_code
bgp.update.path_attribute.length bgp.update.path_attribute.origin
bgp.update.path_attribute.as_path_segment.type
bgp.update.path_attribute.as_path_segment.as4
bgp.update.path_attribute.as_path_segment.as2
bgp.update.path_attribute.next_hop
bgp.update.path_attribute.multi_exit_disc
bgp.update.path_attribute.local_pref bgp.update.path_attribute.aggregator_as
bgp.update.path_attribute.aggregator_origin
bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6
bgp.update.path_attribute.mp_reach_nlri.afi
bgp.update.path_attribute.mp_unreach_nlri.afi
bgp.notify.major_error bgp.notify.minor_error_cease
bgp.notify.minor_error_open bgp.notify.minor_error_update
bgp.notify.minor_error_expired bgp.notify.communication
bgp.route_refresh.afi bgp.route_refresh.safi bgp.route_refresh.subtype
bgp.nlri_path_id
bfd.version bfd.diag bfd.sta bfd.flags bfd.flags.p bfd.flags.f bfd.flags.c
bfd.flags.a bfd.flags.d bfd.flags.m bfd.detect_time_multiplier
bfd.message_length bfd.my_discriminator bfd.your_discriminator
bfd.desired_min_tx_interval bfd.required_min_rx_interval
bfd.required_min_echo_interval
isakmp.ispi isakmp.rspi isakmp.nextpayload isakmp.version isakmp.exchangetype
isakmp.flags isakmp.flag_i isakmp.flag_r isakmp.messageid isakmp.length
isakmp.typepayload isakmp.criticalpayload isakmp.payloadlength
isakmp.prop.number isakmp.prop.protoid isakmp.prop.transforms isakmp.spi
isakmp.tf.type isakmp.tf.id.encr isakmp.tf.id.prf isakmp.tf.id.integ
isakmp.tf.id.dh isakmp.tf.id.esn isakmp.ike2.attr.key_length
isakmp.key_exchange.dh_group isakmp.key_exchange.data isakmp.nonce
isakmp.id.type isakmp.auth.method isakmp.auth.data isakmp.notify.protoid
isakmp.notify.msgtype isakmp.notify.data isakmp.delete.protoid isakmp.spinum
isakmp.delete.spi isakmp.ts.number isakmp.ts.protoid isakmp.ts.start_port
isakmp.ts.end_port isakmp.ts.start_ipv4 isakmp.ts.end_ipv4
isakmp.frag.number isakmp.frag.total
esp.spi esp.sequence esp.iv esp.icv esp.icv_good esp.pad_len esp.protocol
esp.contained_data
""".split())

# Both have the name, but not for the same.
NOT_ALIKE = {
    "bgp.update.path_attribute.communities",  # compared as pairs below
    "bgp.large_communities", "bgp.ext_communities",
    "bgp.withdrawn_prefix", "bgp.update.withdrawn_routes",
    "bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix",
    "bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv6_prefix",
    "isakmp.enc.decrypted",
    # tshark has it for the IKE header and for each payload; ours is the first.
    "isakmp.nextpayload",
}

PREFIXES = {
    "bgp.nlri_prefix": "bgp.update.nlri",
    "bgp.withdrawn_prefix": "bgp.update.withdrawn_routes",
    "bgp.mp_reach_nlri_ipv4_prefix": "bgp.mp_reach_nlri_ipv4_prefix",
    "bgp.mp_reach_nlri_ipv6_prefix": "bgp.mp_reach_nlri_ipv6_prefix",
    "bgp.mp_unreach_nlri_ipv4_prefix": "bgp.mp_unreach_nlri_ipv4_prefix",
    "bgp.mp_unreach_nlri_ipv6_prefix": "bgp.mp_unreach_nlri_ipv6_prefix",
}


def field_types():
    """tshark's name of a field -> its type."""
    lines = subprocess.run([TSHARK, "-G", "fields"], text=True,
                           capture_output=True, check=True).stdout
    types = {}
    for line in lines.splitlines():
        parts = line.split("\t")
        if parts[0] == "F":
            types[parts[2]] = parts[3]
    return types


TYPES = field_types()


class Theirs:
    """One message of tshark's."""

    def __init__(self, proto):
        self.protocol = PROTOCOLS[proto.get("name")]
        self.fields = collections.defaultdict(list)
        self.prefixes = collections.defaultdict(list)
        self.communities, self.large = [], []
        self.walk(proto)

    def walk(self, element):
        here = {}
        for field in element:
            name = field.get("name", "")
            here[name] = field
            kind = TYPES.get(name)
            # Proposals and transforms have that name too.
            payload = name not in ("isakmp.typepayload",
                                   "isakmp.payloadlength")
            if name == "isakmp.typepayload":
                payload = any(f.get("name") == "isakmp.criticalpayload"
                              for f in field)
            if name == "isakmp.payloadlength":
                payload = "isakmp.criticalpayload" in here
            if kind and payload:
                self.fields[name].append(self.value(kind, field))
            self.walk(field)
        self.collect(here)

    def collect(self, here):
        for name, ours in PREFIXES.items():
            length = here.get("bgp.prefix_length")
            if name in here and length is not None:
                self.prefixes[ours].append(
                    "%s/%s" % (here[name].get("show"), length.get("show")))
        if "bgp.update.path_attribute.community_value" in here:
            self.communities.append("%s:%s" % (
                here["bgp.update.path_attribute.community_as"].get("show"),
                here["bgp.update.path_attribute.community_value"].get("show")))
        if "bgp.large_communities.ga" in here:
            self.large.append(":".join(
                here["bgp.large_communities." + part].get("show")
                for part in ("ga", "ldp1", "ldp2")))

    @staticmethod
    def value(kind, field):
        show = field.get("show")
        if kind == "FT_BYTES":
            return field.get("value", "")
        if kind.startswith("FT_UINT") or kind == "FT_BOOLEAN":
            return int(show, 0) if show not in ("True", "False") else \
                int(show == "True")
        return show


class Ours:
    def __init__(self, line):
        self.message = json.loads(line)
        self.protocol = self.message["protocol"]
        self.fields = collections.defaultdict(list)
        self.walk(self.message["fields"])

    def walk(self, group):
        for name, value in group.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    self.walk(item)
                else:
                    self.fields[name].append(self.value(name, item))

    @staticmethod
    def value(name, item):
        kind = TYPES.get(name, "")
        if isinstance(item, bool):
            return int(item)
        if kind.startswith("FT_UINT") and isinstance(item, str):
            return int(item, 0)
        return item


def dissected(capture, keys):
    command = [PROGRAM, "dissect", "--json", capture]
    if keys:
        command += ["--keys", keys]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr))
    frames = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        message = Ours(line)
        # tshark has no protocol for it.
        if "udpencap.nat_keepalive" not in message.fields:
            frames[message.message["frame"]].append(message)
    return frames


def tsharked(capture, keys):
    environment = dict(os.environ, LC_ALL="C.UTF-8")
    environment["WIRESHARK_CONFIG_DIR"] = keys or "/nonexistent"
    process = subprocess.Popen(
        [TSHARK, "-r", capture, "-T", "pdml", "-Y", "bgp || bfd || isakmp || esp || tcp.port == 179"]
        + DECRYPT, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    frames, retransmissions = {}, set()
    for _, element in xml.etree.ElementTree.iterparse(process.stdout):
        if element.tag != "packet":
            continue
        number, messages, again = None, [], False
        for proto in element.iter("proto"):
            if proto.get("name") == "frame":
                number = int(next(f.get("show") for f in proto
                                  if f.get("name") == "frame.number"))
            # What an ICMP error quotes was not sent here.
            elif proto.get("name") in ("icmp", "icmpv6"):
                break
            elif proto.get("name") == "tcp":
                again |= any(f.get("name") == "tcp.analysis.retransmission"
                             for f in proto.iter("field"))
            # A segment whose message is complete later has no type yet.
            elif proto.get("name") in PROTOCOLS and any(
                    f.get("name") in ("bgp.type", "bfd.sta", "isakmp.ispi",
                                      "esp.spi") for f in proto):
                messages.append(Theirs(proto))
        frames[number] = messages
        if again:
            retransmissions.add(number)
        element.clear()
    if process.wait():
        raise RuntimeError("tshark: exit %d" % process.returncode)
    return frames, retransmissions


def compare_message(checks, where, ours, theirs):
    where = "%s %s" % (where, ours.message["info"][:60])
    checks.equal(ours.protocol, theirs.protocol, "protocol", where)
    for name in sorted(set(ours.fields) | (set(theirs.fields) & MUST)):
        if name not in TYPES or TYPES[name] == "FT_NONE" or name in NOT_ALIKE:
            continue
        expected = theirs.fields.get(name, [])
        got = ours.fields.get(name, [])
        if name == "isakmp.notify.data":  # tshark has empty ones as well
            expected = [value for value in expected if value]
        checks.equal(got, expected, name, where)
    for name in PREFIXES.values():
        checks.equal(ours.fields.get(name, []), theirs.prefixes[name],
                     "prefixes", where)
    communities = ours.fields.get("bgp.update.path_attribute.communities", [])
    checks.equal([c for c in communities if ":" in c], theirs.communities,
                 "communities", where)
    checks.equal(ours.fields.get("bgp.large_communities", []), theirs.large,
                 "large communities", where)


def compare(checks, name, capture, keys):
    ours = dissected(capture, keys)
    theirs, retransmissions = tsharked(capture, keys)
    # What was lost in front of the place of capture, and is seen once only when
    # it is sent again, tshark takes for a retransmission; we dissect it.
    for number in retransmissions:
        if [m.protocol for m in theirs[number]] == [
                m.protocol for m in ours.get(number, [])
                if m.protocol != "bgp"]:
            ours[number] = [m for m in ours.get(number, [])
                            if m.protocol != "bgp"]
    ours = {number: messages for number, messages in ours.items() if messages}
    theirs = {number: messages for number, messages in theirs.items() if messages}
    checks.equal(sorted(ours), sorted(theirs), "frames with messages", name)
    for number in sorted(set(ours) & set(theirs)):
        where = "%s #%d" % (name, number)
        if not checks.equal([m.protocol for m in ours[number]],
                            [m.protocol for m in theirs[number]],
                            "messages of a frame", where):
            continue
        for one, other in zip(ours[number], theirs[number]):
            compare_message(checks, where, one, other)


SMALL = ["scenario.duration=40s", "scenario.warmup=5s",
         "fault cut.at=12s..13s", "fault cut.for=10s",
         "database orders.rate=5/s", "probe.interval=500ms"]


def own_runs(folder, name, sets):
    """The captures of each link, by name, and the keys."""
    result = run(name, folder, sets=SMALL + ["capture.per-link=yes"] + sets,
                 capture=True)
    files = sorted(set(glob.glob(os.path.join(result.folder, "**", "*.pcap"),
                                 recursive=True)))
    return [(f"{name} {os.path.basename(file)}", file,
             os.path.join(result.folder, "wireshark")) for file in files]


def main():
    checks = Checks()
    # captures named on the command line: FILE, or FILE=KEYS
    if len(sys.argv) > 1:
        for argument in sys.argv[1:]:
            capture, _, keys = argument.partition("=")
            compare(checks, argument, capture, keys)
        checks.finish({"protocol": 1})
    jobs = []
    for capture in sorted(glob.glob(os.path.join(
            TOP_SRCDIR, "tests", "captures", "*", "capture.pcap"))):
        folder = os.path.dirname(capture)
        name = os.path.basename(folder)
        if name.startswith("postgres-"):
            continue  # the database's, for the replay: none of our protocols
        if glob.glob(os.path.join(folder, "esp_sa")) + glob.glob(
                os.path.join(folder, "ikev2_decryption_table")):
            jobs.append((name, capture, folder))
        jobs.append((name + " without keys", capture, None))
    with temporary_folder() as folder:
        for scenario, sets in (("dx-cut", ["vpn backup.nat-t=yes"]),
                               ("dx-cut-encrypted", [])):
            jobs += own_runs(folder, scenario, sets)
        for _ in in_parallel([functools.partial(compare, checks, *job)
                              for job in jobs]):
            pass
    checks.finish({"protocol": 5000, "esp.contained_data": 1000,
                   "bfd.my_discriminator": 200, "prefixes": 100,
                   "isakmp.notify.msgtype": 50})


main()
