"""A real FRR: zebra, bgpd and, if wanted, bfdd, in a namespace of a lab.

Its sockets and pid files are in a folder of the lab, so that another FRR on the
machine is not met; the folder is the user frr's, who they soon run as. Routes
go through zebra into the namespace's own tables.
"""

import json
import os
import shutil

from lab import need

LIBRARY = "/usr/lib/frr"
BASE = "log stdout informational\n"


class Frr:
    def __init__(self, lab, namespace, bgp, bfd=False, name="frr", zebra="",
                 bfd_config=""):
        """BGP is the configuration of bgpd, ZEBRA and BFD_CONFIG those of the
        other two."""
        need("frr", f"{LIBRARY}/zebra", f"{LIBRARY}/bgpd", f"{LIBRARY}/bfdd",
             "vtysh")
        self.lab, self.namespace, self.name = lab, namespace, name
        self.folder = lab.folder(name)
        shutil.chown(self.folder, "frr", "frr")
        lab.write(f"{name}/vtysh.conf", "")  # it complains of none
        self.daemons = {"zebra": self.start("zebra", zebra)}
        if bfd:
            self.daemons["bfdd"] = self.start(
                "bfdd", bfd_config, "--bfdctl", f"{self.folder}/bfdd.ctl")
        self.daemons["bgpd"] = self.start("bgpd", bgp)

    def start(self, daemon, config, *options):
        """Also again, when it was stopped."""
        vty = f"{self.folder}/{daemon}.vty"
        if os.path.exists(vty):
            os.unlink(vty)
        path = self.lab.write(f"{self.name}/{daemon}.conf", BASE + config)
        process = self.lab.start(
            self.namespace, f"{self.name}-{daemon}",
            [f"{LIBRARY}/{daemon}", "-P", "0", "-f", path,
             "-i", f"{self.folder}/{daemon}.pid",
             "-z", f"{self.folder}/zserv.api",
             "--vty_socket", self.folder, *options])
        self.lab.wait(lambda: os.path.exists(vty), 20,
                      f"{daemon} listens to vtysh", process.tail)
        return process

    def show(self, *commands):
        options = []
        for command in commands:
            options += ["-c", command]
        return self.namespace.run(
            "vtysh", "--vty_socket", self.folder, "--config_dir", self.folder,
            *options, check=False)

    def json(self, command):
        """What `COMMAND json` shows, or {} where it shows none."""
        try:
            return json.loads(self.show(f"{command} json"))
        except json.JSONDecodeError:
            return {}

    def configure(self, *lines):
        self.show("configure terminal", *lines)

    def neighbour(self, address):
        return self.json(f"show bgp neighbors {address}").get(address, {})

    def bgp_state(self, address):
        return self.neighbour(address).get("bgpState", "")

    def paths(self, prefix):
        """The paths to a prefix that bgpd knows, as FRR's JSON has them."""
        return self.json(f"show bgp ipv4 unicast {prefix}").get("paths", [])

    def bfd_state(self, address):
        peers = self.json("show bfd peers")
        return next((p["status"] for p in peers if p["peer"] == address), "")

    def summary(self):
        return self.show("show bgp summary", "show bfd peers")
