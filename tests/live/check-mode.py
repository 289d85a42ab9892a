#!/usr/bin/env python3
"""Live mode itself: what it makes and takes away, what it says when it may not,
how it is told what to do, and what it does when it is late."""

import json
import os
import re
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Lab, check, ip, main, need
from simulation import PROGRAM, Simulation

SCENARIO = """\
[scenario]
title = Two real hosts
duration = 600s
warmup = 1s

[onprem dc]
asn = 65001
prefix = 172.16.0.0/24

[vpc app]
cidr = 10.0.0.0/16

[gateway vgw]
attach = app

[dx primary]
between = dc, vgw
delay = 5ms
bfd = 300ms x 3

[vpn backup]
between = dc, vgw

[internet]
jitter = none

[database orders]
client = app
server = dc
client.port = tun app0
client.netns = {app}
server.port = tun db0
server.netns = {db}

[fault cut]
target = primary
action = blackhole
at = 500s
for = 10s
"""
SERVER = "172.16.0.10"

# From one host to the other and back, without the delay of processing: DX
# 5 ms, its backbone 0.05, the VPC 0.2, the LAN 0.05.
RTT_MS = 2 * (5 + 0.05 + 0.2 + 0.05)


class Names:
    """A namespace that hybridsim makes itself."""

    def __init__(self, name):
        self.netns = f"hs-{os.getpid()}-{name}"

    def exists(self):
        return os.path.exists(f"/run/netns/{self.netns}")


def machine():
    """What must not change outside, but for the namespaces of other tests
    that run beside this one."""
    others = re.compile(rf"hs-(?!{os.getpid()}-)")
    return (ip("-o", "link"), ip("route", "show", "table", "all"), ip("rule"),
            sorted(name for name in os.listdir("/run/netns")
                   if not others.match(name)))


def live(lab, scenario, *options, prefix=()):
    """A run that is expected to end by itself, and what it said."""
    path = lab.write("refused.ini", scenario)
    process = lab.start(None, "refused", [
        *prefix, os.path.abspath(PROGRAM), "live", "--out",
        f"{lab.top}/refused", *options, path])
    return process.wait(20), process.log()


def what_is_made_is_removed():
    """A namespace that was there stays, without the device; one that was not
    goes; and nothing else on the machine changes."""
    with Lab("made") as lab:
        mine, theirs = lab.namespace("app"), Names("db")
        before = machine()
        empty = mine.ip("-o", "link"), mine.routes("table", "all")
        sim = Simulation(lab, SCENARIO, app=mine, db=theirs)

        check(theirs.exists(), "the namespace of the server was made")
        check("10.0.0.10/16" in mine.ip("-o", "address", "show", "app0"),
              "the client's address", mine.ip("address"))
        check("mtu 9001" in mine.ip("link", "show", "app0"), "the VPC's MTU")
        check("172.16.0.0/24 dev app0" in mine.routes(),
              "the client's route to the site", mine.routes())
        check("10.0.0.0/16 dev db0" in ip("-n", theirs.netns, "route"),
              "the server's route to the VPC")
        check("UP" in ip("-n", theirs.netns, "link", "show", "lo"),
              "a namespace that was made has its loopback")
        lab.wait(lambda: mine.ping(SERVER), 10, "the hosts reach each other")
        check(mine.ping(SERVER, 5) == 5, "each time")
        check(mine.ping("172.16.0.1") == 1, "the simulated gateway answers")
        sim.stop()
        check(machine() == before, "the machine is as it was", machine())
        check((mine.ip("-o", "link"), mine.routes("table", "all")) == empty,
              "the namespace is as it was", mine.ip("link"))
        ports = {p["device"]: p for p in sim.result["realtime"]["ports"]}
        check(ports["app0"]["from_real"] >= 6 and ports["db0"]["from_real"] >= 5,
              "packets are counted", ports)


