"""What README.md tells to type is there. That it prints what is shown: `tests/test_docs.py`."""

import re
import tomllib
from pathlib import Path

from tcpwin import schema
from tcpwin.analysis import FLOWS, LIMITERS, SOURCES, VANTAGES
from tcpwin.analysis.artefacts import CLAIMS
from tcpwin.analysis.findings import CAUSES
from tools import docs

ROOT = Path(__file__).parent.parent
PAGE = docs.README.read_text(encoding="utf-8")
# Not run here, as they need the network; they are checked against what they name.
INSTALLS = {
    ".venv/bin/python -m pip install -e '.[notebook]'",
    ".venv/bin/python -m jupyterlab notebooks",
}


def shell_lines() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = (line.partition("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_its_commands_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = {line.removeprefix("make ") for line in shell_lines() if line.startswith("make ")}
    assert {"demo", "test"} <= made <= targets
    assert {line for line in shell_lines() if not line.startswith("make ")} == INSTALLS
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert "jupyterlab" in extras["notebook"]


def test_every_word_of_the_vocabulary_is_defined() -> None:
    page = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    state = [column.name for column in schema.STATE if column.source != schema.STATE[0].source]
    artefacts = set(CLAIMS) - {"cut-file"}  # a kind of `truncated`
    words = {*state, *LIMITERS, *SOURCES, *VANTAGES, *CAUSES, *artefacts, *FLOWS}
    words -= {"stream", "flow"}
    assert {word for word in words if f"`{word}`" not in page} == set()
