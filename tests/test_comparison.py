"""docs/comparison.md and its summary in README.md say what was measured.

That the page holds today's outputs: `tests/test_docs.py`, where the programs are installed.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pyshark
import pytest
from pyshark.capture.capture import TSharkCrashException

from tests.conftest import FIXTURES
from tools import comparison, docs

PAGE = (docs.DOCS / "comparison.md").read_text(encoding="utf-8")


def test_tcpwin_is_as_the_comparison_says() -> None:
    """Wherever the tests run; what the others say is compared where they are installed."""
    text = PAGE
    assert [row for row in comparison.ROWS if " | ".join(comparison.known(row)) not in text] == []
    for program, version in comparison.VERSIONS.items():
        assert f"{program} {version}" in text


def pyshark_count(fixture: str, wanted: str) -> int:
    """How many packets pyshark gives; in a thread, where its event loop can set no signal."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    path = str(FIXTURES / fixture)
    packets = pyshark.FileCapture(path, display_filter=wanted, eventloop=loop)
    try:
        return sum(1 for _ in packets)
    finally:
        with suppress(TSharkCrashException):  # it loses the race for the exit code now and then
            packets.close()
        packets._running_processes.clear()
        loop.close()
        asyncio.set_event_loop(None)


@pytest.mark.parametrize("row", comparison.ROWS, ids=lambda row: row.question)
def test_bare_pyshark_gives_what_tshark_gives(row: comparison.Row) -> None:
    for wanted in row.filters.values():
        with ThreadPoolExecutor(1) as thread:
            count = thread.submit(pyshark_count, row.fixture, wanted).result()
        assert count == comparison.count(row.fixture, wanted)


def test_the_readme_says_what_was_measured() -> None:
    section = (
        docs.README.read_text(encoding="utf-8")
        .partition("## Beside Wireshark")[2]
        .partition("\n## ")[0]
    )
    rows = [row for row in section.splitlines() if row.startswith("|")]
    said, measured = numbers("\n".join(rows)), numbers(PAGE)
    assert len(said) > 10
    assert said - measured == set(), "docs/comparison.md does not have these"


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text.replace(",", "")))
