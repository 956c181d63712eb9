import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcpwin.cache import frames

NOTES = {"capture": "/somewhere/x.pcap", "start_ns": 1 << 62, "warnings": ["one", "zwei ✓"]}
MAYBE = st.none()
LISTS = pd.ArrowDtype(pa.list_(pa.uint32()))
COLUMNS = {
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(),
    "bool": st.booleans(),
    "UInt8": MAYBE | st.integers(0, 255),
    "Int64": MAYBE | st.integers(-(2**63), 2**63 - 1),
    "UInt32": MAYBE | st.integers(0, 2**32 - 1),
    "object": MAYBE | st.text(st.characters(codec="utf-8")),
    "category": MAYBE | st.sampled_from(["10.0.0.1", "fd00::1", ""]),
    "list": MAYBE | st.lists(st.integers(0, 2**32 - 1), max_size=4),
    "time_ns": st.integers(-(2**63) + 1, 2**63 - 1),
}
DTYPES = set(COLUMNS) - {"category", "time_ns"}
WORDS = ["fd00::1", "10.0.0.1", "never seen", ""]  # in no order: theirs is to be kept


def made(dtype: str, values: list[object]) -> object:
    if dtype == "category":
        return pd.Categorical(values, categories=WORDS)
    if dtype == "list":
        return pd.array(values, dtype=LISTS)
    return pd.array(values, dtype=dtype) if dtype[0] in "UI" else pd.Series(values, dtype=dtype)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 20))
    data = {}
    for dtype, value in COLUMNS.items():
        values = draw(st.lists(value, min_size=rows, max_size=rows))
        data[dtype] = made("int64" if dtype == "time_ns" else dtype, values)
    data["time"] = pd.DatetimeIndex(data["time_ns"].to_numpy().view("M8[ns]"), tz="UTC")
    return pd.DataFrame(data)


def assert_same(got: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The same to the dtype, and to what `frame_equal` does not look at."""
    pd.testing.assert_frame_equal(got, expected, check_exact=True)
    assert [str(dtype) for dtype in got.dtypes] == [str(dtype) for dtype in expected.dtypes]
    for name in expected.select_dtypes("category"):
        ours, theirs = got[name].cat.categories, expected[name].cat.categories
        assert list(ours) == list(theirs)
        assert ours.dtype == theirs.dtype
    for name in expected.select_dtypes("object"):
        assert [type(value) for value in got[name]] == [type(value) for value in expected[name]]


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A small frame and the file it was written to."""
    frame = pd.DataFrame(
        {
            "frame": np.arange(300, dtype=np.uint32),
            "len": pd.array([None, *range(299)], dtype="UInt32"),
            "src": pd.Categorical(["10.0.0.1", "10.0.0.2"] * 150),
            "syn": np.arange(300) < 2,
        }
    )
    path = tmp_path / "x.parquet"
    save(path, frame)
    return path, frame


def save(path: Path, frame: pd.DataFrame) -> None:
    with path.open("wb") as file:
        frames.write(frame, NOTES, file)


@given(tables())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "x.parquet"
    save(path, frame)
    got, notes = frames.read(path, {"start_ns": 1 << 62})
    assert_same(got, frame)
    assert notes == NOTES
    assert NOTES.items() <= frames.read_notes(path).items()


def test_no_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame({dtype: made(dtype, []) for dtype in COLUMNS if dtype in DTYPES})
    save(tmp_path / "x.parquet", frame)
    assert_same(frames.read(tmp_path / "x.parquet", {})[0], frame)


def test_both_ends_have_the_same_categories(tmp_path: Path) -> None:
    """So that src and dst can be compared, as in the table that was read."""
    ends = {name: pd.Categorical.from_codes([0, 1], categories=WORDS) for name in ("src", "dst")}
    save(tmp_path / "x.parquet", pd.DataFrame(ends))
    got, _ = frames.read(tmp_path / "x.parquet", {})
    assert (got["src"] == got["dst"]).all()
    assert got["src"].cat.categories is got["dst"].cat.categories


def test_many_words_stay_in_the_dictionary(tmp_path: Path) -> None:
    words = [f"fd00::{n:x}" for n in range(200_000)]
    frame = pd.DataFrame({"src": pd.Categorical(words[::-1], categories=words)})
    save(tmp_path / "x.parquet", frame)
    assert_same(frames.read(tmp_path / "x.parquet", {})[0], frame)


def test_what_a_frame_may_not_hold_is_not_written_by_chance(tmp_path: Path) -> None:
    with pytest.raises((pa.ArrowException, TypeError, NotImplementedError)):
        save(tmp_path / "x.parquet", pd.DataFrame({"x": [1 + 2j]}))


def test_another_ones_file_is_not_read(stored: tuple[Path, pd.DataFrame]) -> None:
    with pytest.raises(frames.Damaged, match="something else"):
        frames.read(stored[0], {"capture": "/somewhere/y.pcap"})


@given(st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_is_taken_for_data(
    stored: tuple[Path, pd.DataFrame], tmp_path: Path, data: st.DataObject
) -> None:
    path, frame = stored
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.binary(max_size=8))
    rest = whole[at + len(change) :] if change else b""  # nothing put there: cut short
    (tmp_path / "damaged").write_bytes(whole[:at] + change + rest)
    try:
        got, notes = frames.read(tmp_path / "damaged", NOTES)
    except frames.Damaged:
        return
    assert notes == NOTES  # bytes that nothing depends on
    assert_same(got, frame)


def test_a_bit_of_the_values_is_enough(stored: tuple[Path, pd.DataFrame]) -> None:
    path, _ = stored
    data = bytearray(path.read_bytes())
    data[len(data) // 8] ^= 1
    path.write_bytes(data)
    with pytest.raises(frames.Damaged):
        frames.read(path, {})


@pytest.mark.parametrize("data", [b"", b"PAR1PAR1", b"hello " * 99, pickle.dumps([1])])
def test_what_is_no_parquet(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(data)
    for read in (frames.read_notes, lambda path: frames.read(path, {})):
        with pytest.raises(frames.Damaged):
            read(tmp_path / "x.parquet")


def test_a_parquet_file_of_somebody_else(tmp_path: Path) -> None:
    pd.DataFrame({"frame": [1]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(frames.Damaged):
        frames.read(tmp_path / "x.parquet", {})


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(frames.Damaged):
        frames.read(tmp_path / "x.parquet", {})
