#!/usr/bin/env python3
"""How exactly a real BGP daemon keeps its hold and keepalive timers.

    unshare -n python3 measure.py frr|bird TRIALS GAPS > FILE        (root)

A speaker of a few lines faces the daemon over a veth link between two network
namespaces; hold time 3 s, so a keepalive every second. Each line written is an
observation, in microseconds:

    gap G            between two of the daemon's KEEPALIVEs
    theirs N D P     we fell silent: it said "Hold Timer Expired" D after our last
                     KEEPALIVE, where N had been negotiated, and P after we
                     stopped

Instants are taken in user space, right behind recv(); the script and the daemon
ask for a real-time priority. FRR says it by its NOTIFICATION. BIRD 2.0 sends that
up to 3 s after the session is gone for it (when its main loop next wakes), so its
log is taken instead. test_bgp_golden.c reads what this wrote.
"""

import datetime
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

OURS, THEIRS = "192.0.2.1", "192.0.2.2"
HOLD = 3
KEEPALIVE = b"\xff" * 16 + b"\x00\x13\x04"

CONFIG = {
    "frr": f"""router bgp 65002
 bgp router-id 10.0.0.2
 no bgp ebgp-requires-policy
 neighbor {OURS} remote-as 65001
 neighbor {OURS} passive
 neighbor {OURS} timers 1 {HOLD}
""",
    "bird": f"""router id 10.0.0.2;
log stderr all;
timeformat log "%Y-%m-%d %H:%M:%S.%6f";
protocol device {{}}
protocol bgp peer {{
  local {THEIRS} as 65002; neighbor {OURS} as 65001;
  passive; hold time {HOLD}; error wait time 1, 1; error forget time 1;
  ipv4 {{ import all; export none; }};
}}
""",
}


def run(command):
    subprocess.run(command, shell=True, check=True)


def start(which, folder):
    """The daemon in a namespace of its own; ours is this process's."""
    conf = os.path.join(folder, "daemon.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(CONFIG[which])
    os.chmod(folder, 0o777)
    os.chmod(conf, 0o644)
    if which == "frr":
        program = ["/usr/lib/frr/bgpd", "-n", "-Z", "-S", "-f", conf, "-i", f"{folder}/pid",
                   "-z", f"{folder}/zserv", "--vty_socket", folder, "-l", THEIRS, "-P", "0"]
    else:
        program = ["/usr/sbin/bird", "-f", "-c", conf, "-s", f"{folder}/ctl",
                   "-P", f"{folder}/pid"]
    wait = (f"while ! ip link show theirs >/dev/null 2>&1; do sleep 0.05; done; "
            f"ip link set lo up; ip link set theirs up; "
            f"ip address add {THEIRS}/24 dev theirs; exec \"$@\"")
    process = subprocess.Popen(["unshare", "-n", "sh", "-c", wait, "sh", *program],
                               stdout=subprocess.DEVNULL,
                               stderr=open(f"{folder}/log", "wb"))
    time.sleep(0.3)
    run(f"ip link add ours type veth peer name theirs && ip link set theirs netns {process.pid} "
        f"&& ip link set ours up && ip address add {OURS}/24 dev ours")
    return process


class Session:
    """A connection, Established."""

    def __init__(self):
        for _ in range(120):
            try:
                self.socket = socket.create_connection((THEIRS, 179), 2, (OURS, 0))
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.buffer = b""
                self.open()
                return
            except OSError:
                time.sleep(0.5)
        raise SystemExit("the daemon does not answer")

    def send(self, data):
        self.sent, self.sent_date = time.monotonic(), time.time()
        self.socket.sendall(data)

    def receive(self, until):
        """(type, body, instant), or None at UNTIL."""
        while len(self.buffer) < 19 or len(self.buffer) < self.length():
            self.socket.settimeout(max(until - time.monotonic(), 0.000001))
            try:
                data = self.socket.recv(4096)
            except TimeoutError:
                return None
            if not data:
                raise OSError("closed")
            self.buffer += data
        now = time.monotonic()
        length = self.length()
        message, self.buffer = self.buffer[:length], self.buffer[length:]
        return message[18], message[19:], now

    def length(self):
        return struct.unpack(">H", self.buffer[16:18])[0]

    def open(self):
        capability = bytes([2, 6, 1, 4, 0, 1, 0, 1])  # IPv4 unicast
        body = struct.pack(">BHH4sB", 4, 65001, HOLD, socket.inet_aton("10.0.0.1"),
                           len(capability)) + capability
        self.send(b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 1) + body)
        message = self.receive(time.monotonic() + 5)
        if message is None or message[0] != 1:
            raise OSError("no OPEN")
        self.send(KEEPALIVE)
        message = self.receive(time.monotonic() + 5)
        if message is None or message[0] != 4:
            raise OSError("no KEEPALIVE")

    def keep(self, until, arrived=None):
        """Talks until UNTIL or until ARRIVED says that it is enough."""
        due = self.sent + 0.9
        while time.monotonic() < until:
            message = self.receive(min(due, until))
            if message is None:
                if time.monotonic() >= due:
                    self.send(KEEPALIVE)
                    due = self.sent + 0.9
                continue
            if message[0] == 3:
                raise OSError("NOTIFICATION")
            if message[0] == 4 and arrived is not None and arrived(message[2]):
                return


def gaps(session, count):
    state = {"last": None, "left": count}

    def arrived(at):
        if state["last"] is not None:
            print(f"gap {(at - state['last']) * 1e6:.1f}", flush=True)
            state["left"] -= 1
        state["last"] = at
        return state["left"] == 0

    session.keep(float("inf"), arrived)


def logged(folder):
    """When BIRD last wrote that the hold timer expired."""
    with open(f"{folder}/log", encoding="utf-8") as f:
        line = [line for line in f if "Hold timer expired" in line][-1]
    return datetime.datetime.strptime(line[:26], "%Y-%m-%d %H:%M:%S.%f").timestamp()


def trial(session, random_, which, folder):
    session.keep(time.monotonic() + 2 + random_.uniform(0, 1))
    cut, last = time.monotonic(), session.sent
    while True:
        message = session.receive(cut + 2 * HOLD)
        if message is None:
            raise SystemExit("no NOTIFICATION")
        if message[0] == 3:
            if message[1][0] != 4:
                raise SystemExit(f"NOTIFICATION {message[1][:2].hex()}")
            detected = message[2] - last
            if which == "bird":
                detected = logged(folder) - session.sent_date
            print(f"theirs {HOLD * 1e6:.1f} {detected * 1e6:.1f} "
                  f"{(detected + last - cut) * 1e6:.1f}", flush=True)
            session.socket.close()
            return


def main():
    which, trials, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        print("no real-time priority: expect outliers", file=sys.stderr)
    folder = tempfile.mkdtemp()
    process = start(which, folder)
    random_ = random.Random(1)
    try:
        session = Session()
        gaps(session, count)
        for _ in range(trials):
            trial(session, random_, which, folder)
            session = Session()
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


main()
