"""README.md tells the truth: what it runs prints what it shows, what it names is there."""

import re
import tomllib
from pathlib import Path

import pytest
from matplotlib.image import imread

from tcpwin import schema
from tcpwin.analysis import FLOWS, LIMITERS, SOURCES, VANTAGES
from tcpwin.analysis.artefacts import CLAIMS
from tcpwin.analysis.findings import CAUSES
from tools import picture, readme

ROOT = Path(__file__).parent.parent
PAGE = readme.README.read_text(encoding="utf-8")
PAGES = [
    "README.md", "CONTRIBUTING.md", "docs/definitions.md", "docs/commands/compare.md",
    "fixtures/README.md",
]  # fmt: skip
# Not run here, as they need the network; they are checked against what they name.
INSTALLS = {
    ".venv/bin/python -m pip install -e '.[notebook]'",
    ".venv/bin/python -m jupyterlab notebooks",
}


def shell_lines() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = (line.partition("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_what_it_runs_prints_what_it_shows() -> None:
    assert readme.renew(PAGE) == PAGE, "make readme writes the outputs of today into README.md"


def test_a_difference_is_seen() -> None:
    page = "```python\nprint(1)\nprint(2)\n```\n\n```text\n{}\n```\n"
    assert readme.renew(page.format("3")) == page.format("1\n2")
    assert readme.renew(page.format("…\n2")) == page.format("…\n2")


def test_its_commands_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = {line.removeprefix("make ") for line in shell_lines() if line.startswith("make ")}
    assert {"demo", "test"} <= made <= targets
    assert {line for line in shell_lines() if not line.startswith("make ")} == INSTALLS
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert "jupyterlab" in extras["notebook"]


@pytest.mark.parametrize("page", PAGES)
def test_its_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in link:
            assert ((ROOT / page).parent / link).exists(), f"{page} links to {link}"


def test_its_picture_can_be_made_again(tmp_path: Path) -> None:
    """As drawn today; other versions of matplotlib may set letters a little differently."""
    stored = ROOT / "docs" / "99-percent.png"
    picture.save(tmp_path / "new.png")
    new, old = imread(tmp_path / "new.png"), imread(stored)
    assert new.shape == old.shape
    assert abs(new - old).mean() < 0.01, "make readme draws docs/99-percent.png anew"
    assert stored.stat().st_size < 100_000


def test_every_word_of_the_vocabulary_is_defined() -> None:
    page = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    state = [column.name for column in schema.STATE if column.source != schema.STATE[0].source]
    artefacts = set(CLAIMS) - {"cut-file"}  # a kind of `truncated`
    words = {*state, *LIMITERS, *SOURCES, *VANTAGES, *CAUSES, *artefacts, *FLOWS}
    words -= {"stream", "flow"}
    assert {word for word in words if f"`{word}`" not in page} == set()
