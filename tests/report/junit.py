#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""junit.py SAMPLE: the junit.xml of a report is XML, adds up, and says of each run what report.json says of it."""
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

ATTRIBUTES = {"failures": "failure", "errors": "error", "skipped": "skipped"}
EXPECTED = {"passed": [None], "failed": ["failure", "skipped"], "crashed": ["error"], "hung": ["error"]}


def outcome(case):
    """The element that tells how a case ended; none if it passed."""
    found = [child.tag for child in case if child.tag in ATTRIBUTES.values()]
    assert len(found) <= 1, case.attrib
    return found[0] if found else None


def check_sums(root):
    """What each testsuite, and the whole, say of themselves is what is in them."""
    for suite in [root, *root]:
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(cases), suite.attrib
        for attribute, element in ATTRIBUTES.items():
            assert int(suite.get(attribute)) == sum(outcome(case) == element for case in cases), suite.attrib
        assert abs(float(suite.get("time")) - sum(float(case.get("time")) for case in cases)) < 0.001 * len(cases) + 0.001


def check_runs(root, report):
    """Each run is there, in the suite of its chapter and pairing, with its verdict and its message."""
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    runs = report["runs"]
    for row in runs["rows"]:
        test, pairing, _, verdict, message, _ = (row + ["passed", "", {}][len(row) - 3:])[:6]
        pairing = runs["pairings"][pairing]
        chapter, name = runs["tests"][test].split(".")
        version = {"TLS 1.2": "tls12", "TLS 1.3": "tls13"}[pairing["version"]]
        case = cases.pop((f"{chapter}/{pairing['client']}_{pairing['server']}_{version}", name))
        assert outcome(case) in EXPECTED[verdict], (case.attrib, verdict)
        if outcome(case) in ("failure", "error") and message.isprintable():
            assert case.find(outcome(case)).text == (message or None), message
    assert sorted(cases) == sorted(("run", case.get("name")) for case in root.findall("testsuite[@name='run']/testcase"))
    assert len(cases) == len(report["complaints"]), cases


def main():
    """Of the report with everything in it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "mixed", folder], check=True)
        root = tree.parse(os.path.join(folder, "junit.xml")).getroot()
        with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
    assert root.tag == "testsuites" and {child.tag for child in root} == {"testsuite"}
    check_sums(root)
    check_runs(root, report)
    waived = root.find("testsuite[@name='closing/wolfssl_wolfssl_tls13']/testcase[@name='waived']/skipped")
    assert "The engine has no call for it <b>." in waived.get("message")
    crashed = root.find("testsuite[@name='data/gnutls_gnutls_tls12']/testcase[@name='crash']/error")
    assert crashed.get("type") == "crashed" and "signal 11" in crashed.get("message")
    print(f"{len(list(root.iter('testcase')))} test cases in {len(root)} suites")


main()
