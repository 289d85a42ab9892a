#!/usr/bin/env python3
"""One number, everywhere: what a run says of its outages and failovers in its
text, result.json, the report, the metrics, and what `check` says in JUnit XML,
JSON lines and its expectations.

An outage is measured once, in nanoseconds. Who shows it with fewer digits
rounds the same way, so the texts are compared as texts and the others exactly.
"""

import html.parser
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, Checks, in_parallel, ns_of_ms, scenario, \
    temporary_folder

CLIENTS = ("persistent", "pool")
FIGURES = ("outage", "failover")
# Those that add up to the failover; of what comes behind it, the text has the
# instant alone.
PARTS = ("detect", "withdraw", "fib", "tunnel", "dataplane", "transport",
         "application")

# Name, --set, and how many failovers recover in it.
CASES = (
    # 90 s by hand, without a route that changes.
    ("outage-90s", (), 2),
    # Every part of a failover takes time.
    ("dx-cut-hold9", ("database orders.rate=20/s",), 2),
    # Two faults, each with numbers of its own.
    ("ddos-while-dx-down", ("database orders.rate=20/s",), None),
    # No end: no failover, and an outage as long as it was watched.
    ("outage-90s", ("fault switch.for=forever",), 0),
)


def nanoseconds(text):
    """Of "90.321958736", exactly."""
    value = Decimal(text) * 10**9
    if value != value.to_integral_value():
        raise ValueError(f"{text}: digits below a nanosecond")
    return int(value)


def seconds(ns):
    """As texts show it: to the millisecond."""
    return f"{ns / 1e9:.3f}"


class Shown:
    """What one output shows: (fault, client, figure) and its text or number."""

    def __init__(self, output, convert):
        self.output = output
        self.convert = convert  # from nanoseconds to what it shows
        self.values = {}

    def add(self, fault, client, figure, value):
        key = (fault, client, figure)
        if key in self.values:
            raise ValueError(f"{self.output}: {key} twice")
        self.values[key] = value


def from_text(text):
    shown = Shown("text", seconds)
    fault = None
    for line in text.splitlines():
        head = re.match(r"FAULT +([^ :]+):", line)
        if head:
            fault = head[1]
        row = re.match(r" +(?:= (failover)|(outage)) (.*)", line)
        if row is None:
            continue
        numbers = re.findall(r"(?<!\S)\d+\.\d{3}(?!\S)", row[3])
        if row[1] and "did not recover" in row[3]:
            numbers = []
        for client, number in zip(CLIENTS, numbers):
            shown.add(fault, client, row[1] or row[2], number)
    return shown


def parts_of_text(text):
    """What each part took. A row has two columns for a client, and a share
    behind them unless it is none of the failover."""
    parts = {}
    fault = None
    for line in text.splitlines():
        head = re.match(r"FAULT +([^ :]+):", line)
        if head:
            fault = head[1]
        row = re.match(r" {9}([a-z]+) +((?:(?:\d+\.\d{3}|-) +(?:\d+\.\d{3}|-)"
                       r" +(?:\d+% +)?){2})", line)
        if row is None or row[1] not in PARTS:
            continue
        took = re.findall(r"\S+ +(\S+) +(?:\d+% +)?", row[2])
        for client, number in zip(CLIENTS, took, strict=True):
            if number != "-":
                parts[fault, client, row[1]] = number
    return parts


def from_junit(path):
    shown = Shown("JUnit", lambda ns: seconds(ns) + " s")
    for p in ET.parse(path).iter("property"):
        name = re.fullmatch(r"(outage|failover)\.(.+)\.(persistent|pool)",
                            p.get("name"))
        if name and p.get("value") not in ("none", "no recovery"):
            shown.add(name[2], name[3], name[1], p.get("value"))
    return shown