def the_path_has_its_round_trip():
    """The median of pings on both paths, against the sum of the delays."""
    with Lab("rtt") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, SCENARIO, app=app, db=db)

        def median():
            text = app.run("ping", "-n", "-c", 50, "-i", "0.02", SERVER)
            times = sorted(map(float, re.findall(r"time=([\d.]+)", text)))
            check(len(times) >= 45, "pings are answered", text)
            return times[len(times) // 2]

        lab.wait(lambda: app.ping(SERVER), 10, "the hosts reach each other")
        direct = median()
        # 8 ms of internet and what is on its way, instead of Direct Connect.
        sim.command("link-down primary")
        lab.wait(lambda: app.ping(SERVER), 10, "the VPN carries it")
        tunnel = median()
        print(f"  round trip {direct:.2f} ms, {RTT_MS} by the delays; "
              f"in the tunnel {tunnel:.2f} ms, 19.1", flush=True)
        check(RTT_MS <= direct < RTT_MS + 2, "the path's round trip", direct)
        check(18.5 <= tunnel < 22, "the tunnel's round trip", tunnel)
        sim.stop()


def rights_are_asked_for_first():
    """Without the rights, or without the device, nothing is made and the
    message says what is missing. What is all simulated needs neither."""
    with Lab("rights") as lab:
        os.chmod(lab.top, 0o777)
        names = {"app": Names("app").netns, "db": Names("db").netns}
        scenario = SCENARIO
        for key, name in names.items():
            scenario = scenario.replace("{%s}" % key, name)
        nobody = ("setpriv", "--reuid", "65534", "--regid", "65534",
                  "--clear-groups")
        before = machine()

        status, said = live(lab, scenario, prefix=nobody)
        check(status == 3 and "CAP_NET_ADMIN" in said, "no rights", said)
        check(not os.path.exists(f"{lab.top}/refused"), "no folder was made")

        status, said = live(lab, scenario, prefix=(
            "unshare", "--mount", "sh", "-c",
            'mount -t tmpfs none /dev/net && exec "$@"', "sh"))
        check(status == 3 and "/dev/net/tun" in said and "CONFIG_TUN" in said,
              "no TUN devices", said)
        check(machine() == before, "nothing was made", machine())

        status, said = live(lab, scenario.replace(names["db"], "/etc/passwd"))
        check(status == 3 and "/etc/passwd: it is not one" in said,
              "no namespace", said)
        check(machine() == before, "nothing was left", machine())

        simulated = re.sub(r"(client|server)\.(port|netns) = .*\n", "",
                           scenario).replace("600s", "2s")
        simulated = simulated[:simulated.index("[fault")]
        status, said = live(lab, simulated, prefix=nobody)
        check(status == 4, "all simulated, nobody may run it", said)
        with open(f"{lab.top}/refused/refused/result.json") as file:
            result = json.load(file)
        check(result["realtime"]["ports"] == [], "it has no ports")
        check(result["realtime"]["ended_s"] == 2, "it ran to its end")


def a_device_that_is_there_is_left_alone():
    """The name is taken: the run is refused, and what it had made is gone."""
    with Lab("taken") as lab:
        db, other = lab.namespace("db"), Names("app")
        db.ip("tuntap", "add", "dev", "db0", "mode", "tun")
        scenario = SCENARIO.replace("{db}", db.netns)
        status, said = live(lab, scenario.replace("{app}", other.netns))
        check(status == 3 and "device of that name" in said, "refused", said)
        check("db0" in db.ip("link"), "the device is still there")
        check(not other.exists(), "the namespace that was made is gone")


def a_signal_ends_the_run_with_its_results():
    """SIGINT and SIGTERM: results as ever, devices and namespaces gone, a
    capture that opens."""
    need("tshark", "tshark")
    for number in signal.SIGINT, signal.SIGTERM:
        with Lab("signal") as lab:
            app, db = Names("app"), Names("db")
            sim = Simulation(lab, SCENARIO, app=app, db=db)
            lab.wait(lambda: sim.said("dc.gateway", "bfd.*-> Up"), 20,
                     "BFD is up", sim.process.tail)
            sim.process.send(number)
            check(sim.process.wait(20) == 4, "nothing was checked",
                  sim.process.log())
            sim.stop()
            check(sim.result["realtime"]["ended_s"] < 60, "it ended early")
            check(not app.exists() and not db.exists(), "namespaces are gone")
            check(not os.path.exists(sim.socket), "the socket is gone")
            seen = sim.check_capture()
            check(seen["bgp"] > 0 and seen["bfd"] > 0, "the capture", seen)


def commands_are_answered():
    """Each with a line, and what is mistyped with the nearest word."""
    with Lab("commands") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, SCENARIO, app=app, db=db)

        def say(words, status=0):
            command = [PROGRAM, "live", "--send", sim.socket, *words.split()]
            process = lab.start(None, "send", command)
            check(process.wait(20) == status, words, process.log())
            text = process.log()
            os.unlink(process.path)
            return text

        lab.wait(lambda: sim.said("dc.gateway", "bfd.*-> Up"), 20, "BFD is up",
                 sim.process.tail)
        text = say("status")
        for line in (r"dc.gateway: primary bgp Established since",
                     r"primary.aws: primary bfd Up since",
                     r"port app0: \d+ packets in", r"real time: late by",
                     r"^ok: at \d+\.\d+ s of 600.000 s"):
            check(re.search(line, text, re.M), line, text)
        for words, answer in (
                ("statsu", 'error: "statsu" is no command; did you mean '
                           '"status"?'),
                ("cut primry", 'error: "primry" is no target; did you mean '
                               '"primary"?'),
                ("blackhole primary to-asw",
                 'error: "to-asw" is no direction; did you mean "to-aws"?'),
                ("fault ctu", 'error: "ctu" is no [fault] of the scenario; did '
                              'you mean "cut"?'),
                ("clear cut", "error: no fault is active"),
                ("link-down backup", "error: a tunnel has no carrier to lose; "
                                     "expected blackhole"),
                ("cut", "error: expected cut TARGET"),
                ("stop now", "error: expected stop")):
            check(say(words, 2).strip() == answer, words, say(words, 2))
        check("blackhole" in say("help"), "help")

        # Each fault comes and goes once; the second is another.
        check(say("fault cut") == "ok: cut applied\n", "the file's fault")
        check("fault cut: active" in say("status"), "it is active")
        check(say("clear cut") == "ok: cut cleared\n", "it ends")
        check(say("fault cut") == "ok: cut-2 applied\n", "another one like it")
        check(say("blackhole primary to-aws")
              == "ok: blackhole-primary-to-aws applied\n", "one way")
        check(say("clear blackhole", 2) == 'error: "blackhole" is no active '
              "fault; expected one of cut-2, blackhole-primary-to-aws\n",
              "which?")
        check(say("clear all") == "ok: all cleared\n", "all of them end")

        # What is no line of ours; half a line; and several lines at once.
        for raw, answer in ((b"\xff\xfe\0\n", b"error: "), (b"\n", b"error: "),
                            (b"x" * 5000 + b"\n", b""), (b"status", None),
                            (b"clear all\nstatsu\n", b"error: no fault is "
                             b"active\nerror: \"statsu\"")):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(sim.socket)
                client.sendall(raw)
                if answer is not None:
                    try:
                        got = client.recv(4096)
                    except ConnectionResetError:
                        got = b""
                    check(got.startswith(answer) and bool(got) == bool(answer),
                          raw[:20], got)
        check("ok: at" in say("status"), "it still answers")

        second = lab.start(None, "second", [
            os.path.abspath(PROGRAM), "live", "--control", sim.socket, "--out",
            f"{lab.top}/second", lab.write("second.ini", re.sub(
                r"(client|server)\.(port|netns) = .*\n", "", SCENARIO))])
        check(second.wait(20) == 3 and "in use" in second.log(),
              "the socket is somebody's", second.log())
        sim.stop()
        faults = {f["name"]: f for f in sim.result["faults"]}
        check(list(faults) == ["cut", "cut-2", "blackhole-primary-to-aws"],
              "each fault has its timeline", list(faults))


