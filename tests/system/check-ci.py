#!/usr/bin/env python3
"""What `hybridsim check` writes for CI, as its consumers read it.

Scenarios of every kind of outcome (one holds, one fails, one teaches, one
checks nothing, one cannot be loaded, one dies) run once. JUnit is validated by
xmllint, TAP is read by prove, SARIF and its JSON lines are held against
schemas, and all of them must say the same of each expectation. Then they run
again, on other numbers of processors, and must give the same bytes.

Last, what the examples for GitHub and GitLab run is run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PROGRAM, TOP_SRCDIR, Checks, scenario, temporary_folder

CI = os.path.join(TOP_SRCDIR, "tests", "ci")
PROGRAM = os.path.abspath(PROGRAM)


def small(path, *expectations, head="", name="title = cut"):
    """dx-cut, over in a simulated minute, with these expectations."""
    with open(scenario("dx-cut"), encoding="utf-8") as file:
        text = file.read().split("[expect]")[0]
    for key, value in (("duration", "60s"), ("at", "20s..30s"),
                       ("for", "15s")):
        text = re.sub(rf"^{key} = .*", f"{key} = {value}", text, flags=re.M)
    text = text.replace("rate = 100/s", "rate = 10/s")
    text = re.sub(r"^title = .*", lambda _: head + name, text, flags=re.M,
                  count=1)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n[capture]\nfile = no\n[probe]\ninterval = 200ms\n[expect]\n"
                   + "\n".join(expectations) + "\n")


FILES = ["holds.ini", "fails.ini", "lesson.ini", "nothing.ini", "bad.ini",
         "other/holds.ini", "a b&<#>.ini"]


def write_scenarios():
    small("holds.ini", "detect.max = 910ms", "detect.min = 590ms")
    small("fails.ini", "detect.max = 100ms", "failover.max = 60s",
          "outage.max = 1s", name='title = a <&> \u2014 "b" ]]>')
    small("lesson.ini", "detect.max = 910ms", "plaintext.bytes.max = 0",
          head="expected-verdict = fail: plaintext.bytes.max\n")
    small("nothing.ini")
    small("other/holds.ini", "detect.max = 910ms")
    small("a b&<#>.ini", "detect.max = 100ms")
    with open("bad.ini", "w", encoding="utf-8") as file:
        file.write("[scenario]\nduration = 60s\n[no such kind \x01]\n")


def check(*arguments, status):
    done = subprocess.run([PROGRAM, "check", *arguments], text=True,
                          capture_output=True, check=False, timeout=300)
    if done.returncode != status:
        raise RuntimeError(f"{arguments}: exit {done.returncode}, not {status}"
                           f"\n{done.stdout}\n{done.stderr}")
    return done.stdout


def outcomes_of_junit(path):
    """{(file, name): "pass", …} of a JUnit file."""
    found = {}
    for suite in ElementTree.parse(path).getroot():
        for case in suite.iter("testcase"):
            kinds = [child.tag for child in case]
            found[suite.get("name"), case.get("name")] = \
                {"failure": "fail"}.get(kinds[0], kinds[0]) if kinds else "pass"
    return found


def outcomes_of_lines(lines):
    return {(line["file"], item["name"]): item["outcome"]
            for line in lines for item in line["items"]}


def outcomes_of_tap(text):
    found = {}
    for match in re.finditer(r"^(not )?ok (\d+) - (.*?): (.*)$", text, re.M):
        file = match[3].replace("\\#", "#")
        found[file, match[4]] = "fail" if match[1] else "pass"
    return found


def check_junit(checks, lines):
    valid = subprocess.run(
        ["xmllint", "--noout", "--schema", os.path.join(CI, "junit.xsd"),
         "j.xml"], text=True, capture_output=True, check=False)
    checks.that(valid.returncode == 0, "JUnit is valid", "j.xml", valid.stderr)
    checks.equal(outcomes_of_junit("j.xml"), outcomes_of_lines(lines),
                 "JUnit says what JSON says", "j.xml")
    root = ElementTree.parse("j.xml").getroot()
    for suite, line in zip(root, lines):
        checks.equal(suite.get("name"), line["file"], "a suite for each file",
                     "j.xml")
        for kind, tag in (("failures", "failure"), ("errors", "error"),
                          ("skipped", "skipped")):
            checks.equal(int(suite.get(kind)), len(list(suite.iter(tag))),
                         "suites count their cases", line["file"])
        checks.equal(int(suite.get("tests")), len(line["items"]),
                     "suites count their cases", line["file"])
        properties = {p.get("name"): p.get("value")
                      for p in suite.iter("property")}
        checks.equal(properties["file"], line["file"], "properties", "file")
        for failover in line["failovers"]:
            name = "outage.%(fault)s.%(client)s" % failover
            checks.equal(properties.get(name),
                         "%.3f s" % (failover["outage_ms"] / 1e3),
                         "an outage is the same number", line["file"])
        if line["sha256"]:
            checks.equal(properties["sha256"], line["sha256"], "properties",
                         line["file"])
            checks.equal(properties["seed"], "1", "properties", line["file"])


def check_tap(checks, lines):
    with open("t.tap", encoding="utf-8") as file:
        text = file.read()
    expected = {key: "fail" if outcome == "error" else outcome
                for key, outcome in outcomes_of_lines(lines).items()}
    checks.equal(outcomes_of_tap(text), expected, "TAP says what JSON says",
                 "t.tap")
    proved = subprocess.run(["prove", "--exec", "cat", "t.tap"], text=True,
                            capture_output=True, check=False)
    failed = sum(outcome == "fail" for outcome in expected.values())
    checks.that(f"Failed {failed}/{len(expected)} subtests" in proved.stdout,
                "prove reads it", "t.tap", proved.stdout + proved.stderr)
    checks.that("Parse errors" not in proved.stdout, "prove reads it",
                "t.tap", proved.stdout)
    for block in re.findall(r"^  ---\n(.*?)^  \.\.\.$", text, re.M | re.S):
        parsed = yaml.safe_load(block)
        checks.that({"message", "severity", "type", "at"} <= set(parsed),
                    "a YAML block behind each that fails", "t.tap", block)


def check_sarif(checks, lines):
    with open("s.sarif", encoding="utf-8") as file:
        log = json.load(file)
    with open(os.path.join(CI, "sarif.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    troubles = list(jsonschema.Draft202012Validator(schema).iter_errors(log))
    checks.that(not troubles, "SARIF is valid", "s.sarif", str(troubles[:1]))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    found = set()
    for result in run["results"]:
        checks.equal(rules[result["ruleIndex"]]["id"], result["ruleId"],
                     "results name their rule", "s.sarif")
        where = result["locations"][0]["physicalLocation"]
        found.add((result["ruleId"], where["artifactLocation"]["uri"],
                   where.get("region", {}).get("startLine")))
    for line in lines:
        uri = line["file"].replace(" ", "%20").replace("&", "%26") \
            .replace("<", "%3C").replace("#", "%23").replace(">", "%3E")
        for finding in line["findings"]:
            checks.that((finding["id"], uri, finding["line"]) in found,
                        "each finding with its line", line["file"],
                        finding["id"])
        for item in line["items"]:
            if item["outcome"] == "fail" and item["type"] == "expectation":
                checks.that(("EXPECTATION", uri, item["line"]) in found,
                            "each failure with its line", line["file"],
                            item["name"])
    checks.that(("BAD-SCENARIO", "bad.ini", 3) in found,
                "a bad file with its line", "s.sarif", str(found))


def check_outcomes(checks, lines, summary):
    expected = {"holds.ini": "pass", "fails.ini": "FAIL",
                "lesson.ini": "pass", "nothing.ini": "NOTHING CHECKED",
                "bad.ini": "BAD FILE", "other/holds.ini": "pass",
                "a b&<#>.ini": "FAIL"}
    for line in lines:
        checks.equal(line["state"], expected[line["file"]], "states",
                     line["file"])
    checks.equal([summary[key] for key in
                  ("scenarios", "passed", "failed", "bad_files",
                   "nothing_checked", "died", "not_run", "exit_code")],
                 [7, 3, 2, 1, 1, 0, 0, 2], "the summary", "all")
    outcomes = outcomes_of_lines(lines)
    for key, outcome in ((("fails.ini", "detect.max"), "fail"),
                         (("fails.ini", "failover.max"), "pass"),
                         (("fails.ini", "outage.max"), "fail"),
                         (("lesson.ini", "plaintext.bytes.max"), "pass"),
                         (("bad.ini", "it can be loaded"), "error"),
                         (("nothing.ini", "something is checked"), "fail")):
        checks.equal(outcomes.get(key), outcome, "outcomes", str(key))


OUTPUTS = ["--junit", "j.xml", "--tap", "t.tap", "--sarif", "s.sarif"]


def check_outputs(checks):
    text = check("--json", "-j", "2", *OUTPUTS, *FILES, status=2)
    *lines, summary = [json.loads(line) for line in text.splitlines()]
    check_outcomes(checks, lines, summary)
    check_junit(checks, lines)
    check_tap(checks, lines)
    check_sarif(checks, lines)
    names = ["j.xml", "t.tap", "s.sarif"]
    first = [open(name, "rb").read() for name in names]
    again = check("--json", "-j", "1", *OUTPUTS, *FILES, status=2)
    checks.equal(again, text, "the same bytes again", "--json")
    for name, before in zip(names, first):
        with open(name, "rb") as file:
            checks.that(file.read() == before, "the same bytes again", name)


def commands_of(path):
    """The command lines of a workflow that begin with hybridsim."""
    def walk(value):
        if isinstance(value, dict):
            for key, inside in value.items():
                if key in ("run", "script"):
                    yield from inside if isinstance(inside, list) \
                        else inside.splitlines()
                else:
                    yield from walk(inside)
        elif isinstance(value, list):
            for inside in value:
                yield from walk(inside)

    with open(path, encoding="utf-8") as file:
        return [command for command in walk(yaml.safe_load(file))
                if command.startswith("hybridsim ")]


def check_examples(checks):
    os.mkdir("ci")
    os.chdir("ci")
    small("scenarios/holds.ini", "detect.max = 910ms")
    check("--quiet", "--save-baseline", "baseline", "scenarios", status=0)
    os.mkdir("bin")
    os.symlink(PROGRAM, "bin/hybridsim")
    path = {**os.environ, "PATH": os.path.abspath("bin") + ":/usr/bin:/bin"}
    for name in ("github.yml", "gitlab.yml"):
        for command in commands_of(
                os.path.join(TOP_SRCDIR, "examples", "ci", name)):
            done = subprocess.run(command, shell=True, env=path, text=True,
                                  capture_output=True, check=False)
            checks.that(done.returncode == 0, "what the examples run works",
                        name, f"{command}: {done.stderr}")
            for file in re.findall(r"--(?:junit|sarif) (\S+)", command):
                checks.that(os.path.exists(file),
                            "what the examples upload is there", name, file)
                os.unlink(file)


def main():
    checks = Checks()
    for program in ("xmllint", "prove"):
        if shutil.which(program) is None:
            print(f"SKIP: {program} is not installed")
            sys.exit(77)
    with temporary_folder() as folder:
        os.chdir(folder)
        write_scenarios()
        check_outputs(checks)
        check_examples(checks)
        os.chdir("/")
    checks.finish({"JUnit is valid": 1, "prove reads it": 2,
                   "SARIF is valid": 1, "each finding with its line": 5,
                   "each failure with its line": 3,
                   "an outage is the same number": 10,
                   "a YAML block behind each that fails": 4,
                   "the same bytes again": 4,
                   "what the examples run works": 3,
                   "what the examples upload is there": 3})


if __name__ == "__main__":
    main()