class Figures(html.parser.HTMLParser):
    """The elements with data-figure, and their text."""

    def __init__(self, text):
        super().__init__()
        self.shown = Shown("report", lambda ns: seconds(ns) + "\u00a0s")
        self.within = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "data-figure" in attributes:
            self.within = [attributes, ""]

    def handle_data(self, data):
        if self.within:
            self.within[1] += data

    def handle_endtag(self, tag):
        if self.within:
            attributes, text = self.within
            figure, client = attributes["data-figure"].split(".")
            self.shown.add(attributes["data-fault"], client, figure, text)
            self.within = None


def from_metrics(path):
    """Figures, parts, and requests by what became of them."""
    shown = Shown("metrics", int)
    parts, requests = {}, {}
    with open(path) as file:
        for line in file:
            sample = re.fullmatch(
                r"hybridsim_(outage|failover|part|requests)(?:_seconds)?"
                r"\{(.*)\} (\S+)\n", line)
            if not sample:
                continue
            labels = dict(re.findall(r'(\w+)="([^"]*)"', sample[2]))
            key = (labels["fault"], labels["client"])
            if sample[1] == "part":
                parts[*key, labels["part"]] = nanoseconds(sample[3])
            elif sample[1] == "requests":
                requests[*key, labels["outcome"]] = int(sample[3])
            else:
                shown.add(*key, sample[1], nanoseconds(sample[3]))
    return shown, parts, requests


def from_lines(lines):
    shown = Shown("JSON lines", int)
    for f in json.loads(lines.splitlines()[0])["failovers"]:
        for figure in FIGURES:
            value = f[figure + "_ms"]
            if value is not None:
                shown.add(f["fault"], f["client"], figure, ns_of_ms(value))
    return shown


def from_result(path):
    """Figures and parts."""
    with open(path) as file:
        result = json.load(file)
    shown, parts = Shown("result.json", int), {}
    for fault in result["faults"]:
        for client in fault["clients"]:
            key = (fault["name"], client["client"])
            for figure, ms in (("outage", client["outage"]["duration_ms"]),
                               ("failover", client["failover_ms"])):
                if ms is not None:
                    shown.add(*key, figure, ns_of_ms(ms))
            for part in client["parts"]:
                if part["duration_ms"] is not None:
                    parts[*key, part["part"]] = ns_of_ms(part["duration_ms"])
    return result, shown, parts


def call(*arguments):
    done = subprocess.run([PROGRAM, *arguments], text=True,
                          capture_output=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"hybridsim {' '.join(arguments)}: exit "
                           f"{done.returncode}\n{done.stderr}")
    return done.stdout


def produce(case, folder):
    """What `run` prints, and what `check` prints as JSON lines."""
    name, sets, _ = case
    options = ["--no-capture", "--out", folder]
    for setting in sets:
        options += ["--set", setting]
    lines = call("check", *options, "--json", "--junit",
                 os.path.join(folder, "junit.xml"), scenario(name))
    return call("run", *options, "--no-advice", scenario(name)), lines


def compare(check, truth, shown, where):
    expected = {key: shown.convert(ns) for key, ns in truth.values.items()}
    check.equal(shown.values, expected, f"{shown.output} as result.json",
                where)


def check_report(check, result, truth, page, where):
    """The report has a number for those who recovered, and the first screen
    an outage of the fault that it is about."""
    shown = Figures(page).shown
    recovered = {(f["name"], c["client"]) for f in result["faults"]
                 for c in f["clients"] if c["recovery"] == "recovered"}
    expected = {key: shown.convert(ns) for key, ns in truth.values.items()
                if key[2] == "failover"}
    check.equal({k: v for k, v in shown.values.items() if k[2] == "failover"},
                expected, "failovers of the report as result.json", where)
    outages = {k: v for k, v in shown.values.items() if k[2] == "outage"}
    check.that(bool(outages) == bool(recovered),
               "the report tells an outage that is over", where, outages)
    for key, text in outages.items():
        check.equal(text, shown.convert(truth.values[key]),
                    "outages of the report as result.json", where)
    if not recovered:
        check.that("did not recover" in page, "the report says so", where)


