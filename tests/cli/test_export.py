from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

import tcpwin as tw
from tcpwin.cli.export import write_csv, write_parquet

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


def test_force_replaces_the_file(run: Run, capture: Path) -> None:
    Path("out.csv").write_text("old")
    assert run("export", capture, "out.csv", "--force").exit_code == 0
    assert Path("out.csv").read_text() != "old"


def test_another_suffix_is_a_usage_error(run: Run, capture: Path, here: Path) -> None:
    result = run("export", capture, "out.xlsx")
    assert result.exit_code == 2
    assert ".parquet or .csv" in result.stderr
    assert [path.name for path in here.iterdir()] == ["x.pcapng"]


def test_the_capture_itself_is_never_overwritten(
    run: Run, capture: Path, here: Path, capture_bytes: bytes
) -> None:
    capture.rename("x.csv")
    result = run("export", "x.csv", "../here/x.csv", "--force")
    assert result.exit_code == 1
    assert "the capture itself" in result.stderr
    assert Path("x.csv").read_bytes() == capture_bytes
