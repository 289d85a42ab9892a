#!/usr/bin/env python3
"""What AWS's monitoring shows, held against the rest of the result and against
readers of others: the OpenMetrics parser of python3-prometheus-client, json and
csv. The alarms of three scenarios are known by hand; their files say why.
"""

import csv
import json
import os
import re
import sys
import tempfile

import program

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    print("skipped: python3-prometheus-client is missing")
    sys.exit(77)

START = 1767225600  # 2026-01-01T00:00:00Z
READ, TOLD = 60 + 5, 60 + 5 + 5  # after the end of a datapoint's period

# By scenario and alarm: the instants at which it changes, and to what.
ALARMS = {
    "alarm-one-minute": {
        "once": [(180 + READ, "ALARM"), (300 + READ, "OK")],
        "twice": [(240 + READ, "ALARM"), (360 + READ, "OK")],
        "thrice": [],
    },
    "alarm-average": {
        "average": [],
        "minimum": [(300 + READ, "ALARM"), (600 + READ, "OK")],
    },
    "alarm-missing-data": {
        "breaching": [(300 + READ, "ALARM"), (420 + READ, "OK")],
        "not-breaching": [],
        "missing": [(300 + READ, "INSUFFICIENT_DATA"), (420 + READ, "OK")],
        "ignore": [],
    },
}
# Who is told first, in seconds since the fault, of these and others.
TOLD_AFTER = {
    "alarm-one-minute": ("once", 180 + TOLD - 100),
    "alarm-average": ("minimum", 300 + TOLD - 100),
    "alarm-missing-data": ("breaching", 300 + TOLD - 100),
}
BLIND = {
    "alarm-average": {"average-hides-outage", "no-direct-connect-event"},
    "alarm-one-minute": {"port-stays-up", "outage-unmeasured"},
    "brownout-unnoticed": {"brownout-unmeasured"},
    "vpn-tunnel-down": {"no-vpn-event"},
}
MORE = {
    "brownout-unnoticed": [],
    "vpn-tunnel-down": ["--set", "monitoring.vpn.period=60s"],
    "tgw-vpn-ecmp": ["--set", "monitoring.global-network=yes"],
}

wrong = 0


def complain(text):
    global wrong
    wrong += 1
    print("wrong: " + text)


def check(condition, text):
    if not condition:
        complain(text)


