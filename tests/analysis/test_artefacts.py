from dataclasses import replace

import pytest
from hypothesis import given

from tcpwin.analysis.artefacts import ARTEFACTS, CLAIMS, claim, riddled
from tcpwin.analysis.facts import Facts
from tests.analysis.build import ACK, FIN, P, handshake, packets, traffic, up
from tests.analysis.scenes import ack, burst, data, facts, opening

FINE = [*opening(), *burst(1, 41, 8)]


def named(known: Facts) -> dict[tuple[str, int], int]:
    table = known.artefacts
    return {
        (a, f): n for a, f, n in zip(table["artefact"], table["flow"], table["number"], strict=True)
    }


def of(rows: list[P]) -> dict[tuple[str, int], int]:
    return named(facts(rows))


def test_none() -> None:
    assert of(FINE) == {}


def test_no_syn() -> None:
    assert of(FINE[3:]) == {("no-syn", -1): 1}


def test_one_sided() -> None:
    assert of([row for row in FINE if row.up]) == {("one-sided", -1): 1}
    assert of([row for row in FINE if not row.up]) == {("one-sided", -1): 1}


def test_mirror_duplicates() -> None:
    rows = []
    for n, row in enumerate(FINE):
        rows += [replace(row, ip_id=n + 1, ms=(row.ms or 0) + late) for late in (0, 0.004)]
    assert of(rows) == {("mirror-duplicates", -1): len(FINE)}


def test_offload_in_one_direction() -> None:
    rows = [
        *opening(),
        data(1, 41, len=4000),
        ack(4001, 41.1),
        data(4001, 42, len=1001),
        ack(5002, 43),
    ]
    assert of(rows) == {("offload", 1): 2}


def test_time_backwards() -> None:
    rows = [replace(row, ms=50) if n == 6 else row for n, row in enumerate(FINE)]
    assert of(rows) == {("time-backwards", -1): 1}


def test_capture_drops() -> None:
    """Acknowledged, never seen, never sent again: in the middle and at the end."""
    rows = [row for row in FINE if not (row.len == 1000 and row.seq in (2001, 7001))]
    assert of(rows) == {("capture-drops", 1): 2000}


def test_what_is_sent_again_is_no_capture_drop() -> None:
    rows = [*opening(), data(1, 41), ack(1001, 41.1), data(2001, 42), ack(1001, 42.1)]
    assert of([*rows, data(1001, 62), ack(3001, 62.1)]) == {}


def test_cut_within_the_header_by_the_snap_length() -> None:
    frame = packets(FINE)
    whole = frame["frame_len"].to_numpy().copy()
    # The payload alone is missing: nothing is lost for us.
    assert named(Facts(frame.assign(cap_len=(whole - frame["len"]).astype("UInt32")))) == {}
    cut = frame["cap_len"].astype("Int64").copy()
    cut.iloc[:2] = 40
    known = Facts(frame.assign(cap_len=cut.astype(frame["cap_len"].dtype)))
    assert named(known) == {("truncated", -1): 2}
    assert known.artefacts["what"].tolist() == ["truncated"]


def test_a_file_that_is_cut_concerns_the_streams_that_had_not_ended() -> None:
    fins = [data(8001, 60, len=0, flags=ACK | FIN), ack(8002, 60.1, flags=ACK | FIN)]
    rows = [*FINE, *fins, *(replace(row, stream=1, ms=(row.ms or 0) + 100) for row in FINE)]
    known = Facts(packets(rows), cut_short=True)
    assert known.artefacts[["group", "artefact", "what"]].to_numpy().tolist() == [
        [1, "truncated", "cut-file"]
    ]


@pytest.mark.parametrize(("missing", "much"), [(1, False), (2, True)])
def test_riddled(missing: int, much: bool) -> None:
    """More than a tenth of what was acknowledged."""
    gone = {1001 + 2000 * n for n in range(missing)}
    rows = [*opening(), *burst(1, 41, 12)]
    known = facts([row for row in rows if not (row.seq in gone and row.len == 1000)])
    assert known.unseen[1].tolist() == [1000 * missing]
    assert riddled(known, 1).tolist() == [much]


def test_claims() -> None:
    assert set(ARTEFACTS) <= set(CLAIMS)
    assert claim("mirror-duplicates", 1200).startswith("1,200 packets")


def test_a_handshake_alone() -> None:
    assert of([*handshake(), up(1, len=10, ms=30), P(False, 1, 11, ms=50)]) == {}


@given(traffic())
def test_laws(rows: list[P]) -> None:
    known = Facts(packets(rows))
    table = known.artefacts
    assert set(table["artefact"]) <= set(ARTEFACTS)
    assert set(table["what"]) <= set(CLAIMS)
    assert (table["number"] > 0).all()
    assert table["group"].is_monotonic_increasing
    assert not table.duplicated(["group", "flow", "what"]).any()
