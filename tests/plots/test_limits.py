import pandas as pd
from matplotlib.colors import to_hex

from tcpwin.plots import plot_limits
from tcpwin.plots.style import LIMITERS
from tests.plots.look import artist, labels, notes, render


def test_bands_in_the_colours_of_the_limiters(limits: pd.DataFrame) -> None:
    ax = plot_limits(limits)
    assert set(labels(ax)) == set(limits["limiter"])
    for start, end, limiter in limits[["start_s", "end_s", "limiter"]].itertuples(index=False):
        bar = artist(ax, limiter)
        (box,) = [path.get_extents() for path in bar.get_paths()]
        assert (box.x0, round(box.x1, 9)) == (start, end)
        assert to_hex(bar.get_facecolor()[0]) == LIMITERS[limiter].color
        assert (bar.get_hatch() or "") == LIMITERS[limiter].hatch
    render(ax.figure)


def test_one_band_per_flow(limits: pd.DataFrame) -> None:
    other = limits.assign(flow="client->server")
    both = pd.concat([limits.assign(flow="server->client"), other], ignore_index=True)
    ax = plot_limits(both)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["server->client", "client->server"]


def test_a_moment_of_zero_window_is_seen_in_a_day() -> None:
    frame = pd.DataFrame(
        {
            "start_s": [0.0, 40_000.0, 40_000.001],
            "end_s": [40_000.0, 40_000.001, 86_400.0],
            "limiter": ["network", "zero-window", "network"],
        }
    )
    ax = plot_limits(frame)
    zero, network = artist(ax, "zero-window"), artist(ax, "network")
    (box,) = [path.get_extents() for path in zero.get_paths()]
    assert box.width > 1
    assert len(network.get_paths()) == 1
    assert zero.get_zorder() > network.get_zorder()


def test_shares_unknown_names_and_nothing(limits: pd.DataFrame) -> None:
    limits.attrs["shares"] = {"zero-window": 0.3}
    limits.loc[2, "limiter"] = "something new"
    assert {"zero-window 30%", "something new"} <= set(labels(plot_limits(limits)))
    assert "no data in this flow" in notes(plot_limits(limits.iloc[:0]))


def test_the_longest_spell_with_room_is_named(limits: pd.DataFrame) -> None:
    texts = [text.get_text() for text in plot_limits(limits).texts]
    assert {"network", "zero-window", "idle"} <= set(texts)
    assert "sender" not in texts  # 0.1 of 2 s is too narrow for the word


def test_whose_shares_they_are_is_said(limits: pd.DataFrame) -> None:
    both = pd.concat([limits.assign(flow=name) for name in ("client->server", "server->client")])
    both.attrs = {**limits.attrs, "shares": {"network": 0.4}}
    assert "% of the time of server->client" in notes(plot_limits(both))
    limits.attrs["shares"] = {"network": 0.4}
    assert "% of the time of server->client" not in notes(plot_limits(limits))


def test_at_one_instant_there_is_no_strip(limits: pd.DataFrame) -> None:
    ax = plot_limits(limits.assign(start_s=0.0, end_s=0.0))
    assert labels(ax) == []
    assert "all at one instant" in notes(ax)
