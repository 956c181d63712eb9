"""docs/comparison.md and its summary in README.md say what was measured.

That the page holds today's outputs: `tests/test_docs.py`, where the programs are installed.
"""

import re

import pyshark
import pytest

from tests.conftest import FIXTURES
from tools import comparison, docs

PAGE = (docs.DOCS / "comparison.md").read_text(encoding="utf-8")


def test_tcpwin_is_as_the_comparison_says() -> None:
    """Wherever the tests run; what the others say is compared where they are installed."""
    text = PAGE
    assert [row for row in comparison.ROWS if " | ".join(comparison.known(row)) not in text] == []
    for program, version in comparison.VERSIONS.items():
        assert f"{program} {version}" in text


@pytest.mark.parametrize("row", comparison.ROWS, ids=lambda row: row.question)
def test_bare_pyshark_gives_what_tshark_gives(row: comparison.Row) -> None:
    for wanted in row.filters.values():
        path = str(FIXTURES / row.fixture)
        with pyshark.FileCapture(path, display_filter=wanted) as packets:
            assert sum(1 for _ in packets) == comparison.count(row.fixture, wanted)


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
