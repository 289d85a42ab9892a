"""Draws designs of hybrid networks, with what breaks in them, as INI files.

A design is a dictionary of groups, so that a test can change one and write it
again. What a number of a seed means does not depend on the seeds before it.

Timers are drawn so that a run is short in simulated time and cheap: a few
requests and probes a second, and a capture of the probes alone, which is what
tells the way that they took.
"""

import random

SITE, VPC, GATEWAY, DXGW = "dc", "app", "gw", "dxgw"

# What a design hangs on: a virtual private gateway alone or behind a Direct
# Connect gateway, or a transit gateway.
GATEWAYS = ["private", "private", "behind", "transit", "transit"]

# What happens to links, virtual interfaces, tunnels and nodes, besides a cut.
LINK_ACTIONS = ["brownout", "flap", "corrupt", "duplicate", "reorder", "replay"]
DX_ACTIONS = ["bgp-admin-down", "withdraw"]
VPN_ACTIONS = ["ike-psk-mismatch", "sa-delete", "bgp-admin-down", "withdraw"]
LASTING = {"link-down", "blackhole", "bgp-admin-down", "withdraw",
           "ike-psk-mismatch", "node-crash"}
ONE_WAY = {"blackhole", "brownout", "corrupt"}

# The time that a BGP session, a tunnel or a carrier may take to come back is
# the oracle's; here is only how long a run may be.
LONGEST = 1300


class Design:
    """Groups of an INI file, in order: {"onprem dc": {"asn": "65001"}}."""

    def __init__(self, number):
        self.number = number
        self.name = f"random-{number}"
        self.groups = {}

    def add(self, group, **keys):
        self.groups[group] = {
            key.replace("__", ".").replace("_", "-"): str(value)
            for key, value in keys.items() if value is not None}
        return self.groups[group]

    def of(self, kind):
        return {group.split()[1]: keys for group, keys in self.groups.items()
                if group.split()[0] == kind and " " in group}

    def text(self):
        lines = [f"# Random design {self.number}."]
        for group, keys in self.groups.items():
            lines += ["", f"[{group}]"]
            lines += [f"{key} = {value}" for key, value in keys.items()]
        return "\n".join(lines) + "\n"


def maybe(rng, probability, value, otherwise=None):
    return value if rng.random() < probability else otherwise


def bgp_timers(rng, choices):
    hold = rng.choice(choices)
    return {"hold": f"{hold}s", "keepalive": f"{max(1, hold // 3)}s"}


def policy(rng, local_preferences):
    """What a customer gateway has to say about one session. Its prefixes are
    the site's; or a more specific one with the database in it, which wins
    wherever it is heard; or one without, so that this way is no way."""
    return {"local_preference": maybe(rng, 0.4, rng.choice(local_preferences)),
            "prepend": maybe(rng, 0.3, rng.randint(1, 3)),
            "med": maybe(rng, 0.2, rng.choice([10, 50])),
            "announce": maybe(rng, 0.2, rng.choice(
                ["172.16.0.0/24", "172.16.0.0/17", "172.16.128.0/17"]))}


def draw_router(rng, design):
    """The customer gateway, where there are two."""
    two = "routers" in design.groups[f"onprem {SITE}"]
    return maybe(rng, 0.5, 2) if two else None


def draw_dx(rng, design, name, vif, far):
    bfd = maybe(rng, 0.5, rng.choice(["300ms x 3", "500ms x 3", "1s x 4"]))
    communities = None
    policies = policy(rng, [50, 100, 200, 300])
    if vif == "public":
        del policies["announce"]
    else:
        communities = maybe(rng, 0.3, rng.choice(
            ["7224:7100", "7224:7200", "7224:7300"]))
    design.add(f"dx {name}", between=f"{SITE}, {far}", vif=vif,
               router=draw_router(rng, design),
               delay=f"{rng.randint(1, 15)}ms", bfd=bfd,
               communities=communities,
               **bgp_timers(rng, [3, 9, 15, 30, 90]), **policies)


def draw_vpn(rng, design, name, underlay):
    one = rng.random() < 0.25
    if "type" not in design.groups[f"gateway {GATEWAY}"] and rng.random() < 0.2:
        # AWS's table of a transit gateway would need static routes, too.
        session = {"routing": "static", "local_preference": maybe(rng, 0.3, 250),
                   "static_routes": None}
    else:
        session = {**bgp_timers(rng, [9, 30]), **policy(rng, [50, 100, 250])}
    # What a public interface carries begins where the interface does.
    router = (draw_router(rng, design) if underlay == "internet"
              else design.of("dx")[underlay].get("router"))
    design.add(f"vpn {name}", between=f"{SITE}, {GATEWAY}", underlay=underlay,
               router=router,
               tunnels=1 if one else None,
               nat_t=maybe(rng, 0.2, "yes"),
               cgw=maybe(rng, 0.2, "cisco"),
               startup="start",
               esp__encryption=maybe(rng, 0.3, rng.choice(
                   ["aes128", "aes256", "aes128-gcm16"])),
               tunnel1__med=(maybe(rng, 0.15, 300) if "hold" in session and
                             "type" not in design.groups[f"gateway {GATEWAY}"]
                             else None),
               # A pre-shared key that does not fit: no tunnel, whatever the
               # design promises.
               tunnel1__cgw_psk=maybe(rng, 0.07, "another.one.than.AWS"),
               **session)


