"""What holds for the repository as a whole, so that nobody has to watch for it in a review."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = [
    path.relative_to(ROOT / "tcpwin")
    for path in sorted((ROOT / "tcpwin").rglob("*.py"))
    if path.stem not in {"__init__", "__main__"}
]
# Spelt so that the patterns do not find themselves.
FORBIDDEN = {
    "the address of a package registry": r"pypi[.]org|pythonhosted[.]|/simp[l]e\b|[-]index-url",
    "a path of somebody's machine": r"(?<![\w.])/(wor[k]|tm[p]|hom[e]|roo[t]|User[s])/",
}


def tracked() -> list[Path]:
    """The files git knows, and those it would add."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_has_its_test_file(module: Path) -> None:
    expected = Path("tests") / module.parent / f"test_{module.stem.lstrip('_')}.py"
    assert (ROOT / expected).is_file(), f"tcpwin/{module} needs {expected}"


def test_dependencies_are_what_is_imported() -> None:
    used = set[str]()
    for path in (ROOT / "tcpwin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.partition(".")[0])
    in_a_notebook_only = {"IPython"}
    called_otherwise = {"PIL": "pillow"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    used -= {*sys.stdlib_module_names, *in_a_notebook_only, "tcpwin"}
    assert {called_otherwise.get(name, name) for name in used} == declared


def test_files_stay_short() -> None:
    code = [path for path in tracked() if path.suffix in {".py", ".sh"}]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_notebooks_are_stored_without_outputs() -> None:
    for path in tracked():
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            assert not any(c.get("outputs") or c.get("execution_count") for c in cells), path


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_text_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what].encode())
    texts = {path: data for path in tracked() if b"\0" not in (data := path.read_bytes())}
    found = {path: hit[0] for path, data in texts.items() if (hit := pattern.search(data))}
    assert found == {}, f"these files hold {what}"