def standard_input_takes_commands():
    """Without --control; and its end does not end the run."""
    with Lab("stdin") as lab:
        scenario = re.sub(r"(client|server)\.(port|netns) = .*\n", "", SCENARIO)
        process = lab.start(None, "typed", [
            os.path.abspath(PROGRAM), "live", "--out", lab.folder("out"),
            lab.write("typed.ini", scenario)])
        process.child.stdin.write(b"stat")
        process.child.stdin.flush()
        lab.wait(lambda: "Running for" in process.log(), 20, "it runs")
        process.child.stdin.write(b"us\ncut primary\n")
        process.child.stdin.close()
        lab.wait(lambda: "ok: blackhole-primary applied" in process.log(), 20,
                 "what was typed is done", process.tail)
        check("ok: at" in process.log(), "status", process.log())
        time.sleep(0.5)
        check(process.alive(), "it goes on", process.log())
        process.send(signal.SIGINT)
        check(process.wait(20) == 4, "nothing was checked", process.log())


def lateness_is_told():
    """The process is stopped for a while: what came meanwhile is dropped, and
    the result says by how much it fell behind. Afterwards all is well."""
    with Lab("late") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, SCENARIO, app=app, db=db)
        lab.wait(lambda: app.ping(SERVER), 10, "the hosts reach each other")
        ping = lab.start(app, "ping", ["ping", "-n", "-i", "0.01", "-c", "150",
                                       SERVER])
        time.sleep(0.5)
        sim.process.send(signal.SIGSTOP)
        time.sleep(0.4)
        sim.process.send(signal.SIGCONT)
        ping.wait(30)
        answered = int(re.search(r"(\d+) received", ping.log()).group(1))
        sim.stop()
        lag = sim.result["realtime"]
        late = sum(port["late"] for port in lag["ports"])
        check(lag["behind"] >= 1 and lag["lag_max_ms"] >= 300, "behind", lag)
        check(late >= 20, "what waited meanwhile was dropped", lag)
        check(50 <= answered <= 150 - 20, "and before and after was not",
              answered)


