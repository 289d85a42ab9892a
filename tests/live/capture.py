"""Captures of what crosses a device of a namespace."""

import os
import signal

from lab import Failure, need, run


class Capture:
    """tcpdump on a device, until stop()."""

    def __init__(self, lab, namespace, device, name, expression=""):
        need("tcpdump", "tcpdump")
        self.path = os.path.join(lab.folder("captures"), f"{name}.pcap")
        # It reads the device in nanoseconds and without waiting for a buffer
        # to fill; -Z root, or it could not write into the lab's folder.
        self.process = lab.start(
            namespace, f"capture-{name}",
            ["tcpdump", "-i", device, "-n", "-U", "-s", "0", "-Z", "root",
             "--immediate-mode", "--time-stamp-precision=nano",
             "-w", self.path, *expression.split()])
        lab.wait(lambda: "listening on" in self.process.log(), 20,
                 f"tcpdump listens on {device}", self.process.tail)

    def stop(self):
        self.process.stop(signal.SIGINT)
        return self.path


def tshark(path, *options, keys=None, check=True):
    """What tshark prints of a capture. KEYS is a folder with esp_sa and
    ikev2_decryption_table, which is also how hybridsim writes them."""
    need("tshark", "tshark")
    env = dict(os.environ)
    if keys:
        env["WIRESHARK_CONFIG_DIR"] = keys
        options += ("-o", "esp.enable_encryption_decode:TRUE",
                    "-o", "esp.enable_authentication_check:TRUE")
    text = run(["tshark", "-n", "-r", path, *options], check, 120, env=env)
    return "".join(line for line in text.splitlines(True)
                   if not line.startswith("Running as user"))


def fields(path, *names, where="", keys=None):
    """The frames of a capture as dicts of these fields of tshark's."""
    options = ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]
    if where:
        options += ["-Y", where]
    for name in names:
        options += ["-e", name]
    frames = []
    for line in tshark(path, *options, keys=keys).splitlines():
        values = line.split("\t")
        if len(values) != len(names):
            raise Failure(f"tshark printed: {line}")
        frames.append(dict(zip(names, values)))
    return frames
