import pandas as pd

from tcpwin import schema
from tcpwin.analysis.dissected import dissected_table
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.state import state_table
from tests.analysis.build import FIXTURES, P, down, handshake, packets, read, up

START = 1_700_000_000_000_000_000
ROWS = [
    *handshake(shift=0),
    down(1, len=1000, ms=20),
    up(1, ack=1001, window=0, ms=30),
    down(1000, len=0, ms=230),
    up(1, ack=1001, window=8000, ms=300),
    down(1001, len=1000, ms=301),
    down(1001, len=1000, ms=601),
]


def of_flow(table: pd.DataFrame, column: str) -> list[list[str]]:
    return [group[column].tolist() for _, group in table.groupby("flow", observed=True)]


def test_its_columns_are_declared() -> None:
    table = dissected_table(Facts(packets(ROWS)), START)
    assert list(table) == [column.name for column in schema.STATE]
    assert [str(kind) for kind in table.dtypes] == [column.dtype for column in schema.STATE]
    meaning = {column.name: column.meaning for column in schema.STATE}
    for name, words in (("limiter", LIMITERS), ("scale_source", SOURCES)):
        assert set(words) == set(table[name].cat.categories)
        assert all(word in meaning[name] for word in words)
    assert all(kind in meaning["kind"] for kind in table["kind"].cat.categories)


def test_kind_and_limiter_of_each_packet() -> None:
    table = dissected_table(Facts(packets(ROWS)), START)
    assert table["frame"].tolist() == [n for frame in range(1, 10) for n in (frame, frame)]
    up_kinds, down_kinds = of_flow(table, "kind")
    assert up_kinds == ["other"] * 9
    assert down_kinds == [
        *["other"] * 3, "new", "other", "probe", "other", "new", "retransmission",
    ]  # fmt: skip
    assert of_flow(table, "limiter")[1][4:6] == ["zero-window"] * 2
    assert of_flow(table, "limiter")[1][7] == "network"
    assert set(table["scale_source"]) == {"syn"}


def test_the_state_is_that_of_the_state_table() -> None:
    frame = packets(ROWS)
    state = state_table(frame, START)
    pd.testing.assert_frame_equal(dissected_table(Facts(frame), START)[list(state)], state)


def test_a_copy_changes_nothing() -> None:
    frame = read(FIXTURES / "derived-mirror-twice-dead-reader.server.pcapng")
    facts = Facts(frame)
    assert facts.twins.any()
    table = dissected_table(facts, int(frame["time_ns"].iloc[0]))
    copies = set(facts.all_segments.frame[facts.twins].tolist())
    is_copy = table["kind"] == "copy"
    assert set(table["frame"][is_copy]) == copies
    assert is_copy.sum() == 2 * len(copies)
    before = table.groupby(["stream", "flow"], observed=True)["limiter"].shift()
    assert (table["limiter"][is_copy].astype(str) == before[is_copy].astype(str)).all()


def test_many_streams_in_between() -> None:
    single = dissected_table(Facts(packets(ROWS)), START)
    rows: list[P] = []
    for n, row in enumerate(ROWS):
        rows += [P(**{**vars(row), "stream": stream, "ms": row.ms or n}) for stream in (0, 1)]
    both = dissected_table(Facts(packets(rows)), START)
    for _, part in both.groupby("stream"):
        for name in ("kind", "limiter", "nxt", "window"):
            assert part[name].astype(str).tolist() == single[name].astype(str).tolist()
