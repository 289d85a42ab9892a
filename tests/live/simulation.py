"""`hybridsim live` in a lab: the simulated part of a test.

    sim = Simulation(lab, SCENARIO, cgw=namespace)

starts it, with "{cgw}" in the scenario's text replaced by the namespace's name,
and returns when its devices are there. What it does next is read from its trace
(`said`, `wait`), and told by command (`command("blackhole primary")`). After
`stop()` there are `result`, the folder `results` with capture and keys, and
`frames()`, which is what tshark makes of the capture.

Instants are in nanoseconds of the simulation; `started` is the wall clock at 0.
"""

import datetime
import json
import os
import re

from capture import fields
from lab import Failure, check, run

PROGRAM = os.path.join(os.environ.get("TOP_BUILDDIR", "."), "hybridsim")
LINE = re.compile(r"\[\s*(\d+)\.(\d{9})\] (\S+) (.*)")
S = 1_000_000_000


class Simulation:
    def __init__(self, lab, scenario, name="simulation", options=(),
                 **namespaces):
        for key, namespace in namespaces.items():
            scenario = scenario.replace("{%s}" % key, namespace.netns)
        self.lab, self.name = lab, name
        self.out = lab.folder(name)
        self.socket = f"{self.out}/control"
        path = lab.write(f"{name}/{name}.ini", scenario)
        self.process = lab.start(
            None, name, [os.path.abspath(PROGRAM), "live", "--trace",
                         "--control", self.socket, "--out", self.out,
                         *options, path])
        lab.wait(lambda: os.path.exists(self.socket) and "Running for"
                 in self.process.log() or not self.process.alive(), 20,
                 "hybridsim runs", self.process.tail)
        check(self.process.alive(), "hybridsim runs", self.process.log())
        self.results = f"{self.out}/{name}"
        self.result = None

    # While it runs

    def lines(self):
        """The trace: (instant, node, text)."""
        found = []
        for line in self.process.log().splitlines():
            m = LINE.match(line)
            if m:
                found.append((int(m.group(1)) * S + int(m.group(2)),
                              m.group(3), m.group(4)))
        return found

    def said(self, node, pattern, since=0):
        """The instants after SINCE at which a node's trace has PATTERN."""
        return [at for at, who, text in self.lines()
                if at > since and who == node and re.search(pattern, text)]

    def wait(self, node, pattern, seconds, since=0, explain=lambda: ""):
        """The first such instant, waited for."""
        return self.lab.wait(
            lambda: self.said(node, pattern, since), seconds,
            f"{node} says {pattern}",
            lambda: self.tail(node) + explain())[0]

    def tail(self, node, lines=15):
        return "".join(f"  [{at / S:.6f}] {who} {text}\n"
                       for at, who, text in self.lines() if who == node
                       )[-lines * 100:]

    def now(self):
        """The instant, as the run sees it."""
        text = self.command("status")
        found = re.search(r"at (\d+)\.(\d{3}) s", text)
        return int(found.group(1)) * S + int(found.group(2)) * 1_000_000

    def late(self):
        """How many packets of the real side were dropped so far because the
        run had fallen behind the wall clock: the machine lost them, not we."""
        return sum(map(int, re.findall(r"(\d+) late$",
                                       self.command("status"), re.M)))

    def command(self, *words):
        """Sends a command to the run and gives its answer."""
        text = run([PROGRAM, "live", "--send", self.socket,
                    *" ".join(words).split()], check=False)
        if not re.search(r"^ok", text.splitlines()[-1]):
            raise Failure(f"{' '.join(words)}: {text}")
        return text

    # When it is over

    def stop(self):
        """Ends it, reads its result, and holds its capture against tshark."""
        if self.process.alive():
            self.command("stop")
        self.process.wait(30)
        with open(f"{self.results}/result.json") as file:
            self.result = json.load(file)
        lag = self.result["realtime"]
        print(f"  {self.lab.name}: {lag['ended_s']:.0f} s, late by "
              f"{lag['lag_p99_ms']:.1f} ms at p99, {lag['lag_max_ms']:.1f} ms "
              f"at most, fell behind {lag['behind']} times", flush=True)

    @property
    def keys(self):
        return f"{self.results}/wireshark"

    @property
    def started(self):
        """The wall clock at 0, in nanoseconds since 1970."""
        text = self.result["realtime"]["started"].rstrip("Z")
        seconds, fraction = text.split(".")
        at = datetime.datetime.fromisoformat(seconds + "+00:00")
        return int(at.timestamp()) * S + int(fraction.ljust(9, "0"))

    def frames(self, *names, where=""):
        """Fields of the capture's packets, decrypted; `at` is the instant."""
        found = fields(f"{self.results}/capture.pcapng", "frame.time_epoch",
                       "frame.interface_name", *names, where=where,
                       keys=self.keys)
        for frame in found:
            seconds, fraction = frame["frame.time_epoch"].split(".")
            frame["at"] = int(seconds) * S + int(fraction)
        return found

    def check_capture(self):
        """What a dissector that we did not write thinks of every packet: well
        formed, and with our keys decrypted and authentic. Gives how many there
        were of each protocol."""
        seen = {"bgp": 0, "bfd": 0, "isakmp": 0, "esp": 0}
        for f in self.frames("frame.number", "frame.protocols",
                             "_ws.malformed", "_ws.expert.message",
                             "esp.icv_good", "isakmp.exchangetype",
                             "isakmp.enc.decrypted"):
            protocols = f["frame.protocols"].split(":")
            where = f"frame {f['frame.number']} on {f['frame.interface_name']}"
            check(not f["_ws.malformed"], f"{where} is well formed", protocols)
            for remark in filter(None, f["_ws.expert.message"].split("|")):
                check(not re.search("incorrect|malformed|invalid", remark,
                                    re.I), where, remark)
            for protocol in seen:
                seen[protocol] += protocol in protocols
            if "esp" in protocols:
                check(f["esp.icv_good"] == "1", f"{where}: ESP opens", f)
            if f["isakmp.exchangetype"] not in ("", "34"):
                check(f["isakmp.enc.decrypted"], f"{where}: IKE opens", f)
        return seen
