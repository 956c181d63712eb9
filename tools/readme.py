"""Runs what README.md shows and writes what came out back into it: ``python tools/readme.py``.

A ``python`` block prints what the ``text`` block behind it holds; in a ``console`` block the lines
behind ``$ command`` are what it prints on a terminal of 80 columns. ``…`` stands for anything.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
CAPTURE = Path("fixtures/handmade-99-percent.pcapng.gz")
BLOCK = re.compile(r"^```(python|text|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TERMINAL = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}


def renew(text: str) -> str:
    """The page with the outputs of today."""
    names: dict[str, Any] = {"__name__": "readme"}
    printed = ""

    def block(match: re.Match[str]) -> str:
        nonlocal printed
        kind, body = match.groups()
        if kind == "python":
            printed = execute(body, names)
        elif kind == "text":
            body = settle(body, printed)
        else:
            shown = re.split(r"^(\$ .*\n)", body, flags=re.MULTILINE)[1:]
            pairs = zip(shown[::2], shown[1::2], strict=True)
            body = "".join(line + settle(old, run(line[2:])) for line, old in pairs)
        return f"```{kind}\n{body}```"

    with somewhere():
        return BLOCK.sub(block, text)


def execute(code: str, names: dict[str, Any]) -> str:
    """Run Python and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "<README.md>", "exec"), names)
    return out.getvalue()


def run(command: str) -> str:
    """Run a command as on a terminal and return what it prints."""
    program, *arguments = shlex.split(command)
    assert program == "python", f"README.md runs {program}"
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **TERMINAL},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def settle(old: str, new: str) -> str:
    """`new` without blanks around its lines; `old` where that leaves out only what it says."""
    lines = [line.rstrip() for line in new.splitlines()]
    plain = "\n".join(lines).strip("\n") + "\n"
    pattern = ".*".join(map(re.escape, old.split("…")))
    return old if re.fullmatch(pattern, plain, re.DOTALL) else plain


@contextlib.contextmanager
def somewhere() -> Iterator[None]:
    """An empty folder with the capture in it: what is written there goes away."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / CAPTURE
        target.parent.mkdir()
        shutil.copy(ROOT / CAPTURE, target)
        with contextlib.chdir(folder):
            yield


if __name__ == "__main__":
    page = README.read_text(encoding="utf-8")
    README.write_text(renew(page), encoding="utf-8")
