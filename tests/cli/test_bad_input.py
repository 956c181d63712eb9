"""Whatever comes in: one line that names the remedy, exit 1, no traceback, nothing left behind."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
MakeProgram = Callable[[str, str], Path]
Refused = Callable[..., None]

NO_TCP = bytes.fromhex(
    "d4c3b2a1 02000400 00000000 00000000 00000400 01000000"  # pcap, Ethernet, one ARP request
    "00000000 00000000 2a000000 2a000000"
    "ffffffffffff 020000000001 0806 0001 0800 06 04 0001"
    "020000000001 0a000001 000000000000 0a000002"
)
COMMANDS = (["streams"], ["report"], ["export", "out.csv"], ["annotate", "out.pcapng"])


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def assert_one_line(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("tcpwin: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")
    for word in words:
        assert word in result.stderr


@pytest.fixture(params=COMMANDS, ids=lambda arguments: arguments[0])
def refused(request: pytest.FixtureRequest, run: Run, here: Path) -> Refused:
    """Run each command that reads a capture, and see that it leaves the folder as it was."""

    def check(path: str, *words: str, options: tuple[str, ...] = ()) -> None:
        name, *target = request.param
        before = tree(here)
        assert_one_line(run(name, *options, "--", path, *target), *words)
        assert tree(here) == before

    return check


def test_no_file(refused: Refused) -> None:
    refused("nothing.pcap", "nothing.pcap", "check the name")


def test_a_folder(refused: Refused, here: Path) -> None:
    (here / "captures").mkdir()
    refused("captures", "captures is a folder")


def test_an_empty_file(refused: Refused, here: Path) -> None:
    (here / "empty.pcap").touch()
    refused("empty.pcap", "empty.pcap is empty")


def test_a_text_file(refused: Refused, here: Path) -> None:
    (here / "notes.txt").write_text("Dear diary,\n" * 50)
    refused("notes.txt", "notes.txt is not a capture")


def test_no_tcp(refused: Refused, here: Path) -> None:
    (here / "arp.pcap").write_bytes(NO_TCP)
    refused("arp.pcap", "holds no TCP")


def test_a_file_without_a_single_whole_packet(
    refused: Refused, here: Path, capture_bytes: bytes
) -> None:
    (here / "cut.pcapng").write_bytes(capture_bytes[:10])
    refused("cut.pcapng", "cut.pcapng")


def test_a_broken_display_filter(refused: Refused, capture: Path) -> None:
    refused(str(capture), "display filter", options=("--filter", "tcp.port ==="))


def test_a_filter_that_matches_nothing(refused: Refused, capture: Path) -> None:
    refused(str(capture), "matches", options=("--filter", "tcp.port == 9"))


def test_no_tshark(
    refused: Refused, capture: Path, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    monkeypatch.setenv("PATH", str(here))
    refused(str(capture), "no tshark", "install")


def test_a_tshark_that_is_not_there(refused: Refused, capture: Path) -> None:
    refused(str(capture), "nowhere/tshark", options=("--tshark", "nowhere/tshark"))


def test_a_tshark_that_is_too_old(refused: Refused, capture: Path, program: MakeProgram) -> None:
    old = program("tshark", "echo 'TShark (Wireshark) 3.4.0'")
    refused(str(capture), "3.4.0", "3.6", "install", options=("--tshark", str(old)))


def test_a_program_that_is_no_tshark(refused: Refused, capture: Path, program: MakeProgram) -> None:
    other = program("other", "echo 'hello'")
    refused(str(capture), "install", options=("--tshark", str(other)))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(refused: Refused, capture: Path) -> None:
    capture.chmod(0)
    refused(str(capture), "cannot be read")


def test_a_capture_cut_in_the_middle_is_used_with_a_warning(
    run: Run, here: Path, capture_bytes: bytes
) -> None:
    (here / "cut.pcapng").write_bytes(capture_bytes[: len(capture_bytes) * 2 // 3])
    result = run("report", "cut.pcapng")
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("tcpwin: warning: cut.pcapng")
    assert result.stderr.count("\n") == 1
    assert "**warning\\:**" not in Path("cut-report/index.md").read_text()
    assert "**warning:** cut.pcapng" in Path("cut-report/index.md").read_text()
    assert json.loads(Path("cut-report/summary.json").read_text())["warnings"]


def test_a_stream_that_is_not_there(run: Run, capture: Path, here: Path) -> None:
    assert_one_line(run("report", capture, "--stream", "0", "--stream", "99"), "99")
    assert tree(here) == {"x.pcapng"}


def test_an_output_below_a_file(run: Run, capture: Path, here: Path) -> None:
    (here / "file").touch()
    assert_one_line(run("report", capture, "-o", "file"), "cannot write file")
    assert_one_line(run("report", capture, "-o", "file/out"), "cannot write file/out")
    assert_one_line(run("export", capture, "file/out.csv"), "cannot write file/out.csv")
    assert tree(here) == {"x.pcapng", "file"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_that_may_not_be_written(run: Run, capture: Path, here: Path) -> None:
    (here / "closed").mkdir(mode=0o555)
    for output in ("closed", "closed/out"):
        assert_one_line(run("report", capture, "-o", output), "Permission denied")
    assert_one_line(run("export", capture, "closed/out.csv"), "Permission denied")


def test_an_output_that_is_there_needs_force(run: Run, capture: Path, here: Path) -> None:
    (here / "out").mkdir()
    (here / "out" / "mine.txt").write_text("mine")
    assert_one_line(run("report", capture, "-o", "out"), "--force")
    (here / "out.csv").write_text("mine")
    assert_one_line(run("export", capture, "out.csv"), "--force")
    assert (here / "out.csv").read_text() == "mine"
    assert tree(here) == {"x.pcapng", "out", "out/mine.txt", "out.csv"}


@pytest.mark.parametrize("name", ["-r", "a b;$(x).pcap", "<b>.pcap", r"$\foo$.pcap", "a\nb.pcap"])
def test_hostile_names(run: Run, here: Path, capture_bytes: bytes, name: str) -> None:
    (here / name).write_bytes(capture_bytes)
    assert run("streams", "--", name).exit_code == 0
    result = run("report", "--top", "1", "--", name)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    (folder,) = {path.name for path in here.iterdir()} - {name}
    assert folder.endswith("-report")
    assert "<b>" not in (here / folder / "report.html").read_text()
    page = (here / folder / "index.md").read_text()
    assert "<b>" not in page
    assert len([line for line in page.splitlines() if line.startswith("# ")]) == 1
    assert json.loads((here / folder / "summary.json").read_text())["capture"]["path"] == name


def test_a_name_that_would_lead_elsewhere_stays_in_the_folder(
    run: Run, here: Path, capture_bytes: bytes
) -> None:
    deep = here / "deep"
    deep.mkdir()
    (deep / "..pcap").write_bytes(capture_bytes)
    shutil.copy(deep / "..pcap", deep / "....pcap")
    for name in ("deep/..pcap", "deep/....pcap"):
        assert run("report", "--top", "0", name).exit_code == 0
    assert {path.parent for path in here.rglob("index.md")} == {
        here / ".-report",
        here / "...-report",
    }
