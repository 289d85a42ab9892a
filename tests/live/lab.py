"""Network namespaces with real daemons in them, for the tests of live mode.

A lab owns everything that a test makes on the machine and takes it away again,
whether the test passes, fails, or is interrupted:

    from lab import Lab, main, need
    from frr import Frr

    def check():
        need("frr", "/usr/lib/frr/bgpd")            # else skipped, saying so
        with Lab("example") as lab:
            left, right = lab.namespace("left"), lab.namespace("right")
            cable = lab.cable(left, "eth0", "192.0.2.1/30",
                              right, "eth0", "192.0.2.2/30")
            frr = Frr(lab, left, "router bgp 65001\\n ...", bfd=True)
            lab.wait(lambda: frr.bgp_state("192.0.2.2") == "Established",
                     30, "BGP is up", frr.summary)
            cable.cut()                             # silently: no carrier event
            left.run("ping", "-c1", "192.0.2.2", check=False)

    main(check)                                     # exit status and skips

The daemons: frr.Frr, bird.Bird, openbgpd.OpenBgpd, strongswan.StrongSwan,
postgres.Postgres; capture.Capture records what crosses a device. Each takes a
lab and a namespace, has its files in a folder of its own, and never touches
the daemons that the machine may run: sockets, pid files and databases are in
that folder, too.

To put a program of ours into a lab, `lab.start(namespace, name, [PROGRAM, …])`
gives a Process, whose log is `process.log()`. `lab.folder(name)` is a path for
files; LIVE_KEEP=1 keeps them after the test and prints where they are.

What is made and how it goes away: namespaces are called hs-PID-NAME, with the
PID of the test, and take their devices with them when they are removed. Only
processes that the lab started are ended, each by its own pid, in the reverse
order, and then what these have left in the lab's namespaces. The kernel ends
them (PR_SET_PDEATHSIG) should the test be killed, but for daemons that change
their user. What a killed test could not remove, the next lab removes:
namespaces whose PID is no longer alive, and what runs in them.
"""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)

# Where Debian has its daemons, which not every user's PATH names.
os.environ["PATH"] += ":/usr/sbin:/sbin"


class Skip(Exception):
    """Why this test cannot run on this machine."""


class Failure(Exception):
    """What did not hold, with what explains it."""


def need(package, *files):
    """Skips the test when a Debian package is missing: one of its programs,
    or another file of it, given by its path."""
    for program in files:
        if not (os.path.exists(program) or shutil.which(program)):
            raise Skip(f"{program} is missing "
                       f"(on Debian: apt-get install {package})")


def main(*checks):
    """Runs the checks one after the other as a test of `make check`: exit 0,
    1 when one fails, 77 when all that did not pass were skipped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted, results = sys.argv[1:], []
    for check in checks:
        name = check.__name__.replace("_", " ")
        if wanted and check.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            check()
            results.append("passed")
        except Skip as reason:
            results.append("skipped")
            print(f"skipped: {name}: {reason}", flush=True)
            continue
        except (Failure, AssertionError) as reason:
            results.append("failed")
            print(f"FAIL {name}: {reason}", flush=True)
            continue
        except Exception:  # the test's own fault; the next may still tell
            results.append("failed")
            print(f"FAIL {name}:\n{traceback.format_exc()}", flush=True)
            continue
        print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
    if not results:
        sys.exit(f"no such check; there are: "
                 f"{' '.join(c.__name__ for c in checks)}")
    sys.exit(1 if "failed" in results else
             77 if "skipped" in results and "passed" not in results else 0)


def prepare_child():
    """In a new process: it ends with its parent, and SIGINT is what it is for
    who sits at a terminal, however we were started. LIVE_REALTIME puts it before
    what else the machine does, to measure nothing but timers."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if os.environ.get("LIVE_REALTIME"):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))


