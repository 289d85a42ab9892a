"""A whole real customer gateway in a namespace: Linux's forwarding, FRR, and
strongSwan for the tunnels of a Site-to-Site VPN.

                       cgw: FRR, forwarding
         cgw-primary ──┤                  ├── cgw-lan
                       │                  │
          cgw-uplink ──┤── tun1   tun2 ───┘   devices of libipsec, moved here
             │         │
             │    swan1, swan2: one charon each, with the gateway's outside
             └──────── address; cgw only routes between them and the uplink

libipsec has one device for each charon and chooses an SA by the addresses of a
packet alone, so the two tunnels of a VPN need a charon each. What AWS's two
outside addresses send comes back to the charon that speaks with it, by policy
routing and without NAT.
"""

from strongswan import StrongSwan, connection

OUTSIDE = "198.51.100.1"
AWS_OUTSIDE = ("203.0.113.1", "203.0.113.2")
INSIDE = ("169.254.10.2", "169.254.10.6")
AWS_INSIDE = ("169.254.10.1", "169.254.10.5")
MTU = 1400  # of a tunnel: what ESP in UDP adds fits into 1500, with any cipher


class Gateway:
    def __init__(self, lab, name="cgw"):
        """Before the simulation, which puts its devices into `namespace`."""
        self.lab = lab
        self.namespace = lab.namespace(name)
        self.namespace.forward()
        self.clamp()
        self.swans = []

    def clamp(self):
        """Lowers the MSS of whatever passes to what fits a tunnel, as AWS asks
        of a gateway, also of connections that begin on Direct Connect. Without
        it one of these is lost in a tunnel: AWS drops what is too large and
        tells nobody."""
        self.namespace.run(
            "nft", "add table ip clamp; add chain ip clamp forward { type "
            "filter hook forward priority 0; }; add rule ip clamp forward tcp "
            f"flags syn tcp option maxseg size > {MTU - 40} tcp option maxseg "
            f"size set {MTU - 40}")

    def open_uplink(self):
        """Once the simulation runs: the outside address is the charons'. The
        routes from it go with it."""
        self.namespace.ip("address", "del", f"{OUTSIDE}/32", "dev",
                          "cgw-uplink")
        for address in AWS_OUTSIDE:
            self.namespace.route(f"{address}/32", "dev", "cgw-uplink")

    def add_tunnel(self, psk, ike="aes256-sha384-ecp384",
                   esp="aes256gcm16-ecp384", **options):
        """The next tunnel, as strongSwan: its connection is called `aws`."""
        number = len(self.swans) + 1
        index = number - 1
        inner = self.lab.namespace(f"swan{number}")
        self.lab.cable(self.namespace, f"swan{number}", f"192.0.2.{number}/32",
                       inner, "eth0", f"{OUTSIDE}/32")
        inner.route(f"192.0.2.{number}/32", "dev", "eth0", "scope", "link")
        inner.route("default", "via", f"192.0.2.{number}", "dev", "eth0",
                    "src", OUTSIDE)
        table = str(100 + number)
        self.namespace.ip("rule", "add", "from", AWS_OUTSIDE[index], "lookup",
                          table, "priority", table)
        self.namespace.route(f"{OUTSIDE}/32", "dev", f"swan{number}", "table",
                             table)
        swan = StrongSwan(self.lab, inner, self.connection(
            index, psk, ike, esp, **options), name=f"swan{number}")
        swan.tunnel_to(self.namespace, f"tun{number}",
                       f"{INSIDE[index]}/30")
        self.namespace.ip("link", "set", f"tun{number}", "mtu", MTU)
        self.swans.append(swan)
        return swan

    @staticmethod
    def connection(index, psk, ike, esp, **options):
        return connection("aws", OUTSIDE, AWS_OUTSIDE[index], psk, ike, esp,
                          **options)
