"""Runs the code blocks of a page and puts in what came out.

A ``python`` block prints what the ``text`` block behind it holds; in a ``console`` block the lines
behind ``$ command`` are what it prints on a terminal of 80 columns. ``…`` stands for anything.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tcpwin.cli.app import cli

ROOT = Path(__file__).resolve().parent.parent
OTHERS = {"tshark", "tcptrace"}  # what the page that compares runs besides tcpwin
BLOCK = re.compile(r"^```(python|text|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TERMINAL = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}


def renew(text: str) -> str:
    """The page with the outputs of today."""
    names: dict[str, Any] = {"__name__": "page"}
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
    """Run Python and return what it prints.

    pyshark has a process of its own: its event loop leaves signal handlers behind.
    """
    if "import pyshark" in code:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "<page>", "exec"), names)
    return out.getvalue()


def run(command: str) -> str:
    """Run a command as on a terminal and return what it prints."""
    program, *arguments = shlex.split(command)
    if [program, *arguments[:2]] == ["python", "-m", "tcpwin"]:  # here, as starting takes longer
        done = CliRunner().invoke(
            cli, arguments[2:], env=TERMINAL, prog_name="python -m tcpwin", catch_exceptions=False
        )
        assert done.exit_code == 0, done.output
        return done.stdout
    assert program in OTHERS, f"a page runs {program}"
    environment = {**os.environ, **TERMINAL, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [program, *arguments], env=environment, capture_output=True, check=True, encoding="utf-8"
    ).stdout


def settle(old: str, new: str) -> str:
    """`new` without blanks around its lines; `old` where that leaves out only what it says."""
    lines = [line.rstrip() for line in new.splitlines()]
    plain = "\n".join(lines).strip("\n") + "\n"
    pattern = ".*".join(map(re.escape, old.split("…")))
    return old if re.fullmatch(pattern, plain, re.DOTALL) else plain


@contextlib.contextmanager
def somewhere() -> Iterator[None]:
    """An empty folder with the fixtures in it: what is written there goes away."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fixtures").symlink_to(ROOT / "fixtures")
        with contextlib.chdir(folder):
            yield
