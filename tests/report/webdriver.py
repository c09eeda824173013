# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A headless Chromium over WebDriver, with nothing but the standard library."""
import base64
import json
import shutil
import subprocess
import tempfile
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Backspace": "\ue003"}
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--hide-scrollbars"]


class Browser:
    """One window. A context manager."""

    def __init__(self):
        program = shutil.which("chromedriver")
        if program is None or shutil.which("chromium") is None:
            raise SystemExit("the page is tried in a browser: apt-get install chromium chromium-driver")
        # pylint: disable=consider-using-with
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, text=True)
        self.base = None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.base = f"http://127.0.0.1:{line.split()[-1].rstrip('.')}/session"
                break
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.profile.name}"], "binary": shutil.which("chromium")}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = self.request("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self.base += "/" + session["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.request("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)
            self.driver.stdout.close()
            self.profile.cleanup()

    def request(self, method, path, body=None):
        """A command of WebDriver, and its value."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def run(self, script, *arguments):
        """What a function with this body returns in the page."""
        return self.request("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def settle(self):
        """Lets the page do what it has put off."""
        self.run("return new Promise((done) => setTimeout(done, 100));")

    def protocol(self, command, **parameters):
        """A command of the browser's own protocol."""
        return self.request("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        """Goes there, as if for the first time."""
        self.request("POST", "/url", {"url": "about:blank"})
        self.request("POST", "/url", {"url": address})

    def press(self, *keys):
        """Keys that have names in KEYS, or characters, one after the other."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.request("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def size(self, width, height):
        """Of the window, as of a device."""
        self.protocol("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def media(self, media="", **features):
        """What the style is asked for: media="print", prefers_color_scheme="dark"."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.protocol("Emulation.setEmulatedMedia", media=media, features=listed)

    def log(self, kind):
        """What has come up since the last time: "browser" is its console, "performance" its events."""
        return self.request("POST", "/se/log", {"type": kind})

    def picture(self, path, full=False):
        """A PNG of what is shown, or of the whole page."""
        data = self.protocol("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
