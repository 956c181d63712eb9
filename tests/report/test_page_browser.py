"""The page in a browser: it opens from disk, zooms, sorts, copies, and asks nobody for anything."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tcpwin.model import Capture
from tcpwin.report.charts import plan
from tcpwin.report.page_sections import report_page
from tests.report.browser import CHROMIUM, DRIVER, Page, start

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs Chromium and its chromedriver"
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    driver = start()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def stalled(half: Capture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page about a download that stops at 99 %, under a name that would like to be markup."""
    path = tmp_path_factory.mktemp("page") / "<b>re port&.html"
    chosen = [half.stream(number) for number in range(3)]
    path.write_text(report_page(half, chosen, plan(chosen)), encoding="utf-8")
    return path


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def page(chrome: Chrome, stalled: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = Page(chrome, stalled, request.param)
    yield opened
    assert opened.complaints() == []


def test_it_opens_without_a_word_and_fits(page: Page) -> None:
    assert page.find("h1").text == "handmade-99-percent.pcapng.gz"
    width = page.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    assert page.run("return document.querySelectorAll('canvas').length") == 3 * 2 * 4
    painted = """const canvas = document.querySelector('.panel canvas');
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(pixels.buffer)).size"""
    page.chart()
    page.wait(lambda: page.run(painted) > 10)


def test_the_numbers_are_those_of_the_tables(page: Page, half: Capture) -> None:
    table = "return Array.from(views.get(0).flows[0].tables[arguments[0]][arguments[1]])"
    segments = half.stream(0).flow("server->client").segments().sort_values("time_s")
    np.testing.assert_array_equal(page.run(table, "segments", "seq"), segments["seq"])
    window = half.stream(0).flow("server->client").window().set_index("frame")
    frames = page.run(table, "state", "frame")
    theirs = window.loc[frames, "window_bytes"].astype(float).fillna(-1)
    ours = [-1 if value is None else value for value in page.run(table, "state", "window")]
    np.testing.assert_array_equal(ours, theirs)


def test_drag_zooms_all_charts_together_and_double_click_goes_back(page: Page) -> None:
    whole = page.range()
    over = page.chart(1)
    page.drag(over, -40, 60)
    page.wait(lambda: page.range() != whole)
    zoomed = page.range()
    assert zoomed[1] - zoomed[0] < 0.5 * (whole[1] - whole[0])
    page.wait(
        lambda: page.run(
            """const [a, b] = [0, 1].map((k) => views.get(0).flows[0].charts[k].plot.scales.x);
            return a.min === b.min && a.max === b.max && Math.abs(a.min - arguments[0]) < 1e-6""",
            zoomed[0],
        )
    )
    if page.run("return innerWidth") > 600:  # a mouse; fingers need no key
        page.drag(page.chart(1), 50, -80, key=Keys.SHIFT)
        page.wait(lambda: page.range()[0] > zoomed[0])
        moved = page.range()
        assert moved[1] - moved[0] == pytest.approx(zoomed[1] - zoomed[0])
    ActionChains(page.chrome).double_click(page.chart(1)).perform()
    page.wait(lambda: page.range() == whole)


def test_keys_and_buttons_zoom(page: Page) -> None:
    whole = page.range()
    page.click(page.find(".tools [data-do=in]"))
    assert page.range()[1] - page.range()[0] == pytest.approx((whole[1] - whole[0]) / 2)
    charts = page.find(".charts")
    charts.send_keys("+")
    assert page.range()[1] - page.range()[0] == pytest.approx((whole[1] - whole[0]) / 4)
    before = page.range()
    charts.send_keys(Keys.ARROW_LEFT)
    assert page.range()[0] < before[0]
    charts.send_keys("0")
    assert page.range() == whole
    page.run("views.get(0).zoom(0)")
    assert page.range()[1] - page.range()[0] == pytest.approx(2e-6)


def test_the_frame_and_its_values_are_under_the_pointer(page: Page) -> None:
    page.click(page.find('[data-from][data-flow="server->client"]'))  # the start of the stall
    ActionChains(page.chrome).move_to_element(page.chart(1)).perform()
    page.wait(lambda: page.find(".panel:nth-child(2) .tip").is_displayed())
    told = page.texts(".panel:nth-child(2) .tip > *")
    assert told[0].startswith("frame 41")
    assert any(line.startswith("window ") for line in told)
    assert any(line.startswith("flight ") for line in told)
    page.click(page.find(".tools [data-do=all]"))
    whole = page.range()
    ActionChains(page.chrome).move_to_element_with_offset(page.chart(1), 60, 0).perform()
    page.wait(lambda: page.texts(".tip:not([hidden]) strong") == ["frame 4123 · 1.041202 s"])
    assert page.texts(".tip:not([hidden]) > :last-child")[0].endswith(" s after it")
    assert page.range() == whole  # to point at a silence does not lead away from it


def test_fingers_spread_move_and_tap(chrome: Chrome, stalled: Path) -> None:
    page = Page(chrome, stalled, 390)
    whole = page.range()
    place = page.chart(1).rect
    across = page.run("return [scrollX, scrollY]")
    x, y = (place[key] - off + 60 for key, off in zip("xy", across, strict=True))

    def touch(kind: str, *places: float) -> None:
        points = [{"x": at, "y": y, "id": finger} for finger, at in enumerate(places)]
        event = {"type": kind, "touchPoints": points}
        chrome.execute_cdp_cmd("Input.dispatchTouchEvent", event)

    touch("touchStart", x, x + 20)
    for step in range(1, 6):
        touch("touchMove", x, x + 20 + 20 * step)
    touch("touchEnd")
    page.wait(lambda: page.range() != whole)
    spread = page.range()
    share = (spread[1] - spread[0]) / (whole[1] - whole[0])
    assert share == pytest.approx(20 / 120, rel=0.05)
    touch("touchStart", x + 100)
    for step in range(1, 6):
        touch("touchMove", x + 100 - 10 * step)
    touch("touchEnd")
    page.wait(lambda: page.range()[0] > spread[0])
    assert page.range()[1] - page.range()[0] == pytest.approx(spread[1] - spread[0])
    assert page.texts(".tip:not([hidden])") == []
    touch("touchStart", x)
    touch("touchEnd")
    page.wait(lambda: page.texts(".tip:not([hidden]) strong") != [])
    assert page.complaints() == []


def test_a_frame_of_the_evidence_jumps_to_its_packet(page: Page) -> None:
    whole = page.range()
    page.click(page.find('[data-frame="4122"]'))
    start, end = page.range()
    assert end - start < 0.1 * (whole[1] - whole[0])
    assert start < 1.040552 < end
    assert page.texts(".tip:not([hidden]) strong") == ["frame 4122 · 1.040552 s"]


def test_a_frame_that_changed_nothing_leads_to_the_one_before(page: Page) -> None:
    frames = page.run("return Array.from(views.get(0).flows[0].tables.state.frame)")
    assert page.run("return jump(0, arguments[0])", max(frames) + 5)
    assert page.texts(".tip:not([hidden]) strong")[0].startswith(f"frame {int(max(frames))} ")
    assert not page.run("return jump(99, 1)")


def test_a_filter_is_copied(page: Page, half: Capture) -> None:
    finding = half.stream(0).diagnose().that_matter()[0]
    button = page.find(".findings .copy")
    page.click(button)
    page.wait(lambda: "done" in str(button.get_attribute("class")))
    search = page.find("#search")
    page.click(search)
    search.send_keys(Keys.CONTROL, "v")
    assert search.get_attribute("value") == finding.filter
    assert page.texts("#told") == [f"Copied: {finding.filter}"]


def test_streams_sort_and_are_found(page: Page) -> None:
    rows = "#streams-table tbody tr td:first-child"
    assert page.texts(rows) == ["0", "1", "2"]
    number, *_, packets = page.chrome.find_elements(By.CSS_SELECTOR, "#streams-table th button")[:5]
    page.click(packets)
    assert page.texts(rows)[0] == "0"  # the most first
    page.click(packets)
    assert page.texts(rows) == ["1", "2", "0"]
    assert packets.find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    page.click(number)
    assert page.texts(rows) == ["0", "1", "2"]
    page.find("#search").send_keys("HEALTHY 40202")
    assert page.texts(rows) == ["2"]
    assert page.texts("#count") == ["1 of 3"]
    assert page.texts(".paper") == ["1 of 3 streams are listed here."]


def test_a_link_unfolds_a_stream(page: Page) -> None:
    fold = "return document.querySelector('#stream-2 details.rest').open"
    assert page.run(fold) is False
    page.click(page.chrome.find_elements(By.CSS_SELECTOR, "#streams-table tbody a")[2])
    page.wait(lambda: page.run(fold))
    page.wait(lambda: page.run("return views.get(2).charts[0].rows !== undefined"))


def test_paper_and_a_dark_room(page: Page) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    try:
        page.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        page.wait(lambda: page.run(colour) == "rgb(21, 24, 29)")
        page.wait(lambda: page.run("return theme.paper") == "#15181d")
        page.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", **dark})
        assert page.run(colour) == "rgb(255, 255, 255)"
        assert not page.find("nav").is_displayed()
    finally:
        page.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert page.chrome.print_page()
    page.wait(lambda: page.run("return theme.paper") == "#ffffff")


def test_an_injected_script_does_not_run(page: Page) -> None:
    page.run(
        """const script = document.createElement("script");
        script.textContent = "document.body.dataset.evil = 1";
        document.body.append(script)"""
    )
    assert page.run("return document.body.dataset.evil ?? null") is None
    (complaint,) = [entry["message"] for entry in page.chrome.get_log("browser")]
    assert "Content Security Policy" in complaint


def test_nothing_is_fetched_even_if_asked(page: Page) -> None:
    fetched = """const done = arguments[0];
        fetch("http://127.0.0.1:9/").then(() => done("yes"), () => done("no"))"""
    assert page.chrome.execute_async_script(fetched) == "no"
    (complaint, *_) = [entry["message"] for entry in page.chrome.get_log("browser")]
    assert "connect-src" in complaint or "default-src" in complaint


def test_200_000_packets_are_redrawn_within_the_blink_of_an_eye(
    chrome: Chrome, stalled: Path
) -> None:
    page = Page(chrome, stalled, 1280)
    page.chart()
    took = page.run(
        """const view = views.get(0), tables = view.flows[0].tables, count = 200000;
        const column = (value) => Float64Array.from({length: count}, (_, row) => value(row));
        const t = column((row) => 3e5 * row), frame = column((row) => row + 1);
        const una = column((row) => 1448 * row), flight = column((row) => 1448 * (row % 9));
        const window = column((row) => 6e4 + 4e3 * (row % 7)), mark = column(() => 0);
        tables.state = {t, frame, una, window, flight, mark};
        const len = column(() => 1448), kind = column((row) => row % 100 ? 0 : 1);
        tables.segments = {t, frame, seq: una, len, kind};
        const charts = view.flows[0].charts;
        charts.slice(0, 2).forEach((chart, k) => {
          const fresh = [sequencePanel, windowPanel][k](tables, view.flows[0]);
          fresh.frame = frame;
          for (const bars of fresh.bars) bars.frame = frame;
          chart.panel = fresh;
        });
        view.whole = [0, 3e5 * count];
        const times = [];
        for (let turn = 0; turn < 10; turn++) {
          const begin = performance.now();
          view.set(...view.whole); // the worst case: all of them are in view
          view.draw(true);
          times.push(performance.now() - begin);
        }
        return Math.min(...times)"""  # what the page takes, not what the machine does besides
    )
    assert took < 100  # Nielsen, Usability Engineering, 5.5: up to 0.1 s seems instantaneous
    assert page.complaints() == []