def read_lines(folder, name):
    with open(os.path.join(folder, "monitoring", name), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def read_text(folder, name):
    path = os.path.join(folder, "monitoring", name)
    with open(path, encoding="utf-8", newline="") as f:
        return f.read()


def check_alarms(name, result):
    alarms = {a["name"]: a for a in result["monitoring"]["alarms"]}
    check(set(alarms) == set(ALARMS[name]), name + ": other alarms")
    for alarm, expected in ALARMS[name].items():
        seen = [(c["at_s"], c["to"]) for c in alarms[alarm]["changes"]]
        check(seen == expected, "%s: %s: %s, not %s" % (name, alarm, seen, expected))
    known = result["monitoring"]["known"][0]["notification"]
    who, when = TOLD_AFTER[name]
    check(
        (known["what"], known["since_fault_ms"]) == (who, when * 1000),
        "%s: told by %s" % (name, known),
    )


def check_stream(name, folder, result):
    """Every datapoint stands alike in the three formats, on its period."""
    stream = read_lines(folder, "metric-stream.json")
    rows = list(csv.DictReader(read_text(folder, "metrics.csv").splitlines()))
    period = {
        (m["name"], tuple(sorted(m["dimensions"].items()))): m["period_s"]
        for m in result["monitoring"]["metrics"]
    }
    check(len(stream) == len(rows) > 0, name + ": CSV and stream differ")
    for point, row in zip(stream, rows):
        key = (point["metric_name"], tuple(sorted(point["dimensions"].items())))
        seconds = point["timestamp"] // 1000 - START
        value = point["value"]
        check(seconds % period[key] == 0, "%s: %s at %s" % (name, key, seconds))
        check(
            [row["timestamp"], row["metric"], row["unit"], float(row["sum"])]
            == [
                str(point["timestamp"] // 1000),
                point["metric_name"],
                point["unit"],
                value["sum"],
            ],
            "%s: %s is not %s" % (name, row, point),
        )
        check(
            value["min"] * value["count"]
            <= value["sum"] * (1 + 1e-12)
            <= value["max"] * value["count"] * (1 + 1e-12) + 1e-9,
            "%s: %s cannot be" % (name, point),
        )
        check(re.match(r"AWS/(DX|VPN|TransitGateway)$", point["namespace"]), name)
    return stream


def check_openmetrics(name, folder, result, stream):
    text = read_text(folder, "metrics.openmetrics")
    samples = {}
    aws = 0
    check(text.endswith("# EOF\n"), name + ": no EOF")
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            aws += sample.name.startswith("aws_")
            labels = tuple(sorted(sample.labels.items()))
            samples.setdefault((sample.name, labels), sample.value)
    # Minimum, Maximum, Average, Sum and SampleCount
    check(aws == 5 * len(stream), "%s: %d samples" % (name, aws))
    for fault in result["faults"]:
        for client in fault["clients"]:
            labels = (("client", client["client"]), ("fault", fault["name"]))
            for figure, value in (
                ("outage", (client.get("outage") or {}).get("duration_ms")),
                ("failover", client["failover_ms"]),
            ):
                seen = samples.get(("hybridsim_%s_seconds" % figure, labels))
                if value is None:
                    check(seen is None, "%s: a %s" % (name, figure))
                else:
                    check(
                        seen is not None and round(seen * 1e9) == round(value * 1e6),
                        "%s: %s %s is not %s" % (name, figure, seen, value),
                    )


def link_bytes(result, name, direction):
    """What the series have of a link, all classes."""
    return sum(
        sum(b or 0 for b in t["bytes"])
        for t in result["series"]["traffic"]
        if t["link"] == name and t["direction"] == direction
    )


def check_conservation(name, stream, result):
    """What the datapoints sum up to is what crossed the link."""
    checked = 0
    elements = {
        tuple(sorted(m["dimensions"].items())): m["element"]
        for m in result["monitoring"]["metrics"]
    }
    for metric, direction, link, factor in (
        ("ConnectionBpsEgress", "to on-premises", "%s", 30 / 8),
        ("ConnectionBpsIngress", "to AWS", "%s", 30 / 8),
        ("TunnelDataIn", "to AWS", "%s.backbone", 1),
        ("TunnelDataOut", "to on-premises", "%s.backbone", 1),
    ):
        sums = {}
        for point in stream:
            element = elements[tuple(sorted(point["dimensions"].items()))]
            whole = metric.startswith("Tunnel") and "tunnel" not in element
            if point["metric_name"] == metric and not whole:
                sums[element] = sums.get(element, 0) + point["value"]["sum"]
        for element, total in sums.items():
            expected = link_bytes(result, link % element, direction)
            checked += 1
            check(
                abs(total * factor - expected) <= 1e-6 * expected + 1e-6,
                "%s: %s of %s: %s bytes, the link %s"
                % (name, metric, element, total * factor, expected),
            )
    check(checked > 0, name + ": nothing to sum up")


def check_messages(name, folder, result):
    monitoring = result["monitoring"]
    events = read_lines(folder, "events.json")
    mails = read_lines(folder, "notifications.json")
    logs = read_lines(folder, "vpn-logs.json")
    check(len(events) == len(monitoring["events"]), name + ": events")
    check(len(mails) == len(monitoring["notifications"]), name + ": mails")
    check(len(logs) == monitoring["log_lines"], name + ": log lines")
    check(len({e["id"] for e in events}) == len(events), name + ": ids")
    for event in events:
        check(
            {"version", "id", "detail-type", "source", "account", "time", "region"}
            | {"resources", "detail"}
            == set(event),
            "%s: %s" % (name, sorted(event)),
        )
    for mail in mails:
        message = json.loads(mail["Message"])
        check(
            message["NewStateValue"] in mail["Subject"]
            and message["Trigger"]["Namespace"].startswith("AWS/"),
            "%s: %s" % (name, mail),
        )
    for line in logs:
        check(
            "VpnLogCreationTimestamp" in line
            and line["VpnConnectionId"].startswith("vpn-"),
            "%s: %s" % (name, line),
        )
    return events


def main():
    with tempfile.TemporaryDirectory() as out:
        for name in list(ALARMS) + list(MORE):
            options = ["run", "--quiet", "--no-capture", "--out", out]
            options += MORE.get(name, []) + [program.scenario(name)]
            status = program.subprocess.run([program.PROGRAM] + options).returncode
            check(status in (0, 1), "%s: status %d" % (name, status))
            folder = os.path.join(out, name)
            with open(os.path.join(folder, "result.json"), encoding="utf-8") as f:
                result = json.load(f)
            stream = check_stream(name, folder, result)
            check_openmetrics(name, folder, result, stream)
            check_conservation(name, stream, result)
            events = check_messages(name, folder, result)
            if name in ALARMS:
                check_alarms(name, result)
            spots = {s["name"] for s in result["monitoring"]["blind_spots"]}
            missing = BLIND.get(name, set()) - spots
            check(not missing, "%s: not blind for %s" % (name, missing))
            if name == "tgw-vpn-ecmp":
                changes = {e["detail"].get("change-type") for e in events}
                check(
                    "VPN-CONNECTION-BGP-DOWN" in changes,
                    "%s: Network Manager said %s" % (name, changes),
                )
    print("%d scenarios, %d wrong" % (len(ALARMS) + len(MORE), wrong))
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
