from tcpwin.analysis.grouped import NEVER, UNKNOWN
from tcpwin.analysis.progress import announced, progress
from tcpwin.analysis.segments import prepare
from tests.analysis.build import FIN, RST, P, down, handshake, packets, up


def test_handshake_data_and_fin() -> None:
    rows = [
        *handshake(),
        down(1, len=100),
        up(1, ack=101),
        down(101, len=50, flags=16 | FIN),
        up(1, ack=152),
    ]
    steps = progress(prepare(packets(rows)), 1)
    assert steps.nxt.tolist()[1:] == [1, 1, 101, 101, 152, 152]
    assert steps.una.tolist()[1:] == [0, 1, 1, 101, 101, 152]
    assert steps.newly.tolist() == [0, 0, 1, 0, 100, 0, 51]
    assert steps.sends.tolist() == [False, True, False, True, False, True, False]
    assert steps.nxt[0] == UNKNOWN


def test_first_ack_of_a_capture_acknowledges_nothing_new() -> None:
    steps = progress(prepare(packets([up(1, ack=5000), up(1, ack=6000)])), 1)
    assert steps.newly.tolist() == [0, 1000]


def test_old_acks_do_not_take_back() -> None:
    steps = progress(prepare(packets([up(1, ack=9), up(1, ack=5), up(1, ack=9)])), 1)
    assert steps.una.tolist() == [9, 9, 9]
    assert steps.newly.tolist() == [0, 0, 0]


def test_windows_come_in_order() -> None:
    rows = [
        up(100, ack=1, window=10),
        up(90, ack=1, window=20),  # older
        up(100, ack=1, window=30),  # an update
        up(90, ack=2, window=40),  # older, but it acknowledges: as Linux
        P(True, 100, 2, flags=RST | 16, window=0),
        up(100, ack=2, window=50),
    ]
    segments = prepare(packets(rows))
    steps = progress(segments, 1)
    assert announced(segments, steps).tolist() == [10, 10, 30, 40, 40, 50]
    assert steps.window_row.tolist() == [0, 0, 2, 3, 3, 5]


def test_no_ack_no_window() -> None:
    segments = prepare(packets([down(1, len=5), down(6, len=5)]))
    steps = progress(segments, 1)
    assert steps.window_row.tolist() == [NEVER, NEVER]
    assert (announced(segments, steps) == UNKNOWN).all()
    assert steps.sent_before.tolist() == [UNKNOWN, 6]
