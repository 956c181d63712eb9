import pandas as pd
import pytest

from tests.analysis.ends.test_verdicts import dying
from tests.analysis.ends.views import ends, talk

SENT = talk(4)


def test_packets_have_frames_of_both_captures_and_the_time_between() -> None:
    worked = ends(SENT, {9}, offset_ms=5000)
    ups, downs = worked.packets
    assert len(ups) == 7
    assert ups["frame_sent"].notna().all()
    gone = ups[ups["fate"] == "lost"]
    assert gone["frame_received"].isna().all()
    assert gone["delay_s"].isna().all()
    assert len(gone) == 1
    came = pd.concat([ups[ups["fate"] == "both"], downs])
    assert came["delay_s"].to_numpy() == pytest.approx(0.010, abs=1e-6)
    assert downs["len"].tolist() == [0, 1000, 1000, 1000, 1000]
    assert ups["sent_s"].iloc[0] == 0
    assert set(downs["flow"]) == {"server->client"}


def test_delays_are_those_of_packets_that_came() -> None:
    worked = ends(SENT, {9})
    assert [len(table) for table in worked.delays] == [6, 5]
    assert worked.delays[0]["time_s"].is_monotonic_increasing


def test_flow_numbers_add_up() -> None:
    worked = ends(SENT, {9})
    numbers = worked.flows[0]
    assert (numbers["sent"], numbers["came"]) == (7, 6)
    assert sum(numbers["fates"].values()) == 7
    assert (
        numbers["lost_frames"] == worked.packets[0].query("fate == 'lost'")["frame_sent"].tolist()
    )
    assert numbers["lost_share"] == pytest.approx(1 / 7, abs=1e-6)
    assert numbers["delay_ms"]["median"] == pytest.approx(10, abs=1e-3)
    nothing = ends([row for row in SENT if row.up]).flows[1]
    assert nothing["delay_ms"] == dict.fromkeys(("min", "median", "p95", "max"))


def test_stalls_name_frames_of_the_capture_that_tells_them() -> None:
    worked = ends(dying(5), set(range(12, 17)))
    stall = worked.stalls.iloc[0]
    assert stall["capture"] == "server"
    frames = worked.both.server.segments.frame
    assert {stall["first_frame"], stall["last_frame"]} <= set(frames.tolist())
    parts = ["sender_s", "way_there_s", "receiver_s", "way_back_s"]
    assert stall[parts].sum() == pytest.approx(stall["end_s"] - stall["start_s"])
    assert stall["place"] == "way-there"
    assert ends(SENT).stalls.empty