class Process:
    """A program that the lab started; its output goes to a file."""

    def __init__(self, name, command, path, env):
        self.name, self.path = name, path
        with open(path, "ab") as log:
            self.child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env=env, preexec_fn=prepare_child, start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def log(self):
        with open(self.path, errors="replace") as file:
            return file.read()

    def send(self, number):
        if self.alive():
            self.child.send_signal(number)

    def wait(self, seconds):
        """The exit status; the program must end by itself within SECONDS."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end:\n{self.tail()}") from None

    def stop(self, number=signal.SIGTERM, seconds=5):
        """Ends it, in good manners first, and gives its exit status."""
        self.send(number)
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            status = self.child.wait()
        if self.child.stdin and not self.child.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.child.stdin.close()
        return status

    def tail(self, lines=15):
        return "".join(f"  {self.name}: {line[:160]}\n"
                       for line in self.log().splitlines()[-lines:])


class Namespace:
    """A network namespace; NAME is ours, `netns` the one that ip(8) knows."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.netns = f"hs-{os.getpid()}-{name}"
        ip("netns", "add", self.netns)
        lab.stack.callback(ip, "netns", "delete", self.netns, check=False)
        lab.stack.callback(end_all_in, self.netns)
        self.ip("link", "set", "lo", "up")
        # A second copy of every packet by way of ICMP helps nobody here, and
        # addresses of IPv6 only put noise into captures.
        self.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        self.sysctl("net.ipv6.conf.default.disable_ipv6", 1)

    def ip(self, *arguments, check=True):
        return ip("-n", self.netns, *arguments, check=check)

    def command(self, *arguments):
        return ["ip", "netns", "exec", self.netns, *map(str, arguments)]

    def run(self, *arguments, check=True, timeout=30, **options):
        """Runs a program to its end and gives what it printed."""
        return run(self.command(*arguments), check, timeout, **options)

    def sysctl(self, key, value):
        self.run("sysctl", "-q", "-w", f"{key}={value}", check=False)

    def forward(self):
        """Makes it a router."""
        self.sysctl("net.ipv4.ip_forward", 1)
        self.sysctl("net.ipv4.conf.all.rp_filter", 0)
        self.sysctl("net.ipv4.conf.default.rp_filter", 0)

    def address(self, device, *addresses):
        for address in addresses:
            self.ip("address", "add", address, "dev", device)
        self.ip("link", "set", device, "up")

    def route(self, prefix, *via):
        self.ip("route", "replace", prefix, *via)

    def routes(self, *selector):
        """The routes of the kernel, one a line."""
        return self.ip("route", "show", *selector)

    def ping(self, address, count=1, *options):
        """How many of COUNT pings were answered."""
        text = self.run("ping", "-n", "-c", count, "-i", "0.2", "-W", "1",
                        *options, address, check=False, timeout=60)
        found = re.search(r"(\d+) received", text)
        return int(found.group(1)) if found else 0


class Cable:
    """Two ends of a veth pair, which can be cut without either noticing."""

    def __init__(self, ends):
        self.ends = ends

    def cut(self, towards=None):
        """Drops what arrives at either end, or at the namespace TOWARDS, with
        the carrier still up."""
        for namespace, device in self.ends:
            if towards in (None, namespace):
                namespace.run(
                    "nft", f"add table netdev cut_{device}; add chain netdev "
                    f"cut_{device} in {{ type filter hook ingress device "
                    f"{device} priority 0; policy drop; }}")

    def mend(self):
        for namespace, device in self.ends:
            namespace.run("nft", "delete", "table", "netdev", f"cut_{device}",
                          check=False)

    def carrier(self, up):
        """Pulls the plug, or puts it back in: both ends see it."""
        namespace, device = self.ends[0]
        namespace.ip("link", "set", device, "up" if up else "down")