def no_bytes_harm_it():
    """Whatever a TUN device brings: it is dropped or forwarded, and the run
    goes on. Half are cut short or changed copies of what the scenario itself
    carries."""
    garbage = """
import random, socket, struct, sys
random.seed(7)
device, out, there = sys.argv[1:4]
def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", ~total & 0xffff)
def packet(protocol, payload):
    header = struct.pack("!BBHHHBB2s4s4s", 0x45, 0, 20 + len(payload), 1, 0,
                         random.choice((255, 64, 1)), protocol, b"\\0\\0",
                         socket.inet_aton(out), socket.inet_aton(there))
    return header[:10] + checksum(header) + header[12:] + payload
def ports(a, b, rest):
    return struct.pack("!HHHH", a, b, 8 + len(rest), 0) + rest
bgp = b"\\xff" * 16 + struct.pack("!HB", 45, 1) + bytes(26)
bfd = struct.pack("!BBBBIIIII", 0x20, 0xc0, 3, 24, 1, 0, 300000, 300000, 0)
kinds = [(17, ports(49152, 3784, bfd)), (17, ports(500, 500, bytes(28))),
         (17, ports(4500, 4500, bytes(40))), (50, bytes(60)),
         (6, struct.pack("!HHIIBBHHH", 40000, 179, 1, 1, 0x50, 0x18, 1000, 0,
                         0) + bgp), (1, bytes([3, 4]) + bytes(40)),
         (6, struct.pack("!HHIIBBHHH", 40000, 179, 1, 0, 0xf0, 2, 1000, 0, 0)),
         (0, b""), (255, bytes(8))]
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for i in range(4000):
    data = bytearray(packet(*random.choice(kinds)))
    for _ in range(random.choice((0, 0, 1, 3))):
        data[random.randrange(len(data))] = random.randrange(256)
    if random.random() < 0.3:
        data = data[:random.randrange(1, len(data) + 1)]
    if random.random() < 0.2:
        data = random.randbytes(random.randrange(1, 1400))
    if random.random() < 0.7 and len(data) >= 20 and data[0] == 0x45:
        data[2:4] = struct.pack("!H", len(data))
        data[10:12] = b"\\0\\0"
        data[10:12] = checksum(bytes(data[:20]))
    try:
        s.sendto(bytes(data), (device, 0x0800))
    except OSError:
        pass
"""
    with Lab("garbage-gateway") as lab:
        cgw = lab.namespace("cgw")
        scenario = re.sub(r"(client|server)\.(port|netns) = .*\n", "", SCENARIO)
        scenario = scenario.replace(
            "asn = 65001", f"asn = 65001\nport = tun gw\nnetns = {cgw.netns}")
        sim = Simulation(lab, scenario)
        path = lab.write("garbage.py", garbage)
        for device, source, target in (
                ("gw-primary", "169.254.96.2", "169.254.96.1"),
                ("gw-uplink", "198.51.100.1", "203.0.113.1"),
                ("gw-uplink", "198.51.100.1", "203.0.113.2"),
                ("gw-lan", "10.0.0.10", SERVER)):
            cgw.run("python3", path, device, source, target)
        check(cgw.ping("169.254.96.1") == 1, "AWS's end still answers",
              sim.process.tail())
        sim.stop()
        ports = {p["device"]: p for p in sim.result["realtime"]["ports"]}
        for device in ports:
            check(ports[device]["malformed"] > 300 and
                  ports[device]["from_real"] > 300, "both kinds came", ports)

    with Lab("garbage") as lab:
        app, db = lab.namespace("app"), lab.namespace("db")
        sim = Simulation(lab, SCENARIO, app=app, db=db)
        lab.wait(lambda: app.ping(SERVER), 10, "the hosts reach each other")
        path = lab.write("garbage.py", garbage)
        for namespace, device, source, target in (
                (db, "db0", SERVER, "172.16.0.1"),
                (db, "db0", SERVER, "169.254.96.1"),
                (db, "db0", SERVER, "10.0.0.10"),
                (app, "app0", "10.0.0.10", "169.254.96.2")):
            namespace.run("python3", path, device, source, target)
        lab.wait(lambda: app.ping(SERVER), 10, "they still do",
                 sim.process.tail)
        sim.stop()
        ports = {p["device"]: p for p in sim.result["realtime"]["ports"]}
        check(ports["db0"]["malformed"] > 1000, "broken ones are counted",
              ports)
        check(ports["db0"]["from_real"] > 1000, "sound ones pass", ports)


