"""A page in headless Chromium, and what a reader does with it."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "")
DRIVER = shutil.which("chromedriver") or ""


def start() -> Chrome:
    """The browser of this machine with its own driver: nothing is downloaded."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chrome(options=options, service=Service(DRIVER))


class Page:
    """A page in the browser, and what a reader does with it."""

    def __init__(self, chrome: Chrome, path: Path, width: int) -> None:
        self.chrome = chrome
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        for kind in ("browser", "performance"):
            chrome.get_log(kind)  # of what was open before
        chrome.get(path.as_uri())
        self.wait(lambda: self.run("return document.documentElement.dataset.ready === 'yes'"))

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.chrome, 20, 0.05).until(lambda _: condition())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.chrome.execute_script(script, *arguments)

    def find(self, selector: str) -> WebElement:
        return self.chrome.find_element(By.CSS_SELECTOR, selector)

    def click(self, element: WebElement) -> None:
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def texts(self, selector: str) -> list[str]:
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)",
            selector,
        )

    def range(self, stream: int = 0) -> tuple[float, float]:
        """What the charts of a stream show, in seconds."""
        view = "const v = views.get(arguments[0]); return [v.from / 1e9, v.to / 1e9]"
        return tuple(self.run(view, stream))

    def chart(self, number: int = 0) -> WebElement:
        over = self.chrome.find_elements(By.CSS_SELECTOR, ".panel .u-over")[number]
        self.run("arguments[0].scrollIntoView({block: 'center'})", over)
        time.sleep(0.1)  # the browser moves the page in a frame of its own
        return over

    def drag(self, over: WebElement, start: int, length: int, *, key: str = "") -> None:
        actions = ActionChains(self.chrome, duration=20)
        if key:
            actions.key_down(key)
        actions.move_to_element_with_offset(over, start, 0).click_and_hold()
        actions.move_by_offset(length, 0).release()
        if key:
            actions.key_up(key)
        actions.perform()

    def complaints(self) -> list[str]:
        """Console messages, and every request but the one for the page itself."""
        events = [
            json.loads(entry["message"])["message"] for entry in self.chrome.get_log("performance")
        ]
        asked = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        page = self.chrome.current_url.partition("#")[0]
        assert page in asked  # else the log tells nothing
        elsewhere = [url for url in asked if url != page and not url.startswith("data:")]
        return elsewhere + [entry["message"] for entry in self.chrome.get_log("browser")]
