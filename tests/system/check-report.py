#!/usr/bin/env python3
"""The report as a file: well-formed, self-contained, accessible as far as its
source tells, and the same as result.json.

What a browser makes of it is in check-browser.py.
"""

import base64
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report_pages
from program import PROGRAM, Checks, temporary_folder

VOID = {"meta", "link", "br", "hr", "img", "input"}
SIZE_MAX = 600_000  # without the island of data


class Page(html.parser.HTMLParser):
    """The elements of a page, and what is wrong with their nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []  # (name, attributes, names of those around it)
        self.open = []
        self.wrong = []
        self.content = {}  # index of an element: its text
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.add(tag, attrs)
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag, attrs):
        self.add(tag, attrs)

    def add(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.wrong.append(f"{tag}: an attribute twice: {attrs}")
        self.elements.append((tag, dict(attrs), [name for name, _ in self.open]))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()} in {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        for _, index in self.open:
            self.content[index] = self.content.get(index, "") + data

    def all(self, *names):
        return [(i, attributes) for i, (tag, attributes, _)
                in enumerate(self.elements) if tag in names]


def check_markup(check, page, text, where):
    check.equal(page.wrong, [], "elements nest", where)
    ids = [a["id"] for _, a, _ in page.elements if "id" in a]
    check.equal(sorted(set(ids)), sorted(ids), "ids are unique", where)
    wanted = [a["aria-labelledby"] for _, a, _ in page.elements
              if "aria-labelledby" in a]
    wanted += [a["href"][1:] for _, a in page.all("a")]
    check.equal([w for w in wanted if w not in ids], [],
                "what is referred to is there", where)
    levels = [int(tag[1]) for tag, _, _ in page.elements
              if re.fullmatch("h[1-6]", tag)]
    check.equal(levels.count(1), 1, "one h1", where)
    check.that(all(b <= a + 1 for a, b in zip(levels, levels[1:])),
               "headings leave no level out", where, levels)
    for landmark in ("header", "main", "footer"):
        check.equal(len(page.all(landmark)), 1, "one of each landmark", where)


def check_contained(check, page, text, where):
    for tag, attributes, _ in page.elements:
        for name, value in attributes.items():
            check.that(not name.startswith("on") and name != "style",
                       "no handler, no style attribute", where, (tag, name))
            if name in ("src", "href", "action", "data", "xlink:href"):
                check.that(value.startswith("#"), "links stay in the page",
                           where, (tag, value))
    check.that("sourceMappingURL" not in text, "no source map is asked for",
               where)
    policies = [a["content"] for _, a in page.all("meta")
                if a.get("http-equiv") == "Content-Security-Policy"]
    check.equal(len(policies), 1, "one policy", where)
    check.that(policies[0].startswith("default-src 'none'"),
               "the policy forbids the network", where, policies)
    for i, attributes in page.all("script", "style"):
        if attributes.get("type") == "application/json":
            continue
        digest = hashlib.sha256(page.content[i].encode()).digest()
        check.that(f"'sha256-{base64.b64encode(digest).decode()}'"
                   in policies[0], "the policy knows each script and style",
                   where)


def check_alternatives(check, page, where):
    """Each chart has a text and, in its section, a table."""
    tables = {attributes_id for i, _ in page.all("table")
              for attributes_id in [section_of(page, i)]}
    for i, attributes in page.all("figure"):
        check.that(section_of(page, i) in tables, "charts have a table", where,
                   attributes)
    for i, attributes in page.all("svg"):
        around = page.elements[i][2]
        if "svg" in around:
            continue
        check.that(attributes.get("aria-hidden") == "true" or
                   (attributes.get("role") == "img" and
                    attributes.get("aria-label")), "drawings have a text",
                   where, attributes)
    for i, _ in page.all("caption"):
        check.that(page.content.get(i, "").strip(), "tables have captions",
                   where)


def section_of(page, index):
    """The id of the last section that began before INDEX: sections do not
    nest."""
    return [a.get("id") for i, a in page.all("section") if i < index][-1]


def check_numbers(check, page, result, where):
    """What broke, for how long: as result.json has it."""
    shown = {(a["data-fault"], a["data-figure"]): page.content[i]
             for i, (_, a, _) in enumerate(page.elements) if "data-figure" in a}
    for fault in result["faults"]:
        for client in fault["clients"]:
            for figure, ms in (("outage", client["outage"]["duration_ms"]),
                               ("failover", client["failover_ms"])):
                if client["recovery"] != "recovered":
                    continue
                check.equal(
                    shown.get((fault["name"], f"{figure}.{client['client']}")),
                    f"{ms / 1e3:.3f}\u00a0s", "times are those of the result",
                    where)
    text = "".join(page.content.get(i, "") for i, _ in page.all("body"))
    for finding in result["findings"]:
        check.that(finding["evidence"] in text, "findings are there", where,
                   finding["id"])
    for value in result["assumptions"]:
        check.that(value["key"] in text, "assumptions are there", where, value)
    check.that(result["scenario"]["sha256"] in text, "the file's hash is there",
               where)


def check_island(check, page, text, where):
    found = [i for i, a in page.all("script")
             if a.get("type") == "application/json"]
    size = len(text.encode())
    for i in found:
        data = json.loads(page.content[i])
        size -= len(page.content[i].encode())
        for chart in data["charts"]:
            lengths = {len(line["y"]) for line in chart["lines"]}
            check.equal(len(lengths), 1, "lines of a chart are as long", where)
    check.that(size < SIZE_MAX, "small without its data", where, size)


def check_errors(check, folder, result):
    """What is no result is refused by name, and nothing is written."""
    broken = os.path.join(folder, "broken.json")
    out = os.path.join(folder, "broken.html")
    cases = [("{", 2, "broken.json:1:"), ("[]", 2, "format"),
             ('{"format": "hybridsim-result", "version": 9}', 2, "version")]
    with open(os.path.join(result, "result.json"), encoding="utf-8") as file:
        whole = file.read()
    cases.append((whole[:len(whole) // 2], 2, "broken.json:"))
    cases.append((whole.replace('"links": [', '"links": [1,', 1), 2,
                  "links[0]"))
    for text, status, says in cases:
        with open(broken, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([PROGRAM, "report", "--output", out, broken],
                              text=True, capture_output=True)
        check.equal(done.returncode, status, "a bad result is refused", says)
        check.that(says in done.stderr, "and its place is named", says,
                   done.stderr)
        check.that(not os.path.exists(out), "and nothing is written", says)
    done = subprocess.run([PROGRAM, "report", "--output",
                           "/nonexistent/x.html", result],
                          text=True, capture_output=True)
    check.equal(done.returncode, 3, "a page that cannot be written", "folder")
    check.that("/nonexistent/x.html" in done.stderr, "and its place is named",
               "folder", done.stderr)


def main():
    check = Checks()
    with temporary_folder() as folder:
        pages, results = report_pages.make(folder)
        for kind, path in pages.items():
            with open(path, encoding="utf-8") as file:
                text = file.read()
            page = Page(text)
            check_markup(check, page, text, kind)
            check_contained(check, page, text, kind)
            check_alternatives(check, page, kind)
            check_island(check, page, text, kind)
            if kind in results:
                with open(os.path.join(results[kind], "result.json"),
                          encoding="utf-8") as file:
                    check_numbers(check, page, json.load(file), kind)
                again = subprocess.run(
                    [PROGRAM, "report", "--output", "-", results[kind]],
                    check=True, capture_output=True).stdout
                check.equal(again.decode() == text, True,
                            "rendered again it is the same", kind)
        check_errors(check, folder, results["cut"])
    check.finish({"elements nest": 4, "charts have a table": 6,
                  "times are those of the result": 8,
                  "a bad result is refused": 5})


if __name__ == "__main__":
    main()
