"""A connection that is translated, renumbered, clamped and seen by another clock on the way."""

from pathlib import Path

import pytest

import tcpwin as tw
from tcpwin.analysis.ends import rewritten
from tests.compared import PAIRS, capture, compared
from tests.middlebox import Box

INSIDE = ("192.0.2.10", 40001)
NAT = Box(INSIDE, ("198.51.100.7", 61000))
CLOCK = Box(INSIDE, offset_ns=-7_321_000_000, drift=80e-6)
RENUMBERED = Box(INSIDE, ("198.51.100.7", 61000), (123_456_789, 4_000_000_000), ids=True, mss=1400)
HARD = Box(INSIDE, ("198.51.100.7", 61000), (77, 2**31), 2_500_000_000, -40e-6, mss=1400)


def behind(box: Box, name: str, folder: Path) -> tw.Comparison:
    """The fixture `name`, its server's capture taken behind the box."""
    pair = PAIRS[name]
    assert pair.truth["client"] == "192.0.2.10:40001"
    server = tw.read(box.file(pair.server, folder / "server.pcapng"), progress=False)
    return tw.compare(server, capture(pair.client))


@pytest.mark.parametrize("box", [NAT, CLOCK, RENUMBERED, HARD], ids=["nat", "clock", "isn", "all"])
@pytest.mark.parametrize("name", ["random-loss", "stop99-acks-die"])
def test_a_box_on_the_way_changes_no_fate_and_no_verdict(
    name: str, box: Box, tmp_path: Path
) -> None:
    plain, told = compared(name), behind(box, name, tmp_path)
    columns = ["frame_sent", "frame_received", "flow", "fate", "why"]
    by = ["flow", "frame_sent", "frame_received"]
    one, other = (t.packets[columns].sort_values(by, ignore_index=True) for t in (plain, told))
    assert one.equals(other)
    assert told.verdict.cause == plain.verdict.cause
    assert told.verdict.confidence == "proven"
    rewrites = rewritten(told.ends.both)
    assert rewrites["addresses"] == (box.outside is not None)
    assert rewrites["sequence_numbers"] == (box.shift != (0, 0))
    assert rewrites["ip_ids"] == box.ids
    assert not rewrites["time_stamps"]


@pytest.mark.parametrize("box", [CLOCK, HARD], ids=["slow", "fast"])
def test_the_clock_is_found(box: Box, tmp_path: Path) -> None:
    """What was added is found again, in the middle of what both captures show."""
    plain, told = compared("random-loss"), behind(box, "random-loss", tmp_path)
    clock = told.ends.both.clock
    begin = int(told.client.packets["time_ns"].min())
    added_ms = (box.offset_ns + box.drift * (clock.at_ns - begin)) / 1e6
    shown, before = told.clock["offset_ms"], plain.clock["offset_ms"]
    assert abs(shown - before - added_ms) < 1.0
    assert abs(shown - added_ms) <= told.clock["uncertainty_ms"]
    off_ppm = abs(told.clock["drift_ppm"] - box.drift * 1e6)
    assert off_ppm <= told.clock["drift_uncertainty_ppm"]
    for number in (0, 1):
        delays = [t.ends.flows[number]["delay_ms"]["median"] for t in (plain, told)]
        assert abs(delays[0] - delays[1]) < 1.0


def test_a_drift_beyond_what_oscillators_do_is_believed_where_packets_prove_it(
    tmp_path: Path,
) -> None:
    """With 500 ppm or less, packets of the twenty seconds would come before they were sent."""
    box = Box(INSIDE, offset_ns=40_000_000, drift=3e-3)
    told = behind(box, "stop99-app-keepalive", tmp_path)
    clock = told.clock
    assert clock["drift_ppm"] == pytest.approx(3000, abs=clock["drift_uncertainty_ppm"])
    assert clock["drift_ppm"] - clock["drift_uncertainty_ppm"] > 500
    assert "runs +" in clock["claim"]


def test_a_clamped_mss_is_told(tmp_path: Path) -> None:
    told = behind(RENUMBERED, "random-loss", tmp_path)
    changed = told.packets[told.packets["changed"] != ""]
    assert (changed["flags"] & 2 > 0).all()
    assert changed["changed"].tolist() == ["MSS 1460 -> 1400", "MSS 1400 -> 1460"]
    text = " ".join(told.text().split())
    assert "the path rewrites addresses or ports, sequence numbers, IP identifications" in text
    assert "the path changes 2 packets" in text
