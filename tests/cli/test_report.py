import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import tcpwin as tw
from tcpwin.cli.report import default_folder, pick

Run = Callable[..., Result]

CHARTS = ["acks", "flight", "rtt", "sequence", "throughput", "window"]


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def expected(*streams: int, empty: tuple[int, ...] = ()) -> list[str]:
    charts = [f"stream-{n:04}_server-to-client_{kind}.png" for n in streams for kind in CHARTS]
    overviews = [f"stream-{n:04}_overview.png" for n in (*streams, *empty)]
    return sorted(["index.md", "report.html", "summary.json", *charts, *overviews])


def test_a_report(run: Run, capture: Path, here: Path) -> None:
    result = run("report", capture)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"Wrote {Path('x-report/report.html')} (15 charts)\n"
    assert result.stderr == ""
    assert names("x-report") == expected(0, 2, empty=(1,))
    assert [path.name for path in sorted(here.iterdir())] == ["x-report", "x.pcapng"]
    for path in Path("x-report").glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_top_draws_the_largest_and_lists_the_rest(run: Run, capture: Path) -> None:
    assert run("report", capture, "-o", "a/b", "--top", "1").exit_code == 0
    assert names("a/b") == expected(2)
    summary = json.loads(Path("a/b/summary.json").read_text())
    assert [stream["stream"] for stream in summary["streams"]] == [0, 1, 2]
    assert Path("a/b/index.md").read_text().count("| 10.0.0.1:4000") == 3


def test_the_verdict_comes_first_and_each_stall_has_its_close_up(run: Run, troubled: Path) -> None:
    assert run("report", troubled).exit_code == 0
    page = Path("t-report/index.md").read_text()
    assert page.index("**Stream 2, zero-window") < page.index("**Stream 1, zero-window")
    assert page.index("**Stream 1, zero-window") < page.index("- 2 healthy")
    assert re.findall(r"^## Stream (\d)", page, re.M) == ["2", "1", "0", "3"]
    closeups = [name for name in names("t-report") if "stall" in name]
    assert closeups == [f"stream-000{n}_server-to-client_stall-01.png" for n in (1, 2)]
    summary = json.loads(Path("t-report/summary.json").read_text())
    verdicts = [stream["verdict"]["cause"] for stream in summary["streams"]]
    assert verdicts == ["healthy", "zero-window", "zero-window", "healthy"]
    assert set(closeups) <= {chart["file"] for chart in summary["charts"]}
    assert run("report", troubled, "--stream", "0", "--force").exit_code == 0
    assert names("t-report") == expected(0)


def test_the_worst_are_drawn_though_they_are_small(
    run: Run, troubled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = tw.read(troubled)
    monkeypatch.setattr("tcpwin.cli.report.TOP", 1)
    largest = int(capture.streams.sort_values("bytes")["stream"].iloc[-1])
    assert pick(capture, None) == [*dict.fromkeys([2, 1, largest])]
    assert pick(capture, 1) == [largest]
    assert pick(capture, 0) == []


def test_streams_by_number(run: Run, capture: Path) -> None:
    arguments = ("--stream", "2", "--stream", "0", "--stream", "2", "--top", "1")
    assert run("report", capture, "-o", "out", *arguments).exit_code == 0
    assert names("out") == expected(0, 2)


def test_a_filter_picks_streams(run: Run, capture: Path) -> None:
    assert run("report", capture, "-o", "out", "--filter", "tcp.port == 40000").exit_code == 0
    assert names("out") == expected(0)


def test_an_empty_output_folder_needs_no_force(run: Run, capture: Path) -> None:
    Path("out").mkdir()
    assert run("report", capture, "-o", "out", "--stream", "0").exit_code == 0
    assert names("out") == expected(0)


def test_force_replaces_what_is_ours_only(run: Run, capture: Path) -> None:
    assert run("report", capture, "-o", "out", "--stream", "0").exit_code == 0
    own = Path("out/stream-0009_overview.png")
    for path in (own, Path("out/notes.txt")):
        path.write_text("mine")
    Path("out/index.md").write_text("old")
    assert run("report", capture, "-o", "out", "--stream", "2", "--force").exit_code == 0
    assert names("out") == sorted([*expected(2), "notes.txt", own.name])
    assert own.read_text() == "mine"
    assert Path("out/index.md").read_text() != "old"


def test_an_error_while_drawing_leaves_the_old_report(
    run: Run, capture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("report", capture, "-o", "out", "--stream", "0").exit_code == 0
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tcpwin.report.charts.draw", full_disk)
    result = run("report", capture, "-o", "out", "--force")
    assert result.exit_code == 1
    assert result.stderr.startswith("tcpwin: cannot write out: No space left on device")
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_ctrl_c_while_drawing_leaves_nothing(
    run: Run, capture: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tcpwin.report.charts.draw", interrupt)
    assert run("report", capture).exit_code == 130
    assert os.listdir(here) == ["x.pcapng"]  # noqa: PTH208


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("x.pcapng", "x-report"),
        ("far/away/x.pcap.gz", "x-report"),
        ("x.tar.pcap.zst", "x.tar-report"),
        ("-r", "-r-report"),
        ("../..", "..-report"),
        (".pcap", ".pcap-report"),
    ],
)
def test_the_default_folder_is_in_the_current_one(path: str, folder: str) -> None:
    assert default_folder(Path(path)) == Path(folder)
