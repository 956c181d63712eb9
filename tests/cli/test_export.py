import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import Result

import tcpwin as tw
from tcpwin.cli.export import write_csv, write_jsonl, write_parquet

Run = Callable[..., Result]


@pytest.mark.parametrize("table", ["packets", "state"])
def test_parquet_keeps_the_table(run: Run, capture: Path, table: str) -> None:
    result = run("export", capture, "out.parquet", "--table", table)
    expected = getattr(tw.read(capture), table)
    assert result.stdout == f"Wrote out.parquet ({len(expected)} rows)\n"
    got = pd.read_parquet("out.parquet")
    assert list(got.columns) == list(expected.columns)
    lists = [name for name in ("sack_le", "sack_re") if name in expected]
    pd.testing.assert_frame_equal(
        got.drop(columns=lists), expected.drop(columns=lists), check_categorical=False
    )
    assert got[lists].notna().sum().tolist() == expected[lists].notna().sum().tolist()


def test_csv_has_a_row_for_each_packet(run: Run, capture: Path) -> None:
    assert run("export", capture, "out.csv").exit_code == 0
    got = pd.read_csv("out.csv")
    expected = tw.read(capture).packets
    assert list(got.columns) == list(expected.columns)
    assert got["seq"].tolist() == expected["seq"].tolist()
    assert got["time_ns"].tolist() == expected["time_ns"].tolist()


def test_lists_in_a_csv_are_joined_by_commas(tmp_path: Path) -> None:
    frame = pd.DataFrame({"frame": [1, 2, 3], "edges": [[1, 2], [], None]})
    write_csv(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == '"frame","edges"\n1,"1,2"\n2,""\n3,\n'
    write_parquet(frame, tmp_path / "out.parquet")
    assert list(pd.read_parquet(tmp_path / "out.parquet")["edges"].iloc[0]) == [1, 2]


@pytest.mark.parametrize("table", ["packets", "state"])
def test_json_lines_are_the_table(run: Run, capture: Path, table: str) -> None:
    for name in ("out.jsonl", "out.jsonl.gz"):
        assert run("export", capture, name, "--table", table).exit_code == 0
    packed = gzip.decompress(Path("out.jsonl.gz").read_bytes())
    assert packed == Path("out.jsonl").read_bytes()
    rows = [json.loads(line) for line in packed.splitlines()]
    expected = getattr(tw.read(capture), table)
    assert [list(row) for row in rows] == [list(expected.columns)] * len(expected)
    for name in expected.columns.drop(["sack_le", "sack_re", "time"], errors="ignore"):
        values = expected[name].astype(object)
        assert [row[name] for row in rows] == values.where(values.notna(), None).tolist()


def test_json_lines_know_lists_nanoseconds_and_what_is_unknown(tmp_path: Path) -> None:
    times = pd.to_datetime(pd.Series([1_700_000_000_123_456_789, 0]), utc=True)
    lists = pd.arrays.ArrowExtensionArray(pa.array([[1, 4294967295], None]))
    big = pd.array([2**53 + 1, None], dtype="Int64")
    frame = pd.DataFrame({"frame": [1, 2], "time": times, "sack_le": lists, "seq": big})
    write_jsonl(frame, tmp_path / "out.jsonl")
    one, two = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert one == {"frame": 1, "time": "2023-11-14 22:13:20.123456789Z",
                   "sack_le": [1, 4294967295], "seq": 2**53 + 1}  # fmt: skip
    assert two == {"frame": 2, "time": "1970-01-01 00:00:00.000000000Z",
                   "sack_le": None, "seq": None}  # fmt: skip


def test_state_says_who_limits_and_what_a_packet_is(run: Run, troubled: Path) -> None:
    assert run("export", troubled, "s.jsonl", "--table", "state").exit_code == 0
    rows = [json.loads(line) for line in Path("s.jsonl").read_text().splitlines()]
    assert {"zero-window", "idle"} <= {row["limiter"] for row in rows}
    assert {"new", "probe", "other"} <= {row["kind"] for row in rows}
    assert {row["scale_source"] for row in rows} == {"syn"}


def test_force_replaces_the_file(run: Run, capture: Path) -> None:
    Path("out.csv").write_text("old")
    assert run("export", capture, "out.csv", "--force").exit_code == 0
    assert Path("out.csv").read_text() != "old"


def test_another_suffix_is_a_usage_error(run: Run, capture: Path, here: Path) -> None:
    result = run("export", capture, "out.xlsx")
    assert result.exit_code == 2
    assert ".parquet, .csv, .csv.gz, .jsonl or .jsonl.gz" in result.stderr
    assert [path.name for path in here.iterdir()] == ["x.pcapng"]


def test_the_capture_itself_is_never_overwritten(
    run: Run, capture: Path, here: Path, capture_bytes: bytes
) -> None:
    capture.rename("x.csv")
    result = run("export", "x.csv", "../here/x.csv", "--force")
    assert result.exit_code == 1
    assert "the capture itself" in result.stderr
    assert Path("x.csv").read_bytes() == capture_bytes