class Lab:
    def __init__(self, name):
        self.name = name
        self.stack = contextlib.ExitStack()
        self.processes = []

    def __enter__(self):
        need("iproute2", "ip")
        need("nftables", "nft")
        need("iputils-ping", "ping")
        need("procps", "sysctl")
        if not os.path.exists("/dev/net/tun"):
            raise Skip("there are no TUN devices (/dev/net/tun)")
        if os.geteuid() != 0:
            raise Skip("only root may make network namespaces")
        sweep()
        try:
            ip("netns", "add", f"hs-{os.getpid()}-probe")
            ip("netns", "delete", f"hs-{os.getpid()}-probe")
        except Failure as reason:
            raise Skip(f"network namespaces are forbidden: {reason}") from None
        # Short, because the path of a Unix socket has at most 107 bytes, and
        # open to the daemons that give up being root.
        self.top = tempfile.mkdtemp(prefix="hs-live-")
        os.chmod(self.top, 0o755)
        self.stack.callback(self._remove_folder)
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, (Failure, AssertionError)):
            for process in self.processes:
                print(process.tail(), end="", flush=True)
        self.stack.close()
        return False

    def _remove_folder(self):
        if os.environ.get("LIVE_KEEP"):
            print(f"kept: {self.top}", flush=True)
        else:
            shutil.rmtree(self.top, ignore_errors=True)

    def folder(self, *names):
        """A folder of this lab, made when it is not there yet."""
        path = os.path.join(self.top, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, path, text):
        path = os.path.join(self.top, path)
        with open(path, "w") as file:
            file.write(text)
        return path

    def unconfined(self, program):
        """A copy of a program that AppArmor's profile, which goes by the path
        and would keep it out of our folders, does not apply to."""
        copy = os.path.join(self.folder("bin"), program)
        if not os.path.exists(copy):
            shutil.copy(shutil.which(program), copy)
        return copy

    def namespace(self, name):
        return Namespace(self, name)

    def cable(self, left, left_device, left_address,
              right, right_device, right_address, mtu=1500):
        ip("link", "add", "name", left_device, "mtu", mtu,
           "netns", left.netns, "type", "veth",
           "peer", "name", right_device, "mtu", mtu, "netns", right.netns)
        left.address(left_device, left_address)
        right.address(right_device, right_address)
        return Cable(((left, left_device), (right, right_device)))

    def start(self, namespace, name, command, env=None):
        """Starts a program; NAMESPACE may be None for the machine's own."""
        command = list(map(str, command))
        if namespace:
            command = namespace.command(*command)
        process = Process(name, command, os.path.join(self.top, f"{name}.log"),
                          dict(os.environ, **(env or {})))
        self.processes.append(process)
        self.stack.callback(process.stop)
        return process

    def wait(self, condition, seconds, what, explain=lambda: ""):
        """Waits until CONDITION gives something true, and gives that."""
        end = time.monotonic() + seconds
        while True:
            got = condition()
            if got:
                return got
            if time.monotonic() > end:
                raise Failure(f"not within {seconds} s: {what}\n{explain()}")
            time.sleep(0.05)


def check(condition, what, detail=""):
    if not condition:
        raise Failure(f"{what}: {detail}" if detail != "" else what)


def run(command, check=True, timeout=30, **options):
    done = subprocess.run(list(map(str, command)), text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)
    if check and done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: exit "
                      f"{done.returncode}: {done.stdout}")
    return done.stdout


def ip(*arguments, check=True):
    return run(["ip", *arguments], check)


def end_all_in(netns):
    """Ends what still runs in a namespace that a lab made."""
    for pid in ip("netns", "pids", netns, check=False).split():
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(pid), signal.SIGKILL)


def sweep():
    """Removes the namespaces of tests that were killed."""
    for line in ip("netns", "list", check=False).splitlines():
        found = re.match(r"hs-(\d+)-\S+", line)
        if found and not os.path.exists(f"/proc/{found.group(1)}"):
            end_all_in(found.group(0))
            ip("netns", "delete", found.group(0), check=False)
