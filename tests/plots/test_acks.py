import numpy as np
import pandas as pd
from matplotlib.text import Annotation

from tcpwin.plots import plot_acks
from tests.plots.look import artist, bars_of, labels, notes, render


def test_each_ack_shows_what_it_brought(acks: pd.DataFrame) -> None:
    ax = plot_acks(acks)
    assert bars_of(ax, "newly acknowledged") == [
        [[0.3, 0], [0.3, 1460]],
        [[0.6, 0], [0.6, 4380]],
        [[1.5, 0], [1.5, 2920]],
    ]
    assert set(labels(ax)) == {
        "SACKed (above a hole)", "newly acknowledged", "ACK", "duplicate ACK", "RTT",
    }  # fmt: skip
    render(ax.figure)


def test_the_rug_has_every_ack_and_counts_duplicates(acks: pd.DataFrame) -> None:
    ax = plot_acks(acks)
    rug = [bar[0][0] for bar in bars_of(ax, "ACK")]
    assert rug == acks["time_s"].tolist()
    assert [bar[0][0] for bar in bars_of(ax, "duplicate ACK")] == [0.4, 0.41, 0.42]
    (count,) = [text for text in ax.texts if text.get_text() == "3"]
    assert count.get_fontweight() == "bold"
    assert "1" not in notes(ax)


def test_rtt_has_a_lane_of_its_own_in_ms(acks: pd.DataFrame) -> None:
    ax = plot_acks(acks)
    (twin,) = [other for other in ax.figure.axes if other is not ax]
    points = twin.collections[0].get_offsets()
    np.testing.assert_allclose(points, [[0.3, 20], [0.6, 50], [1.5, 30]])
    lane = twin.transData.transform([(0, 0), (0, 50)])[:, 1]
    bytes_top = ax.transData.transform((0, 4380))[1]
    assert bytes_top < lane[0]


def test_every_rtt_is_there_when_zoomed() -> None:
    count = 1_000
    time_s = np.r_[np.linspace(0, 0.01, count - 1), 60]
    acks = pd.DataFrame({"time_s": time_s, "newly_acked": 2600, "rtt_s": 30e-6})
    twin = plot_acks(acks).figure.axes[-1]
    assert len(twin.collections[0].get_offsets()) == count


def test_kwargs_reach_the_stems(acks: pd.DataFrame) -> None:
    ax = plot_acks(acks, lw=6)
    assert artist(ax, "newly acknowledged").get_linewidth() == [6]


def test_without_rtt_duplicates_or_acks(acks: pd.DataFrame) -> None:
    ax = plot_acks(acks[["time_s", "newly_acked"]])
    assert set(labels(ax)) == {"newly acknowledged", "ACK"}
    assert len(ax.figure.axes) == 1
    render(ax.figure)
    assert "no ACKs in this flow" in notes(plot_acks(acks.iloc[:0]))


def test_the_axis_has_a_name_and_a_unit() -> None:
    acks = pd.DataFrame({"frame": [1], "time_s": [0.1], "newly_acked": [1448]})
    assert plot_acks(acks).get_ylabel() == "newly acknowledged [bytes]"


def test_at_the_receiver_it_is_no_rtt(acks: pd.DataFrame) -> None:
    acks.attrs["near"] = "receiver"
    ax = plot_acks(acks)
    assert "ACK delay" in labels(ax)
    assert "ACK delay [ms]" in [twin.get_ylabel() for twin in ax.figure.axes]


def test_counts_of_duplicates_do_not_overlap_and_the_highest_stays() -> None:
    count = np.tile([1, 2, 0], 300)
    count[400] = 9
    acks = pd.DataFrame(
        {"frame": 1, "time_s": np.linspace(0, 1, 900), "newly_acked": 0, "dup_count": count}
    )
    numbered = {t.xy[0]: t.get_text() for t in plot_acks(acks).texts if isinstance(t, Annotation)}
    numbered = {x: text for x, text in numbered.items() if text.isdigit()}
    assert "9" in numbered.values()
    assert len(numbered) > 10
    assert np.diff(sorted(numbered)).min() * 10 * 72 >= 16
