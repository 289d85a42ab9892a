"""A real OpenBGPD in a namespace of a lab: a third opinion of BGP.

It gives up being root and shuts itself up in the home of the user _openbgpd,
which is below /run and there only while systemd runs: it gets a /run of its own
(`ip netns exec` has made a mount namespace already). Its routes go into the
kernel's table of the namespace unless the configuration says `fib-update no`.
"""

import json
import os
import pwd

from lab import need

PROGRAM = "/usr/sbin/bgpd"


class OpenBgpd:
    def __init__(self, lab, namespace, config, name="openbgpd"):
        need("openbgpd", PROGRAM, "bgpctl")
        self.namespace = namespace
        self.socket = f"{lab.folder(name)}/ctl"
        path = lab.write(f"{name}/bgpd.conf",
                         f'socket "{self.socket}"\n{config}')
        os.chmod(path, 0o600)
        home = pwd.getpwnam("_openbgpd").pw_dir
        self.process = lab.start(
            namespace, name,
            ["sh", "-c", f"mount -t tmpfs none /run && mkdir -p {home} && "
             'exec "$@"', "sh", PROGRAM, "-d", "-v", "-f", path])
        lab.wait(lambda: os.path.exists(self.socket), 20,
                 "OpenBGPD answers bgpctl", self.process.tail)

    def control(self, *command):
        return self.namespace.run("bgpctl", "-s", self.socket, *command,
                                  check=False)

    def json(self, *command):
        try:
            return json.loads(self.control("-j", *command))
        except json.JSONDecodeError:
            return {}

    def bgp_state(self, address):
        neighbours = self.json("show", "neighbor").get("neighbors", [])
        return next((n["state"] for n in neighbours
                     if n["remote_addr"] == address), "")

    def paths(self, prefix):
        return self.json("show", "rib", "detail", prefix).get("rib", [])

    def summary(self):
        return self.control("show", "summary")
