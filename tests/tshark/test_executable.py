import os
import time
from pathlib import Path

import pytest

from tcpwin.errors import TsharkError
from tcpwin.tshark import executable, find_tshark
from tests.tshark import fake
from tests.tshark.processes import processes


def one_line(error: pytest.ExceptionInfo[TsharkError]) -> str:
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    return text


def test_the_first_of_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fake.tshark(tmp_path / name / "tshark", "")
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, (tmp_path / "one", tmp_path / "two"))))
    assert find_tshark().path == str(tmp_path / "one" / "tshark")
    assert find_tshark().version == (4, 0, 0)
    assert find_tshark().version_text == "4.0.0"


def test_a_bare_name_is_looked_up_in_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.tshark(tmp_path / "tshark-new", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tshark("tshark-new").path == str(tmp_path / "tshark-new")


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.tshark(tmp_path / "tshark", "")
    monkeypatch.chdir(tmp_path)
    assert Path(find_tshark("./tshark").path).samefile(tmp_path / "tshark")


@pytest.mark.parametrize("path", ["", ".", "relative", os.pathsep])
def test_the_current_folder_names_no_program(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "relative").mkdir()
    for folder in (tmp_path, tmp_path / "relative"):
        fake.tshark(folder / "tshark", f"touch {tmp_path}/was-run", version="TShark 9.9.9")
    (tmp_path / "config.ini").write_text(f"[tshark]\ntshark_path = {tmp_path}/tshark\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(executable, "_OUTSIDE_PATH", ())
    with pytest.raises(TsharkError) as error:
        find_tshark()
    assert "install" in one_line(error)
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("wanted", ["no-such-program", "", "a\nb", "folder", "not-executable"])
def test_no_such_program(wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "not-executable").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TsharkError) as error:
        find_tshark(wanted)
    assert "is not a program" in one_line(error)


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("TShark (Wireshark) 3.4.16 (Git v3.4.16).", "3.6 is the oldest"),
        ("TShark 1.12.1 (Git Rev Unknown from unknown)", "3.6 is the oldest"),
        ("Python 3.12.1", "does not say it is tshark"),
        ("", "does not say it is tshark"),
    ],
)
def test_unusable_version(version: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(TsharkError) as error:
        find_tshark(fake.tshark(tmp_path / "tshark", "", version=version))
    assert says in one_line(error)


@pytest.mark.parametrize("script", ["exit 3", "echo broken >&2; exit 1", "kill -9 $$"])
def test_a_program_that_fails(script: str, tmp_path: Path) -> None:
    with pytest.raises(TsharkError, match="does not run") as error:
        find_tshark(fake.program(tmp_path / "tshark", script))
    one_line(error)


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    path = fake.program(tmp_path / "tshark", "")
    path.write_bytes(b"\x7fELF nonsense")
    with pytest.raises(TsharkError, match="does not run"):
        find_tshark(path)


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executable, "PATIENCE_S", 0.3)
    path = fake.program(tmp_path / "tshark", f"sleep 98761 & echo $! >{tmp_path}/child; wait")
    began = time.monotonic()
    with pytest.raises(TsharkError, match="no sign of life"):
        find_tshark(path)
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    assert [one for one in processes() if one.pid == child and one.state != "Z"] == []
