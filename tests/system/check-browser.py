#!/usr/bin/env python3
"""The reports in a real browser: at desktop and phone width, light and dark, with
scripts and without, and in print.

It looks at what is drawn: pixels of canvases, boxes of texts, what the first
screen holds, whether the zoom of one chart is that of all. With --keep FOLDER the
screenshots stay there.
"""

import base64
import collections
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report_pages
from program import Checks, temporary_folder

try:
    from selenium import webdriver
except ImportError:
    # Debian's module is Debian's Python's, whichever comes first in PATH.
    debian = "/usr/bin/python3"
    if "HYBRIDSIM_PYTHON" not in os.environ and \
            os.path.exists("/usr/lib/python3/dist-packages/selenium"):
        os.environ["HYBRIDSIM_PYTHON"] = debian  # once, not for ever
        os.execv(debian, [debian, "-B", *sys.argv])
    print("skipped: python3-selenium is missing")
    sys.exit(77)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

BROWSER = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")

# Texts of one drawing whose boxes overlap.
OVERLAPS = """
const found = [];
for (const svg of document.querySelectorAll("svg")) {
  if (svg.parentElement.closest("svg") || !svg.getBoundingClientRect().width) continue;
  const texts = [...svg.querySelectorAll("text")].map(t =>
    [t.textContent, t.getBoundingClientRect()]);
  for (let i = 0; i < texts.length; i++)
    for (let j = 0; j < i; j++) {
      const a = texts[i][1], b = texts[j][1];
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
        found.push(texts[i][0] + " / " + texts[j][0]);
    }
}
return found;
"""

# Sections, figures and what else follows one another in them.
STACKED = """
const found = [];
for (const parent of document.querySelectorAll("main, section, figure, .finding")) {
  let bottom = -1, last = "";
  for (const child of parent.children) {
    const box = child.getBoundingClientRect();
    if (!box.height) continue;
    if (box.top < bottom - 1) found.push(last + " / " + child.outerHTML.slice(0, 80));
    bottom = Math.max(bottom, box.bottom);
    last = child.outerHTML.slice(0, 80);
  }
}
return found;
"""

# WCAG 2.1, 1.4.3: contrast of each text with what is behind it.
CONTRAST = """
function parse(c) { return c.match(/[0-9.]+/g).map(Number); }
function luminance(c) {
  const v = c.slice(0, 3).map(x => (x /= 255, x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4));
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2];
}
function behind(e) {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
}
const low = [];
let seen = 0;
for (const e of document.body.querySelectorAll("*")) {
  if (e.closest("script, style") || !e.getClientRects().length) continue;
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  const style = getComputedStyle(e);
  const ink = parse(e.namespaceURI.endsWith("svg") ? style.fill : style.color);
  const a = luminance(ink), b = luminance(behind(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  seen++;
  if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + e.tagName + " " + e.textContent.slice(0, 40));
}
return [seen, low];
"""

# How many pixels of each chart are not those of its background.
PAINTED = """
return [...document.querySelectorAll("figure.live")].map(figure => {
  let most = 0;
  for (const canvas of figure.querySelectorAll("canvas")) {
    if (!canvas.width) continue;
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Map();
    for (let i = 0; i < data.length; i += 4)
      if (data[i + 3] > 200) {
        const key = data[i] + "," + data[i + 1] + "," + data[i + 2];
        colours.set(key, (colours.get(key) || 0) + 1);
      }
    const wanted = [...figure.querySelectorAll(".legend path")].map(p =>
      getComputedStyle(p).stroke.match(/[0-9]+/g).join(","));
    const least = Math.min(...wanted.map(w => colours.get(w) || 0));
    most = Math.max(most, least);
  }
  return [figure.id, most];
});
"""

AXES = """
return [...document.querySelectorAll("figure.live")].map(figure =>
  [...figure.querySelectorAll(".dygraph-axis-label-x")].map(e => e.textContent).join(" "));
"""


class Browser:
    def __init__(self, scripts=True):
        options = webdriver.ChromeOptions()
        options.binary_location = BROWSER
        # As root, in a container, there is no sandbox to be had.
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--hide-scrollbars", "--disable-dev-shm-usage"):
            options.add_argument(word)
        if not scripts:
            options.add_experimental_option("prefs", {
                "profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(
            service=webdriver.chrome.service.Service(DRIVER), options=options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def show(self, path, size, scheme):
        width, height = SIZES[size]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": size == "phone"})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme},
                         {"name": "prefers-reduced-motion",
                          "value": "reduce"}]})
        self.driver.get("file://" + path)

    def ask(self, script):
        # By DevTools: it works where the page's own scripts are off, too.
        answer = self.driver.execute_cdp_cmd("Runtime.evaluate", {
            "expression": f"(function () {{ {script} }}())",
            "returnByValue": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self, path):
        answer = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True})
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def pages_in_print(self):
        answer = self.driver.execute_cdp_cmd("Page.printToPDF",
                                             {"printBackground": True})
        return len(re.findall(rb"/Type\s*/Page\b",
                              base64.b64decode(answer["data"])))


def check_first_screen(check, browser, kind, where):
    """What broke, for how long, why, what to change: without scrolling."""
    answers = browser.ask("""
        return [...document.querySelectorAll(".answer")].map(e =>
          [e.querySelector("h2").textContent, e.innerText.length,
           e.getBoundingClientRect().bottom <= innerHeight]);""")
    check.equal([a[0] for a in answers],
                ["What broke", "For how long", "Why", "What to change"],
                "the first screen has four answers", where)
    check.that(all(a[1] > 20 and a[2] for a in answers),
               "and all of each of them", where, answers)
    if kind == "quiet":
        return
    figures = browser.ask("""
        return [...document.querySelectorAll("#verdict [data-figure]")].map(e => {
          const box = e.getBoundingClientRect();
          return [e.dataset.figure, box.bottom <= innerHeight && box.height >= 24];
        });""")
    check.equal(sorted(figures), [["outage.persistent", True],
                                  ["outage.pool", True]],
                "outages are on it, large", where)


