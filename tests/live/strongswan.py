"""A real strongSwan (charon-systemd and swanctl) in a namespace of a lab.

A kernel may lack ESP, so the packets are handled by strongSwan itself: its
plugin kernel-libipsec makes a TUN device `ipsec0` and always sends ESP in UDP
(port 4500), whether there is a NAT or not. `tunnel_to()` moves that device into
another namespace, where it then is what a route-based tunnel interface of a
gateway is: everything routed into it goes through the tunnel. Two such tunnels
need two charons, since libipsec finds an SA by the addresses of a packet alone.

charon finds everything by way of one file, STRONGSWAN_CONF; swanctl talks to it
through a socket (vici) in the lab's folder. The log has the keys, from which
swan_keys.py makes the tables of Wireshark; that is also why it must not be
used for anything but tests.
"""

import os
import re

from lab import need

PLUGINS = ("random nonce aes sha1 sha2 hmac kdf gcm openssl gmp curve25519 "
           "pem pkcs1 pkcs8 x509 pubkey kernel-libipsec kernel-netlink "
           "socket-default vici updown")

# retransmit_*: a peer that is silent is given up after some seconds and not
# after minutes. fwmark: what charon itself sends is not to go into its tunnel.
STRONGSWAN_CONF = """\
charon-systemd {{
    load = {plugins}
    install_routes = {install_routes}
    retransmit_tries = {tries}
    retransmit_timeout = {timeout}
    retransmit_base = 1.6
    {charon}
    plugins {{
        kernel-libipsec {{
            allow_peer_ts = yes
        }}
        kernel-netlink {{
            fwmark = !0x42
        }}
        socket-default {{
            fwmark = 0x42
        }}
        vici {{
            socket = unix://{folder}/vici
        }}
    }}
    filelog {{
        lab {{
            path = {folder}/charon.log
            time_format = %s
            default = 1
            ike = 4
            chd = 4
            mgr = 2
            append = no
            flush_line = yes
        }}
    }}
    journal {{
        default = -1
    }}
}}
"""

CONNECTION = """\
connections {{
    {name} {{
        version = 2
        local_addrs = {local}
        remote_addrs = {remote}
        proposals = {ike}
        mobike = no
        dpd_delay = {dpd_delay}
        rekey_time = {rekey_time}
        keyingtries = 1
        {ike_options}
        local {{
            auth = psk
            id = {local_id}
        }}
        remote {{
            auth = psk
            id = {remote_id}
        }}
        children {{
            {name} {{
                local_ts = {local_ts}
                remote_ts = {remote_ts}
                esp_proposals = {esp}
                rekey_time = {child_rekey_time}
                {child_options}
            }}
        }}
    }}
}}
secrets {{
    ike-{name} {{
        id-1 = {local_id}
        id-2 = {remote_id}
        secret = "{psk}"
    }}
}}
"""


def connection(name, local, remote, psk, ike, esp, local_ts="0.0.0.0/0",
               remote_ts="0.0.0.0/0", local_id=None, remote_id=None,
               dpd_delay="0s", rekey_time="0s", child_rekey_time="0s",
               ike_options="", child_options=""):
    """The text of swanctl.conf for a connection with one child, both NAME."""
    return CONNECTION.format(**dict(
        locals(), local_id=local_id or local, remote_id=remote_id or remote))


class StrongSwan:
    def __init__(self, lab, namespace, config, name="swan",
                 install_routes=True, charon="", tries=4, timeout=1.0):
        """CONFIG is a swanctl.conf; CHARON are further lines for charon."""
        need("charon-systemd strongswan-swanctl", "charon-systemd", "swanctl")
        need("libcharon-extra-plugins",
             "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so")
        need("libstrongswan-extra-plugins",
             "/usr/lib/ipsec/plugins/libstrongswan-curve25519.so")
        self.lab, self.namespace, self.name = lab, namespace, name
        self.folder = lab.folder(name)
        self.device = None
        path = lab.write(f"{name}/strongswan.conf", STRONGSWAN_CONF.format(
            plugins=PLUGINS, folder=self.folder, charon=charon,
            install_routes="yes" if install_routes else "no",
            tries=tries, timeout=timeout))
        self.env = {"STRONGSWAN_CONF": path, "SWANCTL_DIR": self.folder}
        self.process = lab.start(
            namespace, name, [lab.unconfined("charon-systemd")], self.env)
        lab.wait(lambda: os.path.exists(f"{self.folder}/vici"), 20,
                 "charon answers swanctl", self.process.tail)
        self.load(config)

    def control(self, command, *options, check=False, timeout=60):
        return self.namespace.run(
            self.lab.unconfined("swanctl"), command, *options,
            "--uri", f"unix://{self.folder}/vici",
            check=check, timeout=timeout, env=dict(os.environ, **self.env))

    def load(self, config):
        path = self.lab.write(f"{self.name}/swanctl.conf", config)
        self.control("--load-all", "--file", path, check=True)

    def initiate(self, child, seconds=20):
        return self.control("--initiate", "--child", child,
                            "--timeout", seconds)

    def terminate(self, **which):
        """terminate(ike=NAME) or terminate(child=NAME): deletes it."""
        (kind, name), = which.items()
        return self.control("--terminate", f"--{kind}", name, "--timeout", 10)

    def rekey(self, **which):
        (kind, name), = which.items()
        return self.control("--rekey", f"--{kind}", name)

    def sas(self):
        """The IKE SAs with their children, as swanctl prints them."""
        return self.control("--list-sas")

    def established(self):
        return "ESTABLISHED" in self.sas()

    def installed(self):
        """How many child SAs can carry traffic."""
        return len(re.findall(r"INSTALLED|REKEYED", self.sas()))

    def log(self):
        try:
            with open(f"{self.folder}/charon.log", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def said(self, pattern):
        return re.search(pattern, self.log())

    def tail(self, lines=20):
        """The end of the log, without dumps and bookkeeping."""
        text = [line for line in self.log().splitlines()
                if not re.search(r"\] +\d+: |\[MGR\]|=> \d+ bytes", line)]
        return "".join(f"  {self.name}: {line[:160]}\n"
                       for line in text[-lines:])

    def tunnel_to(self, namespace, device, *addresses):
        """Moves the device of the tunnel into another namespace. Another of
        its name takes its place, or charon, which insists on routing what it
        protects there, would refuse every child SA."""
        self.namespace.ip("link", "set", "ipsec0", "netns", namespace.netns,
                          "name", device)
        self.namespace.ip("tuntap", "add", "dev", "ipsec0", "mode", "tun")
        self.namespace.ip("link", "set", "ipsec0", "up")
        namespace.address(device, *addresses)
        self.device = device
