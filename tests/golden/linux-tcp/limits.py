#!/usr/bin/env python3
"""Measures when Linux ends a connection whose path is silently dead, with
TCP_USER_TIMEOUT and with keepalive.

Two network namespaces and a pair of veth between them. Each connection runs by
itself for a while, request and reply; then nftables drops all of its packets
(by the client's port, both ways), and the client waits for the error. Modes:

  data   a request of 100 bytes every 10 ms, each after the reply to the last:
         one is under way at the cut, and TCP_USER_TIMEOUT counts
  idle   nothing is sent any more from half a second before the cut on: only
         keepalive can notice. Counted from the last segment heard
  syn    a connection to a port from which nothing ever comes back

Run as root: limits.py OUT.csv (70 s). README.md tells the columns."""

import ctypes
import errno
import os
import random
import select
import socket
import subprocess
import sys
import threading
import time

CLIENT, SERVER = "10.98.0.1", "10.98.0.2"
NAMESPACES = ("hs-lim-a", "hs-lim-b")
PORT, DEAD_PORT = 5432, 9
PHASES = 6
# mode, user timeout (ms), keepalive idle, interval (s), count
CASES = [
    ("data", 1000, 0, 0, 0), ("data", 3000, 0, 0, 0), ("data", 10000, 0, 0, 0),
    ("data", 30000, 0, 0, 0), ("data", 5000, 2, 1, 3),
    ("idle", 0, 2, 1, 3), ("idle", 0, 5, 2, 5), ("idle", 0, 20, 5, 3),
    ("idle", 4000, 2, 1, 3), ("idle", 6000, 2, 1, 3), ("idle", 500, 2, 1, 3),
    ("syn", 5000, 0, 0, 0), ("syn", 20000, 0, 0, 0),
]
SYSCTLS = ("tcp_retries2", "tcp_syn_retries", "tcp_syn_linear_timeouts",
           "tcp_early_retrans", "tcp_sack", "tcp_timestamps")


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def run(*words):
    subprocess.run(words, check=True)


def set_up():
    a, b = NAMESPACES
    for name in NAMESPACES:
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "link", "add", "hslim0", "netns", a, "type", "veth", "peer",
        "name", "hslim1", "netns", b)
    for name, device, address in ((a, "hslim0", CLIENT), (b, "hslim1", SERVER)):
        run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
        run("ip", "-n", name, "link", "set", device, "up")
    rules = ("table inet hs {\nset cut { type inet_service; }\n"
             "chain in { type filter hook input priority 0\n"
             f"tcp dport {DEAD_PORT} drop\ntcp sport @cut drop\n"
             "tcp dport @cut drop\n}\n}\n")
    subprocess.run(("ip", "netns", "exec", b, "nft", "-f", "-"), check=True,
                   input=rules.encode())


def tear_down():
    for name in NAMESPACES:
        subprocess.run(("ip", "netns", "del", name), check=False)


def serve(ready):
    enter(NAMESPACES[1])
    listener = socket.create_server((SERVER, PORT), backlog=128)
    ready.set()
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    open_ones = {}
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                connection = listener.accept()[0]
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                open_ones[connection.fileno()] = connection
                poll.register(connection, select.POLLIN)
                continue
            try:
                data = open_ones[fd].recv(4096)
                if data:
                    open_ones[fd].send(b"r" * 200)
                    continue
            except OSError:
                pass
            poll.unregister(fd)
            open_ones.pop(fd).close()


def cut(port):
    run("ip", "netns", "exec", NAMESPACES[1], "nft", "add", "element", "inet",
        "hs", "cut", "{", str(port), "}")


def one(case, port, phase, rows):
    mode, user_timeout, idle, interval, count = case
    enter(NAMESPACES[0])
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if user_timeout:
        s.setsockopt(socket.IPPROTO_TCP, 18, user_timeout)
    if idle:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)
    s.bind((CLIENT, port))
    time.sleep(phase)
    since, why = time.monotonic(), 0
    try:
        s.connect((SERVER, DEAD_PORT if mode == "syn" else PORT))
        until = time.monotonic() + 2.5
        cutter = None
        while cutter is None or mode == "data":
            s.send(b"q" * 100)
            if not s.recv(4096):
                raise OSError(0, "closed")
            heard = time.monotonic()
            if cutter is None:
                since = heard
            if heard > until and mode == "idle":
                break
            if heard > until and cutter is None:
                cutter = threading.Thread(target=cut, args=(port,))
                cutter.start()
            time.sleep(0.01)
            if cutter is not None:
                since = time.monotonic()
        if mode == "idle":
            time.sleep(0.1)
            cut(port)
            s.recv(4096)
    except OSError as error:
        why = error.errno
    took = (time.monotonic() - since) * 1e3
    rows.append((case, took, errno.errorcode.get(why, "CLOSED")))


def main():
    rows, ready, threads = [], threading.Event(), []
    rng = random.Random(1)
    try:
        set_up()
        threading.Thread(target=serve, args=(ready,), daemon=True).start()
        ready.wait()
        for i, case in enumerate(CASES):
            for phase in range(PHASES):
                thread = threading.Thread(
                    target=one,
                    args=(case, 20000 + i * PHASES + phase,
                          rng.uniform(0, 4), rows))
                thread.start()
                threads.append(thread)
        for thread in threads:
            thread.join()
    finally:
        tear_down()
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write(f"# {os.uname().sysname} {os.uname().release}\n")
        for name in SYSCTLS:
            path = f"/proc/sys/net/ipv4/{name}"
            if os.path.exists(path):
                with open(path, encoding="ascii") as file:
                    out.write(f"# {name} = {file.read().strip()}\n")
        out.write("mode,user_timeout_ms,idle_s,interval_s,count,ended_ms,error\n")
        for case, took, why in sorted(rows):
            out.write(",".join(map(str, case)) + f",{took:.1f},{why}\n")


main()