def a_carrier_goes_with_the_link():
    """The real router at a link that goes down sees its device without
    carrier."""
    with Lab("carrier") as lab:
        cgw = lab.namespace("cgw")
        scenario = re.sub(r"(client|server)\.(port|netns) = .*\n", "", SCENARIO)
        scenario = scenario.replace(
            "asn = 65001", f"asn = 65001\nport = tun gw\nnetns = {cgw.netns}")
        sim = Simulation(lab, scenario)
        check("169.254.96.2/30" in cgw.ip("address", "show", "gw-primary"),
              "the gateway's address on Direct Connect")
        check("203.0.113.1 dev gw-uplink" in cgw.routes(),
              "its way to AWS's ends of the tunnels", cgw.routes())
        check("172.16.0.1/24" in cgw.ip("address", "show", "gw-lan"), "LAN")
        for command, carrier in (("link-down primary", False),
                                 ("clear all", True)):
            sim.command(command)
            lab.wait(lambda: ("NO-CARRIER" in cgw.ip("link", "show",
                                                     "gw-primary"))
                     != carrier, 5, f"{command}: carrier {carrier}")
        check("NO-CARRIER" not in cgw.ip("link", "show", "gw-uplink"),
              "the others keep theirs")
        sim.stop()


main(what_is_made_is_removed, the_path_has_its_round_trip,
     rights_are_asked_for_first, a_device_that_is_there_is_left_alone,
     a_signal_ends_the_run_with_its_results, commands_are_answered,
     standard_input_takes_commands, lateness_is_told, no_bytes_harm_it,
     a_carrier_goes_with_the_link)