def draw_fault(rng, design, name, targets, at):
    target = rng.choice(targets)
    action = draw_action(rng, design, target)
    length = rng.choice([2, 20, 60, 150, None])
    if action not in LASTING and length is None:
        length = 40
    design.add(f"fault {name}", target=target, action=action,
               direction=(rng.choice(["both", "to-aws", "to-onprem"])
                          if action in ONE_WAY else None),
               loss="20%" if action == "brownout" else None,
               delay="50ms" if action == "brownout" else None,
               probability=("5%" if action in ("corrupt", "duplicate",
                                               "reorder", "replay") else None),
               at=f"{at}s", **{"for": f"{length}s" if length else "forever"})
    return at + (length or 0)


def draw_action(rng, design, target):
    """Half of them cut something, so that there is something to find out."""
    public = {name for name, keys in design.of("dx").items()
              if keys.get("vif") == "public"}
    cuts, others = ["link-down", "blackhole", "blackhole"], LINK_ACTIONS
    if target.endswith((".gateway", ".aws")):
        cuts, others = ["node-crash"], ["node-crash"]
    elif target.split(".")[0] in design.of("vpn"):
        # A tunnel has no carrier to lose.
        cuts, others = ["blackhole"], LINK_ACTIONS + VPN_ACTIONS
    elif target in design.of("dx"):
        others = LINK_ACTIONS + DX_ACTIONS
        if target in public:
            # What it announces is its own; nothing of the site.
            others = [a for a in others if a != "withdraw"]
    return rng.choice(cuts if rng.random() < 0.5 else others)


def draw_gateway(rng, design):
    """A virtual private gateway, one behind a Direct Connect gateway, or a
    transit gateway; and what virtual interfaces lead to."""
    kind = rng.choice(GATEWAYS)
    transit = kind == "transit"
    design.add(f"gateway {GATEWAY}", type="tgw" if transit else None,
               asn=64600 if transit else None, attach=VPC,
               vpn_ecmp=maybe(rng, 0.3, "no") if transit else None,
               convergence=rng.choice(["100ms", "1s", "5s"]))
    if kind == "private":
        return "private", GATEWAY
    design.add(f"dxgw {DXGW}", asn=64512 if transit else 64700)
    if transit:
        # Exactly what is announced: the VPC's network, one around it, or one
        # that has nothing to do with it.
        allowed = rng.choice(["10.0.0.0/16", "10.0.0.0/16", "10.0.0.0/8",
                              "10.0.0.0/17, 10.0.128.0/17", "10.9.0.0/16"])
    else:
        allowed = rng.choice([None, "10.0.0.0/16", "10.0.0.0/15"])
    design.add("association ours", between=f"{DXGW}, {GATEWAY}",
               allowed_prefixes=allowed)
    return "transit" if transit else "private", DXGW


def draw_elements(rng, design):
    """Private or transit interfaces, VPNs over the internet, and VPNs over
    public interfaces."""
    vif, far = draw_gateway(rng, design)
    private = rng.choice([0, 1, 1, 1, 2])
    internet = rng.choice([0, 1, 1, 2])
    public = rng.choice([0, 0, 1])
    if private + internet + public == 0:
        internet = 1
    for i in range(private):
        draw_dx(rng, design, f"dx{i + 1}", vif, far)
    for i in range(internet):
        draw_vpn(rng, design, f"vpn{i + 1}", "internet")
    if internet:
        design.add("internet", delay=f"{rng.randint(2, 40)}ms",
                   jitter=maybe(rng, 0.5, "exponential 1ms", "none"),
                   loss=maybe(rng, 0.15, "0.5%"))
    if public:
        draw_dx(rng, design, "pub", "public", GATEWAY)
        draw_vpn(rng, design, "over", "pub")


def targets_of(design):
    targets = list(design.of("dx")) + [f"{SITE}.gateway"]
    targets += [f"{name}.aws" for name in design.of("dx")]
    if "internet" in design.groups:
        targets.append("internet")
    for name, keys in design.of("vpn").items():
        targets += [name, f"{name}.tunnel1"]
        if keys.get("tunnels") != "1":
            targets.append(f"{name}.tunnel2")
    return targets


def draw(number):
    """The design of a number, always the same one."""
    rng = random.Random(f"hybridsim {number}")
    design = Design(number)
    scenario = design.add("scenario", title="A random design", warmup="20s")
    routers = rng.choice([1, 1, 2])
    design.add(f"onprem {SITE}", asn=65001, prefix="172.16.0.0/16",
               preset=maybe(rng, 0.3, "rfc"),
               routers=2 if routers == 2 else None)
    design.add(f"vpc {VPC}", cidr="10.0.0.0/16")
    draw_elements(rng, design)
    design.add("database orders", client=VPC, server=SITE,
               rate=rng.choice(["1/s", "2/s", "5/s"]), pool=2)
    design.add("probe", interval="500ms")
    design.add("capture", filter="udp port 6363")
    design.add("expect", plaintext__bytes__max=0)
    at, last = 60, 60
    for i in range(rng.choice([1, 1, 2, 2, 3])):
        last = max(last, draw_fault(rng, design, f"f{i + 1}",
                                    targets_of(design), at))
        at += rng.choice([1, 30, 120])
    scenario["duration"] = f"{min(LONGEST, last + 480)}s"
    return design
