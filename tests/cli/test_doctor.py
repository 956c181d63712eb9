import importlib.metadata
import platform
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tcpwin.cli import doctor

Run = Callable[..., Result]
MakeProgram = Callable[[str, str], Path]


def test_all_is_well(run: Run, tshark: Path) -> None:
    result = run("doctor", "--tshark", tshark)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    said = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert said["Python"].startswith(platform.python_version())
    assert said["pandas"] == importlib.metadata.version("pandas")
    assert said["tshark"].endswith(f" at {tshark}")
    assert said["result"] == "all is well"


def test_no_usable_tshark(run: Run, program: MakeProgram) -> None:
    old = program("tshark", "echo 'TShark (Wireshark) 3.4.0'")
    result = run("doctor", "--tshark", old)
    assert result.exit_code == 1
    assert "NOT USABLE" in result.stdout
    assert result.stderr.startswith("tcpwin: ")
    assert "3.6" in result.stderr


def test_fields_that_this_tshark_lacks(run: Run, program: MakeProgram) -> None:
    bare = program("tshark", "echo 'TShark (Wireshark) 3.6.2'")
    result = run("doctor", "--tshark", bare)
    assert result.exit_code == 0
    assert "MISSING" in result.stdout
    assert "bytes_in_flight" in result.stdout


def test_a_package_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("pandas", "no-such-package"))
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stderr == (
        "tcpwin: packages are missing: python -m pip install no-such-package\n"
    )
