import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import tcpwin as tw

Run = Callable[..., Result]


def test_an_empty_one(run: Run, cache_folder: Path) -> None:
    result = run("cache")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"    0 B  in {cache_folder}, of at most 2.15 GB\n"
    assert not cache_folder.exists()


def test_what_is_in_it(run: Run, capture: Path, cache_folder: Path) -> None:
    tw.read(capture).diagnose().to_dict()
    Path("y\x1b[2J.pcapng").write_bytes(capture.read_bytes())
    assert run("streams", "y\x1b[2J.pcapng").exit_code == 0
    first, second, total = run("cache").stdout.splitlines()
    line = r" *[\d.]+ kB  \d{4}-\d\d-\d\d \d\d:\d\d  "
    assert re.fullmatch(line + re.escape(str(Path.cwd() / "y\\x1b[2J.pcapng")), first)
    assert re.fullmatch(line + re.escape(str(capture.absolute())), second)
    assert re.fullmatch(rf" *[\d.]+ kB  in {re.escape(str(cache_folder))}, of at most .*", total)
    assert run("cache", capture).stdout.splitlines()[0] == second


def test_clear_one_and_all(run: Run, capture: Path, cache_folder: Path) -> None:
    Path("y.pcapng").write_bytes(capture.read_bytes())
    for path in (capture, Path("y.pcapng")):
        tw.read(path)
    capture.unlink()  # what is gone can be forgotten too
    result = run("cache", "--clear", capture)
    assert result.exit_code == 0
    assert re.fullmatch(r"Removed [\d.]+ kB of x.pcapng from .*\n", result.stdout)
    assert "y.pcapng" in run("cache").stdout
    assert "x.pcapng" not in run("cache").stdout
    assert run("cache", "--clear", capture).stdout.startswith("Removed 0 B of x.pcapng")
    assert run("cache", "--clear").exit_code == 0
    assert list(cache_folder.iterdir()) == []


def test_a_file_that_says_nothing(run: Run, capture: Path, cache_folder: Path) -> None:
    tw.read(capture)
    next(cache_folder.iterdir()).write_bytes(b"x")
    assert run("cache").stdout.splitlines()[0].endswith("  (damaged)")


def test_off(run: Run) -> None:
    assert "it is off" in run("cache").stdout


def test_no_cache(run: Run, capture: Path, cache_folder: Path) -> None:
    assert run("streams", "--no-cache", capture).exit_code == 0
    assert not cache_folder.exists()
    kept = run("streams", capture).stdout
    assert any(cache_folder.iterdir())
    assert run("streams", capture).stdout == kept


def test_a_size_that_is_none(
    run: Run, capture: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", "lots")
    for arguments in (["streams", capture], ["cache"]):
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("tcpwin: TCPWIN_CACHE_SIZE is 'lots'")
        assert result.stderr.count("\n") == 1
