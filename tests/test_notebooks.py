"""Every notebook runs from top to bottom in a clean kernel; so does reading twice in one cell.

What a notebook says in words it asserts in its cells: it fails here when the two part.
"""

import re
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import FIXTURES

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
QUICKSTART = FOLDER / "01_quickstart.ipynb"
# A cell of an async kernel runs inside its event loop: where a reader that starts one fails.
TWICE = f"""
import asyncio, tcpwin as tw
assert asyncio.get_running_loop().is_running()
one, two = (tw.read({str(FIXTURES / "handmade-recovery.pcapng")!r}) for _ in range(2))
assert one.packets.equals(two.packets) and len(one.packets) == 7
assert int(one.stream(0).packet(3).number) == 3
await asyncio.sleep(0)
two
"""
WITHOUT_IPYMPL = "import sys; sys.modules['ipympl'] = None"
WIDGET = "application/vnd.jupyter.widget-view+json"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(autouse=True)
def jupyter_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither kernels nor settings of whoever runs the tests."""
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")  # else jupyter-core warns that it will be


def run(notebook: nbformat.NotebookNode, folder: Path) -> list[list[Any]]:
    """The outputs of each code cell; an error in a cell is raised here, with its traceback."""
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


@cache
def outputs_of(path: Path) -> list[Any]:
    """All that a notebook shows; each is run once, however many tests look at it."""
    return list(chain.from_iterable(run(read(path), FOLDER)))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_is_silent_on_stderr(path: Path) -> None:
    nbformat.validate(read(path))
    outputs = outputs_of(path)
    assert outputs
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_asks_and_says_what_to_remember(path: Path) -> None:
    notebook = read(path)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert texts[0].startswith("# 0")
    assert sum("?" in text.partition("\n")[0] for text in texts if text.startswith("## ")) >= 4
    assert texts[-1].startswith("## What to remember\n")
    assert "**Where to look next:**" in texts[-1]
    assert sum(source.count("assert ") for source in code) >= 4
    assert set(re.findall(r"^(?:import|from) (tcpwin\S*)", "\n".join(code), re.M)) == {"tcpwin"}
    broken = [link for link in LINK.findall("\n".join(texts)) if not (FOLDER / link).exists()]
    assert broken == []


def test_readme_lists_every_notebook() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\| \[.*\]\(notebooks/(\w+)\.ipynb\)", readme) == [
        path.stem for path in NOTEBOOKS
    ]


def test_quickstart_draws_and_comes_to_the_verdict() -> None:
    shown = [output.data for output in outputs_of(QUICKSTART) if "data" in output]
    assert [WIDGET in data for data in shown if "image/png" in data] == [True] * 4
    pages = "".join(data.get("text/html", "") for data in shown)
    assert "4,139 TCP packets in 3 streams" in pages
    assert "<table" in pages
    assert "Verdict: reopened-silent - undecidable" in pages


def test_without_ipympl_charts_are_pictures_and_nothing_is_said_about_it() -> None:
    notebook = read(QUICKSTART)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(WITHOUT_IPYMPL))
    outputs = list(chain.from_iterable(run(notebook, FOLDER)))
    shown = [output.data for output in outputs if "data" in output]
    assert [WIDGET in data for data in shown if "image/png" in data] == [False] * 4
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []


def test_reading_twice_in_a_cell_of_a_running_loop(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TWICE)])
    (outputs,) = run(notebook, tmp_path)
    assert [output.output_type for output in outputs if output.output_type == "stream"] == []
    assert "7 TCP packets" in outputs[-1].data["text/html"]
