#!/usr/bin/env python3
"""Measures when Linux's TCP retransmits after a silent cut.

Two network namespaces, a TUN device in each, and between the devices a relay in
user space (this program) that adds 3 ms each way and drops, without a sign, what
the plan says: for each connection, known by the client's port, one or both
directions from an instant on for a while. Every packet that passes the relay is
seen with its time, so nothing has to be captured elsewhere.

Modes: closed  a request of 100 bytes, its reply of 200, the next request at the
               next multiple of 10 ms; so one request is pending in the cut
       open    a request every 10 ms whether replies come or not
       syn     a connection to a port from which nothing ever comes back
       giveup  closed, and the cut never ends (only with --give-up: 16 minutes)

Run as root: measure.py OUT.csv [--give-up]. README.md tells the columns."""

import ctypes
import fcntl
import gzip
import heapq
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

DELAY = 0.003
TICK = 0.010
WARM = 2.5
REQUEST, REPLY = 100, 200
CLIENT, SERVER = "10.99.0.1", "10.99.1.1"
PORT, DEAD_PORT = 5432, 9
CONGESTION = b"cubic"
NAMESPACES = ("hs-tcp-a", "hs-tcp-b")
ACTIVE_MAX = 12  # connections with traffic at one time

CUTS = (0.1, 0.3, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 100)
ONE_WAY_CUTS = (0.5, 1, 3, 10, 30)
PHASES, ONE_WAY_PHASES, SYN_PHASES = 6, 4, 8
SYSCTLS = (
    "tcp_early_retrans", "tcp_recovery",
    "tcp_retries2", "tcp_sack", "tcp_slow_start_after_idle", "tcp_syn_retries",
    "tcp_syn_linear_timeouts", "tcp_timestamps", "tcp_no_metrics_save",
    "tcp_rto_min_us", "tcp_rto_max_ms", "tcp_frto", "tcp_thin_linear_timeouts",
)


class Case:
    """One connection: what is cut, and what was seen."""

    def __init__(self, index, mode, direction, cut, rng):
        self.port = 20000 + index
        self.mode, self.direction, self.cut = mode, direction, cut
        self.cut_after = WARM + rng.uniform(0, 2.048)
        self.syn_at = self.cut_at = None
        self.base = {}  # by direction: initial sequence number
        self.stuck = {}  # by direction: sequence number of the stuck segment
        self.sent = {"c2s": [], "s2c": []}  # times of its transmissions
        self.top = {"c2s": (0, 0.0), "s2c": (0, 0.0)}  # newest data: seq, time
        self.delivered = 0  # end of the reply bytes let through
        self.recovered = None

    def dropped(self, now, way):
        if self.mode == "syn":
            return True
        if self.cut_at is None or now < self.cut_at:
            return False
        if self.mode != "giveup" and now >= self.cut_at + self.cut:
            return False
        return self.direction in ("both", way)

    def seen(self, now, way, seq, length, flags):
        """A TCP segment reaches the relay. True: let it through."""
        if flags & 2:
            if way == "c2s" and self.syn_at is None:
                self.syn_at = now
                self.cut_at = now + self.cut_after
            self.base[way] = seq
            if self.mode == "syn" and way == "c2s":
                self.cut_at = self.syn_at
                self.sent[way].append(now)
        drop = self.dropped(now, way)
        if length == 0 or way not in self.base:
            return not drop
        start = (seq - self.base[way] - 1) & 0xFFFFFFFF
        end = start + length
        fresh = end > self.top[way][0]
        if drop and way not in self.stuck:
            self.stick(way, start, now)
        elif way in self.stuck and start <= self.stuck[way] < end:
            self.sent[way].append(now)
        if fresh:
            self.top[way] = (end, now)
        if way == "s2c" and not drop and end > self.delivered:
            if self.stuck and self.recovered is None:
                self.recovered = now
            self.delivered = end
        return not drop

    def stick(self, way, start, now):
        """The first data segment is lost: it is the one to follow. When it is a
        reply, follow the request it answers as well, whose ACK it carried."""
        self.stuck[way] = start
        self.sent[way].append(now)
        if way == "s2c" and "c2s" not in self.stuck:
            end, at = self.top["c2s"]
            self.stuck["c2s"] = end - 1
            self.sent["c2s"].append(at)

    def row(self):
        def times(way):
            return " ".join(f"{(t - self.cut_at) * 1e3:.1f}"
                            for t in self.sent[way])
        recovery = ("" if self.recovered is None else
                    f"{(self.recovered - self.cut_at) * 1e3:.1f}")
        return (f"{self.mode},{self.direction},{self.cut * 1e3:.0f},"
                f"{recovery},{times('c2s')},{times('s2c')}")


