"""Draws designs of hybrid networks, with what breaks in them, as INI files.

A design is a dictionary of groups, so that a test can change one and write it
again. What a number of a seed means does not depend on the seeds before it.

Timers are drawn so that a run is short in simulated time and cheap: a few
requests and probes a second, and a capture of the probes alone, which is what
tells the way that they took.
"""

import random

SITE, VPC, GATEWAY = "dc", "app", "gw"

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
    """What a customer gateway has to say about one session."""
    keys = {"local_preference": maybe(rng, 0.4, rng.choice(local_preferences)),
            "prepend": maybe(rng, 0.3, rng.randint(1, 3)),
            "med": maybe(rng, 0.2, rng.choice([10, 50]))}
    return keys


def draw_dx(rng, design, name, public):
    bfd = maybe(rng, 0.5, rng.choice(["300ms x 3", "500ms x 3", "1s x 4"]))
    communities = None
    if not public:
        communities = maybe(rng, 0.3, rng.choice(
            ["7224:7100", "7224:7200", "7224:7300"]))
    design.add(f"dx {name}", between=f"{SITE}, {GATEWAY}",
               vif="public" if public else None,
               delay=f"{rng.randint(1, 15)}ms", bfd=bfd,
               communities=communities,
               **bgp_timers(rng, [3, 9, 15, 30, 90]),
               **policy(rng, [50, 100, 200, 300]))


def draw_vpn(rng, design, name, underlay):
    one = rng.random() < 0.25
    design.add(f"vpn {name}", between=f"{SITE}, {GATEWAY}", underlay=underlay,
               tunnels=1 if one else None,
               nat_t=maybe(rng, 0.2, "yes"),
               cgw=maybe(rng, 0.2, "cisco"),
               startup="start",
               esp__encryption=maybe(rng, 0.3, rng.choice(
                   ["aes128", "aes256", "aes128-gcm16"])),
               tunnel1__med=maybe(rng, 0.15, 300),
               # A pre-shared key that does not fit: no tunnel, whatever the
               # design promises.
               tunnel1__cgw_psk=maybe(rng, 0.07, "another.one.than.AWS"),
               **bgp_timers(rng, [9, 30]),
               **policy(rng, [50, 100, 250]))


def draw_fault(rng, design, name, targets, at):
    target = rng.choice(targets)
    action = rng.choice(["link-down", "blackhole", "blackhole"])
    if target.split(".")[0] in design.of("vpn"):
        action = "blackhole"  # a tunnel has no carrier to lose
    length = rng.choice([2, 20, 60, 150, None])
    design.add(f"fault {name}", target=target, action=action,
               direction=(rng.choice(["both", "to-aws", "to-onprem"])
                          if action == "blackhole" else None),
               at=f"{at}s", **{"for": f"{length}s" if length else "forever"})
    return at + (length or 0)


def draw_elements(rng, design):
    """Private interfaces, VPNs over the internet, VPNs over public ones."""
    private = rng.choice([0, 1, 1, 1, 2])
    internet = rng.choice([0, 1, 1, 2])
    public = rng.choice([0, 0, 1])
    if private + internet + public == 0:
        internet = 1
    for i in range(private):
        draw_dx(rng, design, f"dx{i + 1}", False)
    for i in range(internet):
        draw_vpn(rng, design, f"vpn{i + 1}", "internet")
    if internet:
        design.add("internet", delay=f"{rng.randint(2, 40)}ms",
                   jitter=maybe(rng, 0.5, "exponential 1ms", "none"),
                   loss=maybe(rng, 0.15, "0.5%"))
    if public:
        draw_dx(rng, design, "pub", True)
        draw_vpn(rng, design, "over", "pub")


def targets_of(design):
    targets = list(design.of("dx"))
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
    design.add(f"onprem {SITE}", asn=65001, prefix="172.16.0.0/24",
               preset=maybe(rng, 0.3, "rfc"))
    design.add(f"vpc {VPC}", cidr="10.0.0.0/16")
    design.add(f"gateway {GATEWAY}", attach=VPC,
               convergence=rng.choice(["100ms", "1s", "5s"]))
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
