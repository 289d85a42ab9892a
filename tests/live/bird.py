"""A real BIRD 2 in a namespace of a lab, with its control socket beside it."""

import re

from lab import need


class Bird:
    def __init__(self, lab, namespace, config, name="bird"):
        need("bird2", "bird", "birdc")
        self.lab, self.namespace = lab, namespace
        self.folder = lab.folder(name)
        self.control = f"{self.folder}/ctl"
        path = lab.write(f"{name}/bird.conf",
                         "log stderr all;\n" + config)
        self.process = lab.start(
            namespace, name, ["bird", "-f", "-c", path, "-s", self.control,
                              "-P", f"{self.folder}/pid"])
        lab.wait(lambda: "ready" in self.show("show status").lower()
                 or "up and running" in self.show("show status"),
                 20, "BIRD answers birdc", self.process.tail)

    def show(self, *command):
        return self.namespace.run("birdc", "-s", self.control, *command,
                                  check=False)

    def reconfigure(self, config):
        self.lab.write(f"{self.folder}/bird.conf", "log stderr all;\n" + config)
        return self.show("configure")

    def bgp_state(self, protocol):
        found = re.search(r"BGP state:\s+(\w+)",
                          self.show("show", "protocols", "all", protocol))
        return found.group(1) if found else ""

    def route(self, prefix):
        """All that birdc shows of a prefix, or "" when there is none."""
        text = self.show("show", "route", "all", prefix)
        return text if "Network not found" not in text else ""

    def bfd_state(self, address):
        found = re.search(rf"^{re.escape(address)}\s+\S+\s+(\w+)",
                          self.show("show", "bfd", "sessions"), re.M)
        return found.group(1) if found else ""

    def summary(self):
        return self.show("show protocols all") + self.show("show bfd sessions")