def plan(give_up):
    rng = random.Random(1)
    cases = []

    def add(mode, direction, cut):
        cases.append(Case(len(cases), mode, direction, cut, rng))
    if give_up:
        for _ in range(4):
            add("giveup", "both", 0)
        return cases
    for _ in range(SYN_PHASES):
        add("syn", "both", 0)
    for cut in sorted(CUTS, reverse=True):
        for mode in ("closed", "open"):
            for _ in range(PHASES):
                add(mode, "both", cut)
            if cut in ONE_WAY_CUTS:
                for direction in ("c2s", "s2c"):
                    for _ in range(ONE_WAY_PHASES):
                        add(mode, direction, cut)
    return cases


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def run(*words):
    subprocess.run(words, check=True)


def tun(namespace, address):
    """A TUN device in NAMESPACE; opened in a child, as entering is for good."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.fork() == 0:
        enter(namespace)
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
        for words in (f"addr add {address}/32 dev tun0", "link set lo up",
                      "link set tun0 mtu 1500 txqueuelen 1000 up",
                      "route add default dev tun0"):
            run("ip", *words.split())
        socket.send_fds(theirs, [b"x"], [fd])
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.wait()
    return fds[0]


def no_metrics():
    """Nothing learnt from one connection is kept for the next."""
    with open("/proc/sys/net/ipv4/tcp_no_metrics_save", "w") as f:
        f.write("1")


def set_options(s):
    """By socket, as a namespace may not make CUBIC its default."""
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, CONGESTION)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def serve(namespace):
    enter(namespace)
    no_metrics()
    listener = socket.create_server((SERVER, PORT), backlog=512)
    set_options(listener)
    pending = {}
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    sockets = {}
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                s, _ = listener.accept()
                s.setblocking(False)
                sockets[s.fileno()], pending[s.fileno()] = s, 0
                poll.register(s, select.EPOLLIN)
                continue
            try:
                data = sockets[fd].recv(65536)
            except OSError:
                data = b""
            if not data:
                poll.unregister(fd)
                sockets.pop(fd).close()
                continue
            pending[fd] += len(data)
            whole = pending[fd] // REQUEST
            pending[fd] -= whole * REQUEST
            try:
                for _ in range(whole):
                    sockets[fd].send(b"r" * REPLY)
            except OSError:
                pass


def drive(namespace, case, start):
    """The client of one connection, a process of its own."""
    enter(namespace)
    no_metrics()
    time.sleep(max(0, start - time.monotonic()))
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_options(s)
    s.bind((CLIENT, case.port))
    began = time.monotonic()
    try:
        s.connect((SERVER, DEAD_PORT if case.mode == "syn" else PORT))
    except OSError:
        return
    # In an endless cut nobody answers; in the others nobody needs more requests
    # than these, as the first lost one decides.
    quiet = began + case.cut_after + 1
    enough = began + case.cut_after + 2.5 * case.cut + 3
    due, wanted = began, 0
    while time.monotonic() < enough or wanted > 0:
        if case.mode == "open":
            if time.monotonic() < quiet:
                s.send(b"q" * REQUEST)
                wanted += REPLY
            due = max(due + TICK, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                if select.select([s], [], [], left)[0]:
                    wanted -= len(s.recv(65536))
        else:
            s.send(b"q" * REQUEST)
            wanted = REPLY
            while wanted > 0:
                try:
                    data = s.recv(65536)
                except OSError as e:
                    print(f"{case.port}: {e} after "
                          f"{time.monotonic() - began - case.cut_after:.3f} s "
                          "from the cut", flush=True)
                    return
                wanted -= len(data)
            now = time.monotonic()
            due += TICK * max(1, int((now - due) / TICK) + 1)
            time.sleep(max(0, due - now))
        if (time.monotonic() > quiet + case.cut and wanted <= 0):
            return


class Clients:
    """Starts each connection's process, never too many busy ones at a time."""

    def __init__(self, cases, namespace):
        self.waiting = list(cases)
        self.running = {}
        self.namespace = namespace

    def step(self):
        while self.running:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            self.running.pop(pid, None)
        now = time.monotonic()
        busy = sum(1 for case, began in self.running.values()
                   if now < began + case.cut_after + 1)
        if self.waiting and busy < ACTIVE_MAX:
            case = self.waiting.pop(0)
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                drive(self.namespace, case, now)
                os._exit(0)
            self.running[pid] = (case, now)
        return bool(self.waiting or self.running)