def check_expectations(check, lines, truth, where):
    """What an expectation saw is the figure, to the nanosecond."""
    faults = {fault for fault, _, _ in truth.values}
    for item in json.loads(lines.splitlines()[0])["items"]:
        name = re.fullmatch(r"(outage|failover)\.(persistent|pool)\.(min|max)",
                            item["name"])
        seen = re.match(r"\S+ ([0-9.]+)s,", item["message"])
        if name and seen and len(faults) == 1:
            key = (*faults, name[2], name[1])
            check.equal(nanoseconds(seen[1]), truth.values.get(key),
                        "expectations as result.json", where)


def check_case(check, case, folder, text, lines):
    name, sets, recovering = case
    where = " ".join((name, *sets))
    place = os.path.join(folder, name)
    result, truth, parts = from_result(os.path.join(place, "result.json"))
    requests = {(f["name"], c["client"], outcome): count
                for f in result["faults"] for c in f["clients"]
                for outcome, count in c["requests"].items()}
    metrics, metric_parts, metric_requests = from_metrics(
        os.path.join(place, "monitoring", "metrics.openmetrics"))
    with open(os.path.join(place, "report.html")) as file:
        page = file.read()

    check.that(any(key[2] == "outage" for key in truth.values),
               "there is an outage", where)
    if recovering is not None:
        check.equal(sum(key[2] == "failover" for key in truth.values),
                    recovering, "failovers that have an end", where)
    for shown in (from_text(text), from_lines(lines), metrics,
                  from_junit(os.path.join(folder, "junit.xml"))):
        compare(check, truth, shown, where)
    check.equal(metric_parts, parts, "parts in metrics as result.json", where)
    check.equal(metric_requests, requests, "requests in metrics as result.json",
                where)
    check.equal(parts_of_text(text),
                {key: seconds(ns) for key, ns in parts.items()
                 if key[2] in PARTS},
                "parts in text as result.json", where)
    check_report(check, result, truth, page, where)
    check_expectations(check, lines, truth, where)


def check_by_hand(check, folder):
    """outage-90s.ini: the bounds that its first comment derives."""
    _, truth, parts = from_result(
        os.path.join(folder, "outage-90s", "result.json"))
    for client, figure, low, high in (
            ("pool", "failover", 90, 96.1),
            ("pool", "outage", 90, 96.2),
            ("persistent", "failover", 102.2, 148.3),
            ("persistent", "outage", 102.2, 148.4)):
        check.within(truth.values["switch", client, figure] / 1e9, low, high,
                     "as derived by hand", f"outage-90s {client} {figure}")
    for client in CLIENTS:
        check.within(parts["switch", client, "dataplane"] / 1e9, 90, 90.02,
                     "as derived by hand", f"outage-90s {client} dataplane")


def main():
    check = Checks()
    with temporary_folder() as top:
        folders = [os.path.join(top, str(i)) for i in range(len(CASES))]
        for folder in folders:
            os.mkdir(folder)
        jobs = [lambda case=case, folder=folder: produce(case, folder)
                for case, folder in zip(CASES, folders)]
        for case, folder, (text, lines) in zip(CASES, folders,
                                               in_parallel(jobs)):
            check_case(check, case, folder, text, lines)
        check_by_hand(check, folders[0])
    check.finish({"text as result.json": 4, "JUnit as result.json": 4,
                  "JSON lines as result.json": 4, "metrics as result.json": 4,
                  "parts in metrics as result.json": 4,
                  "parts in text as result.json": 4,
                  "requests in metrics as result.json": 4,
                  "failovers of the report as result.json": 4,
                  "outages of the report as result.json": 5,
                  "expectations as result.json": 6,
                  "as derived by hand": 6})


if __name__ == "__main__":
    main()