def check_page(check, browser, kind, size, where):
    width = browser.ask("return [document.documentElement.scrollWidth,"
                        " innerWidth];")
    check.that(width[0] <= width[1], "the page does not scroll sideways",
               where, width)
    check.equal(browser.ask(OVERLAPS), [], "no text lies on another", where)
    check.equal(browser.ask(STACKED), [], "nothing lies on what follows",
                where)
    seen, low = browser.ask(CONTRAST)
    check.that(seen > 50, "texts were looked at", where, seen)
    check.equal(low, [], "contrast is 4.5 at least", where)
    if kind != "comparison":
        check_first_screen(check, browser, kind, where)


def check_charts(check, browser, where):
    painted = browser.ask(PAINTED)
    check.that(len(painted) >= 2, "there are charts", where, painted)
    for name, pixels in painted:
        check.that(pixels >= 20, "each line of a chart is painted", where,
                   (name, pixels))


def check_zoom(check, browser, where):
    driver = browser.driver

    def same(what):
        axes = browser.ask(AXES)
        check.equal(len(set(axes)), 1, "the zoom is one", f"{where}, {what}")
        return axes[0]

    def lanes():
        return browser.ask('return [...new Set([...document.querySelectorAll('
                           '".lanes svg.lane")].map(e => '
                           'e.getAttribute("viewBox")))];')

    whole = same("whole")
    whole_lanes = lanes()
    buttons = driver.find_elements(By.CSS_SELECTOR, ".zoom button")
    driver.execute_script("arguments[0].scrollIntoView()", buttons[1])
    buttons[1].click()
    near = same("failover")
    check.that(near != whole, "a button zooms", where, near)
    check.equal(len(lanes()), 1, "lanes have one zoom", where)
    check.that(lanes() != whole_lanes, "lanes zoom too", where, lanes())
    check.equal(buttons[1].get_attribute("aria-pressed"), "true",
                "the button says so", where)
    # By keyboard.
    driver.execute_script("arguments[0].focus()", buttons[0])
    ActionChains(driver).send_keys(" ").perform()
    check.equal(same("whole again"), whole, "a key zooms back", where)
    # By the mouse, in the last chart.
    chart = driver.find_elements(By.CSS_SELECTOR, "figure.live .dy")[-1]
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})",
                          chart)
    ActionChains(driver).move_to_element_with_offset(chart, -100, 0) \
        .click_and_hold().move_by_offset(150, 0).release().perform()
    check.that(same("drag") != whole, "dragging zooms", where)


def check_scripts_on(check, pages, keep):
    with Browser() as browser:
        for kind, path in pages.items():
            for size in SIZES:
                for scheme in SCHEMES:
                    if kind != "cut" and (size == "phone") != (scheme == "dark"):
                        continue
                    where = f"{kind}, {size}, {scheme}"
                    browser.show(path, size, scheme)
                    check_page(check, browser, kind, size, where)
                    if kind in ("cut", "encrypted"):
                        check_charts(check, browser, where)
                    if keep:
                        browser.picture(os.path.join(
                            keep, f"{kind}-{size}-{scheme}.png"))
                    check.equal(browser.errors(), [],
                                "nothing on the console", where)
            check.that(browser.pages_in_print() >= (
                1 if kind == "comparison" else 3), "it prints", kind)
        browser.show(pages["cut"], "desktop", "light")
        check_zoom(check, browser, "cut")
        check.equal(browser.errors(), [], "nothing on the console", "zoom")


def check_scripts_off(check, pages, keep):
    with Browser(scripts=False) as browser:
        for kind, path in pages.items():
            for size in SIZES:
                where = f"{kind}, {size}, no scripts"
                browser.show(path, size, "light")
                check_page(check, browser, kind, size, where)
                drawn = browser.ask("""
                    return [...document.querySelectorAll("figure.chart")].map(f => {
                      const paths = [...f.querySelectorAll(".static path.line")];
                      const boxes = paths.map(p => p.getBoundingClientRect());
                      return [f.id, f.querySelectorAll(".legend li").length,
                        boxes.filter(b => b.width > 100 && b.height > 1).length,
                        f.querySelectorAll("canvas").length];
                    });""")
                for name, lines, paths, canvases in drawn:
                    check.that(paths >= 1 and canvases == 0,
                               "charts are drawings", where,
                               (name, lines, paths))
                if kind in ("cut", "encrypted"):
                    check.that(len(drawn) >= 5, "all of them", where, drawn)
                if keep:
                    browser.picture(os.path.join(keep,
                                                 f"{kind}-{size}-plain.png"))


def main():
    if BROWSER is None or DRIVER is None:
        print("skipped: chromium or chromedriver is missing "
              "(on Debian: apt-get install chromium chromium-driver)")
        sys.exit(77)
    keep = sys.argv[2] if sys.argv[1:2] == ["--keep"] else None
    if keep:
        os.makedirs(keep, exist_ok=True)
    check = Checks()
    with temporary_folder() as folder:
        pages, _ = report_pages.make(folder)
        pages = {kind: os.path.abspath(path) for kind, path in pages.items()}
        check_scripts_on(check, pages, keep)
        check_scripts_off(check, pages, keep)
    check.finish({"nothing on the console": 11, "it prints": 4,
                  "the first screen has four answers": 14,
                  "outages are on it, large": 10,
                  "each line of a chart is painted": 18,
                  "charts are drawings": 18, "the zoom is one": 4})


if __name__ == "__main__":
    main()
