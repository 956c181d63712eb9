import pandas as pd

from tests.analysis.ends.test_verdicts import dying
from tests.analysis.ends.views import ends, talk


def test_everything_is_worked_out_once() -> None:
    worked = ends(dying(3), {12, 13, 14})
    assert worked.fates is worked.fates
    assert worked.packets is worked.packets
    for number in (0, 1):
        assert len(worked.fates[number]) == len(worked.packets[number])
        assert worked.fates[number]["client_ns"].is_monotonic_increasing


def test_time_begins_with_the_first_packet_of_either_capture() -> None:
    worked = ends(talk(2), offset_ms=-90_000)
    table = pd.concat(worked.packets)
    assert table["sent_s"].min() == 0
    assert abs(table["received_s"].max() - worked.duration_s) < 1e-6
