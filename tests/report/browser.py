#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""browser.py SAMPLE CONFORMANCE [PICTURES]: the page of a report in a browser: of runs that never were, and of a short real one.

Leaves screenshots in the folder PICTURES, if one is named."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from webdriver import Browser

PHONE = (360, 740)
DESK = (1280, 900)

# Opens all there is to see.
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true;"

# Each text that is shown, with the contrast that it has and the one that it needs (WCAG 2.1, 1.4.3).
CONTRASTS = """
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      const [, , , alpha = 1] = channels(colour);
      if (alpha === 1) return colour;
      if (alpha !== 0) return 'rgb(0, 0, 0)';
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    if (text === '' || element.getClientRects().length === 0 || element.closest('script, .spoken')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(style.color), light(behind(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const key = style.color + ' on ' + behind(element) + ' at ' + needed;
    found.set(key, {pair: key, text: text.slice(0, 40), has: (a + 0.05) / (b + 0.05), needs: needed});
  }
  return [...found.values()];
"""

SHOWN = """
  return [...document.querySelectorAll('details.behaviour')].filter((each) => !each.closest('[hidden]')).map((each) => each.id);
"""

BEHAVIOURS = """
  return [...document.querySelectorAll('details.behaviour')].map((each) => [each.id, each.querySelector('h4').textContent]);
"""


class Page:
    """A report in the browser, beside what its JSON says."""

    def __init__(self, browser, folder):
        self.browser = browser
        self.address = (pathlib.Path(folder) / "index.html").as_uri()
        self.report = json.loads((pathlib.Path(folder) / "report.json").read_text(encoding="utf-8"))

    def open(self, fragment="", size=DESK, **features):
        """Afresh."""
        self.browser.size(*size)
        self.browser.media(**features)
        self.browser.open(self.address + fragment)

    def matching(self, state, engines):
        """The ids of behaviours that have this state on one of these engines."""
        return [each["id"] for each in self.report["behaviours"]
                if any(each["cells"][engine]["state"] == state for engine in engines)]


def check_quiet(page):
    """Nothing went to the network, and nothing to the console."""
    said = [entry["message"] for entry in page.browser.log("browser")]
    assert not said, said
    for entry in page.browser.log("performance"):
        event = json.loads(entry["message"])["message"]
        # The browser's own first page has pages to load.
        if event["method"] == "Network.requestWillBeSent" and not event["params"]["documentURL"].startswith("chrome:"):
            address = event["params"]["request"]["url"]
            assert address.startswith(("file:", "data:", "about:")), address


def check_content(page):
    """Every behaviour, chapter and engine of the JSON is there, and no text of the report has become markup."""
    page.open()
    browser, report = page.browser, page.report
    assert sorted(map(tuple, browser.run(BEHAVIOURS))) == sorted((each["id"], each["says"]) for each in report["behaviours"])
    rows = browser.run("return [...document.querySelectorAll('#overview tbody th')].map((each) => each.textContent);")
    assert rows == [each["title"] for each in report["chapters"]]
    heads = browser.run("return [...document.querySelectorAll('#overview thead th')].slice(1).map((each) => each.firstChild.data);")
    assert heads == [each["name"] for each in report["engines"]]
    headline = browser.run("return document.getElementById('headline').textContent;")
    assert headline.startswith("Passed" if report["passed"] else "Failed"), headline
    assert browser.run("return document.querySelectorAll('#complaints li').length;") == len(report["complaints"])
    browser.run(OPEN_ALL)
    browser.settle()
    cases = sum(len(each["tests"]) for each in report["behaviours"])
    assert browser.run("return document.querySelectorAll('.case').length;") == cases
    assert browser.run("return document.querySelectorAll('.waiver').length;") == len(report["waivers"])
    assert browser.run("return document.querySelectorAll('img, [onerror], a[href^=javascript]').length;") == 0
    assert "harmed" not in browser.run("return document.title;")


def check_every_verdict_has_a_word(page):
    """A state is told by a shape and a word, not by its colour alone."""
    page.open()
    for behaviour in page.report["behaviours"][-6:]:
        marks = page.browser.run("return [...document.getElementById(arguments[0]).querySelectorAll('.mark')].map((each) => "
                                 "[each.querySelector('use').getAttribute('href'), each.querySelector('.spoken').textContent]);",
                                 behaviour["id"])
        states = [(name, cell["state"]) for name, cell in behaviour["cells"].items()]
        assert marks == [["#sign-" + state.replace(" ", "-"), f" {name} {state}"] for name, state in states], marks


def check_width(page):
    """A phone needs no scrolling sideways, whatever is open."""
    for size in (PHONE, (320, 600), (700, 900), DESK):
        page.open(size=size)
        for script in ("", OPEN_ALL):
            page.browser.run(script)
            wide = page.browser.run("return document.documentElement.scrollWidth;")
            assert wide <= size[0], (size, wide)


def check_colours(page):
    """Dark is dark, light is light, and all can be read in both."""
    for scheme, fits in (("light", lambda mean: mean > 200), ("dark", lambda mean: mean < 60)):
        page.open(prefers_color_scheme=scheme)
        page.browser.run(OPEN_ALL)
        colour = page.browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);")
        assert fits(sum(colour[:3]) / 3), (scheme, colour)
        contrasts = page.browser.run(CONTRASTS)
        assert len(contrasts) > 4, contrasts
        for each in contrasts:
            assert each["has"] >= each["needs"], (scheme, each)


def tab_to(browser, selector):
    """Presses Tab until the focus is on an element of this kind."""
    for _ in range(200):
        browser.press("Tab")
        if browser.run("return document.activeElement.matches(arguments[0]);", selector):
            return
    raise AssertionError("no way by keyboard to " + selector)


