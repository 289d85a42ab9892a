#!/usr/bin/env python3
"""The completion in the shells themselves: a line is typed into each, with
tabulators, and then printed word by word as the shell understood it. A shell
that is not installed is left out, by name; bash has to be there."""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.join(os.environ["TOP_BUILDDIR"], "hybridsim")
SCENARIO = os.path.join(os.environ["TOP_SRCDIR"], "scenarios", "dx-cut.ini")

# What is typed behind "hybridsim ", and the words that it must become. In
# quotes, because a group has a space in its name.
LINES = [
    ("sur\t", ["survive"]),
    ("compl\tba\t", ["completion", "bash"]),
    ("expl\t--rou\tdx-c\t", ["explain", "--routes", "dx-cut.ini"]),
    ("compare --for\tm\t", ["compare", "--format", "markdown"]),
    ("compare --format=m\t", ["compare", "--format=markdown"]),
    ("--no-cap\tdx-c\t", ["--no-capture", "dx-cut.ini"]),
    ("run --out res\t dx-c\t", ["run", "--out", "results/", "dx-cut.ini"]),
    ("run dx-cut.ini --set dx\\ primary.bf\toff",
     ["run", "dx-cut.ini", "--set", "dx primary.bfd=off"]),
    ("run dx-cut.ini --set 'fault cut.action=bl\t",
     ["run", "dx-cut.ini", "--set", "fault cut.action=blackhole"]),
    ("run dx-cut.ini --set probe.inter\t5ms",
     ["run", "dx-cut.ini", "--set", "probe.interval=5ms"]),
    ("dissect pac\t", ["dissect", "packets.pcap"]),
    ("help dis\t", ["help", "dissect"]),
]


def shell(command, environment, folder):
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)
    return pid, fd


def read_until(fd, wanted, seconds=20):
    """What came until WANTED did; None if it did not."""
    seen = b""
    end = time.monotonic() + seconds
    while wanted not in seen:
        ready, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
        if not ready:
            return None, seen
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            return None, seen
        if not chunk:
            return None, seen
        seen += chunk
    return seen, seen


def show(fd):
    """Ctrl-A, and the line becomes one that prints its words."""
    os.write(fd, b"\x01show \r")


def try_pty(name, command, setup, folder, environment):
    """Types every line into one shell; returns what went wrong."""
    wrong = []
    pid, fd = shell(command, environment, folder)
    os.write(fd, setup.encode() + b"\r")
    # The echo of the command has the word with a quote in it.
    _, seen = read_until(fd, b"READY-1")
    if b"READY-1" not in seen:
        return ["%s: did not start: %r" % (name, seen)]
    for typed, words in LINES:
        want = "".join("<%s>" % word for word in words).encode()
        os.write(fd, b"\x01\x0b")  # Ctrl-A, Ctrl-K: an empty line
        for char in "hybridsim " + typed:
            os.write(fd, char.encode())
            if char == "\t":
                # The shell is done when it has answered; it draws nothing
                # new where there is nothing to complete.
                time.sleep(0.3)
        show(fd)
        got, seen = read_until(fd, b"END-OF-LINE\r", 8)
        if got is None or want not in seen:
            wrong.append("%s: %r gave %r, not %s" % (name, typed, seen, want))
    os.close(fd)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return wrong


SHOW = "show() { shift; printf '<%s>' \"$@\"; echo 'END-OF''-LINE'; }; "


def bash(folder, environment):
    return try_pty(
        "bash", ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; PS1='$ '; " + SHOW +
        "source <(hybridsim completion bash); echo READY'-1'",
        folder, environment)


def zsh(folder, environment):
    return try_pty(
        "zsh", ["zsh", "-f", "-i"],
        "bindkey -e; PS1='%% '; unset zle_bracketed_paste; unsetopt "
        "automenu listbeep autoremoveslash; " + SHOW + "fpath=(%s $fpath); autoload -U compinit;"
        " compinit -u -D; echo READY'-1'" % os.path.join(folder, "zsh"),
        folder, environment)


def fish(folder, environment):
    """fish completes a line that is given to it."""
    wrong = []
    for typed, words in LINES:
        if typed.count("\t") != 1 or not typed.rstrip("'").endswith("\t"):
            continue
        line = "hybridsim " + typed[:typed.index("\t")]
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             "source (hybridsim completion fish | psub); complete -C $argv[1]",
             line],
            cwd=folder, env=environment, capture_output=True, text=True)
        found = [row.split("\t")[0] for row in done.stdout.splitlines()]
        if words[-1] not in found:
            wrong.append("fish: %r gave %r, not %r: %s"
                         % (line, found, words[-1], done.stderr))
    return wrong


def main():
    wrong, tried = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bin", "results", "zsh", "home"):
            os.mkdir(os.path.join(folder, name))
        os.symlink(PROGRAM, os.path.join(folder, "bin", "hybridsim"))
        shutil.copy(SCENARIO, os.path.join(folder, "dx-cut.ini"))
        open(os.path.join(folder, "packets.pcap"), "wb").close()
        environment = {
            "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"],
            "HOME": os.path.join(folder, "home"), "TERM": "vt100",
            "LC_ALL": "C.UTF-8", "COLUMNS": "200",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
        }
        with open(os.path.join(folder, "zsh", "_hybridsim"), "wb") as script:
            subprocess.run([PROGRAM, "completion", "zsh"], stdout=script,
                           check=True)
        for test in (bash, zsh, fish):
            if shutil.which(test.__name__) is None:
                print("%s is not installed" % test.__name__)
                continue
            tried.append(test.__name__)
            wrong += test(folder, environment)
    for line in wrong:
        print(line)
    print("completed in %s: %u lines, %u wrong"
          % (", ".join(tried), len(LINES), len(wrong)))
    return 1 if wrong or "bash" not in tried else 0


sys.exit(main())
