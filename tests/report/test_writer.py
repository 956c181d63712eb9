import json
import os
import stat
from pathlib import Path

import pytest

from tcpwin.errors import OutputError
from tcpwin.report.writer import check_file, check_folder, staged_file, staged_folder


def write_report(folder: Path, *charts: str, force: bool = False) -> None:
    with staged_folder(folder, force=force) as stage:
        for chart in charts:
            (stage / chart).write_text("new")
        listed = {"charts": [{"file": chart} for chart in charts]}
        (stage / "summary.json").write_text(json.dumps(listed))


def fail_with(error: type[BaseException], path: Path) -> None:
    path.write_text("half")
    raise error


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_appears_whole_with_ordinary_rights(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_report(tmp_path / "a" / "b", "stream-0000_overview.png")
    assert names(tmp_path / "a" / "b") == ["stream-0000_overview.png", "summary.json"]
    assert names(tmp_path) == ["a", "plain"]
    rights = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a/b", "plain")]
    assert rights[0] == rights[1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_is_left_of_a_report_that_did_not_end_well(
    tmp_path: Path, error: type[BaseException]
) -> None:
    (tmp_path / "old").mkdir()
    for folder in (tmp_path / "old", tmp_path / "a" / "b"):
        with pytest.raises(error), staged_folder(folder, force=False) as stage:
            fail_with(error, stage / "index.md")
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "old"]


def test_an_error_of_the_system_is_ours(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="No space left"),
        staged_folder(tmp_path / "out", force=False),
    ):
        raise OSError(28, "No space left on device")
    with pytest.raises(BrokenPipeError), staged_folder(tmp_path / "out", force=False):
        raise BrokenPipeError
    assert names(tmp_path) == []


def test_a_folder_with_something_in_it_needs_force(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputError, match="--force"):
        check_folder(tmp_path, force=False)
    check_folder(tmp_path, force=True)
    assert names(tmp_path) == ["mine.txt"]


def test_force_removes_the_listed_charts_and_nothing_else(tmp_path: Path) -> None:
    write_report(tmp_path, "stream-0000_overview.png", "stream-0001_overview.png")
    (tmp_path / "stream-0002_overview.png").write_text("mine")
    write_report(tmp_path, "stream-0001_overview.png", force=True)
    expected = ["stream-0001_overview.png", "stream-0002_overview.png", "summary.json"]
    assert names(tmp_path) == expected


@pytest.mark.parametrize(
    "earlier",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"charts": 3}',
        b'{"charts": [3]}',
        b'{"charts": [{"file": "../mine.txt"}, {"file": "mine.txt"}, {"file": null}]}',
    ],
)
def test_a_summary_from_elsewhere_removes_nothing(tmp_path: Path, earlier: bytes) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_bytes(earlier)
    for path in (tmp_path / "mine.txt", out / "mine.txt"):
        path.touch()
    write_report(out, force=True)
    assert (tmp_path / "mine.txt").exists()
    assert names(out) == ["mine.txt", "summary.json"]


def test_a_folder_in_the_way_of_a_file(tmp_path: Path) -> None:
    write_report(tmp_path / "out", "stream-0000_overview.png")
    (tmp_path / "out" / "stream-0001_overview.png").mkdir()
    with pytest.raises(OutputError, match="in the way"):
        write_report(tmp_path / "out", "stream-0001_overview.png", force=True)
    assert "stream-0000_overview.png" in names(tmp_path / "out")


@pytest.mark.skipif(os.name != "posix", reason="links without special rights")
def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").symlink_to(tmp_path / "mine.txt")
    write_report(tmp_path / "out", force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["file", "file/out", "x" * 300])
def test_an_impossible_folder_is_told_early(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    for check in (check_folder, check_file):
        with pytest.raises(OutputError, match=r"cannot write|is there already"):
            check(tmp_path / name, force=False)


def test_a_file(tmp_path: Path) -> None:
    target = tmp_path / "a" / "out.csv"
    with staged_file(target, force=False) as stage:
        stage.write_text("1")
        assert stage.suffix == ".csv"
    assert target.read_text() == "1"
    with pytest.raises(OutputError, match="--force"):
        check_file(target, force=False)
    with pytest.raises(ZeroDivisionError), staged_file(target, force=True) as stage:
        fail_with(ZeroDivisionError, stage)
    assert target.read_text() == "1"
    with staged_file(target, force=True) as stage:
        stage.write_text("2")
    assert target.read_text() == "2"
    assert names(target.parent) == ["out.csv"]
    with pytest.raises(OutputError, match="is a folder"):
        check_file(tmp_path, force=True)