def check_keyboard(page):
    """From the top to the evidence of a behaviour by Tab and Enter, with a focus that is seen."""
    browser = page.browser
    page.open()
    tab_to(browser, ".chapter > summary")
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle;") != "none"
    assert not browser.run("return document.activeElement.parentElement.open;")
    browser.press("Enter")
    assert browser.run("return document.activeElement.parentElement.open;")
    tab_to(browser, ".behaviour > summary")
    browser.press("Enter")
    opened = browser.run("const item = document.activeElement.parentElement; return [item.id, item.open];")
    assert opened == [page.report["behaviours"][0]["id"], True], opened
    browser.settle()
    assert browser.run("return document.querySelector('.behaviour[open] .evidence .runs').getClientRects().length;") == 1
    assert browser.run("return decodeURIComponent(location.hash);") == "#" + opened[0]


def choose(browser, control, value):
    """As one who uses it."""
    browser.run("const control = document.getElementById(arguments[0]); control.value = arguments[1];"
                "control.dispatchEvent(new Event('input', {bubbles: true}));", control, value)


def check_filter(page):
    """By words, by state, by engine, and back."""
    browser, report = page.browser, page.report
    page.open()
    everything = browser.run(SHOWN)
    wanted = report["behaviours"][len(report["behaviours"]) // 2]
    browser.run("document.getElementById('filter-text').focus();")
    browser.press(*wanted["id"])
    shown = browser.run(SHOWN)
    assert wanted["id"] in shown and len(shown) < len(everything), shown
    assert browser.run("return document.getElementById('shown').textContent;").startswith(f"{len(shown)} of ")
    browser.press(*"no such words")
    assert browser.run(SHOWN) == []
    browser.run("document.querySelector('#filter button').click();")
    browser.settle()
    assert browser.run(SHOWN) == everything
    engines = [engine["name"] for engine in report["engines"]]
    for state in ("failed", "waived", "unsupported", "not run", "passed"):
        choose(browser, "filter-engine", "")
        choose(browser, "filter-state", state)
        assert sorted(browser.run(SHOWN)) == sorted(page.matching(state, engines)), state
        choose(browser, "filter-engine", engines[-1])
        assert sorted(browser.run(SHOWN)) == sorted(page.matching(state, engines[-1:])), state


def check_addresses(page):
    """The address of a behaviour opens it, also when it was filtered out; so does that of a chapter."""
    browser = page.browser
    wanted = page.report["behaviours"][-1]
    opened = "const item = document.getElementById(arguments[0]); return item.open && item.closest('.chapter').open && " \
        "item.contains(document.activeElement) && item.getBoundingClientRect().top < innerHeight;"
    page.open("#" + wanted["id"])
    browser.settle()
    assert browser.run(opened, wanted["id"])
    page.open()
    browser.run("document.getElementById('filter-text').value = 'no such words';"
                "document.getElementById('filter').dispatchEvent(new Event('input'));"
                "location.hash = '#' + arguments[0];", wanted["id"])
    browser.settle()
    assert browser.run(opened, wanted["id"])
    chapter = page.report["chapters"][-1]["id"]
    page.open("#" + chapter)
    assert browser.run("return document.querySelector('.chapter[open]').id;") == chapter


def check_without_script(page):
    """The summary is there for those who let no script run."""
    page.browser.protocol("Emulation.setScriptExecutionDisabled", value=True)
    page.open(size=PHONE)
    page.browser.protocol("Emulation.setScriptExecutionDisabled", value=False)
    shown = page.browser.run("return document.body.innerText;")
    assert "behaviours on" in shown and page.report["chapters"][0]["title"] in shown, shown
    assert page.browser.run("return document.getElementById('page').hidden;")


def take_pictures(page, folder):
    """To look at."""
    name = pathlib.Path(page.address).parent.name
    failing = next((each for each in page.report["behaviours"] if not each["cells"] or any(
        cell["state"] == "failed" for cell in each["cells"].values())), page.report["behaviours"][0])
    for device, size in (("phone", PHONE), ("desk", DESK)):
        for scheme in ("light", "dark"):
            page.open(size=size, prefers_color_scheme=scheme)
            page.browser.picture(os.path.join(folder, f"{name}-{device}-{scheme}.png"))
            page.open("#" + failing["id"], size=size, prefers_color_scheme=scheme)
            page.browser.settle()
            page.browser.picture(os.path.join(folder, f"{name}-{device}-{scheme}-open.png"))
            page.browser.picture(os.path.join(folder, f"{name}-{device}-{scheme}-whole.png"), full=True)


CHECKS = (check_content, check_every_verdict_has_a_word, check_width, check_colours, check_keyboard, check_filter,
          check_addresses, check_without_script)


def write_reports(work):
    """The folders of the reports to look at."""
    sample, conformance = sys.argv[1:3]
    for kind in ("mixed", "good"):
        subprocess.run([sample, kind, f"{work}/{kind}"], check=True)
    # What the run finds is the suite's business.
    subprocess.run([conformance, "--only", "identities.*", "--report", f"{work}/real"], check=False, stdout=subprocess.DEVNULL)
    return [f"{work}/{kind}" for kind in ("mixed", "good", "real")]


def main():
    """All checks on all reports."""
    with tempfile.TemporaryDirectory() as work, Browser() as browser:
        for folder in write_reports(work):
            page = Page(browser, folder)
            for check in CHECKS:
                check(page)
                check_quiet(page)
                print(f"{os.path.basename(folder)}: {check.__name__}", flush=True)
            if len(sys.argv) > 3:
                take_pictures(page, sys.argv[3])


main()