def relay(fds, cases, clients):
    """Until all clients are done."""
    by_port = {case.port: case for case in cases}
    queue = []
    order = 0
    next_step = 0.0
    while True:
        now = time.monotonic()
        if now >= next_step:
            if not clients.step():
                return
            next_step = time.monotonic() + 0.05
        due = queue[0][0] if queue else next_step
        ready, _, _ = select.select(fds, [], [],
                                    max(0, min(due, next_step) - now))
        for fd in ready:
            for _ in range(64):
                try:
                    packet = os.read(fd, 2048)
                except BlockingIOError:
                    break
                now = time.monotonic()
                if packet[0] != 0x45 or packet[9] != 6:
                    continue
                way = "c2s" if fd == fds[0] else "s2c"
                tcp = packet[20:]
                case = by_port.get(int.from_bytes(
                    tcp[0:2] if way == "c2s" else tcp[2:4], "big"))
                if case is None:
                    continue
                length = len(tcp) - 4 * (tcp[12] >> 4)
                if case.seen(now, way, int.from_bytes(tcp[4:8], "big"), length,
                             tcp[13]):
                    order += 1
                    out = fds[1] if fd == fds[0] else fds[0]
                    heapq.heappush(queue, (now + DELAY, order, out, packet))
        now = time.monotonic()
        while queue and queue[0][0] <= now:
            _, _, out, packet = heapq.heappop(queue)
            try:
                os.write(out, packet)
            except OSError:
                pass


def kernel_config_hz():
    try:
        with gzip.open("/proc/config.gz", "rt") as f:
            for line in f:
                if line.startswith("CONFIG_HZ="):
                    return line.strip().split("=")[1]
    except OSError:
        pass
    return "unknown"


def header(namespace):
    yield f"# kernel {os.uname().release}"
    yield f"# HZ {kernel_config_hz()}"
    yield f"# delay each way {DELAY * 1e3:.0f} ms, request {REQUEST} bytes " \
          f"every {TICK * 1e3:.0f} ms, reply {REPLY} bytes"
    yield f"# congestion control {CONGESTION.decode()}"
    for name in SYSCTLS:
        got = subprocess.run(
            ("ip", "netns", "exec", namespace, "cat",
             "/proc/sys/net/ipv4/" + name), capture_output=True, text=True)
        if got.returncode == 0:
            yield f"# {name} {got.stdout.strip()}"
    yield "mode,direction,cut_ms,recovery_ms,request_ms,reply_ms"


def main():
    give_up = "--give-up" in sys.argv[1:]
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if len(names) != 1 or os.geteuid() != 0:
        sys.exit(__doc__)
    global NAMESPACES
    NAMESPACES = tuple(f"{n}-{os.getpid()}" for n in NAMESPACES)
    server = None
    for namespace in NAMESPACES:
        run("ip", "netns", "add", namespace)
    try:
        fds = [tun(NAMESPACES[0], CLIENT), tun(NAMESPACES[1], SERVER)]
        server = os.fork()
        if server == 0:
            serve(NAMESPACES[1])
        time.sleep(0.5)
        cases = plan(give_up)
        relay(fds, cases, Clients(cases, NAMESPACES[0]))
        lines = list(header(NAMESPACES[0])) + [case.row() for case in cases]
        with open(names[0], "w") as f:
            f.write("\n".join(lines) + "\n")
    finally:
        if server:
            os.kill(server, signal.SIGTERM)
        for namespace in NAMESPACES:
            run("ip", "netns", "del", namespace)


main()
