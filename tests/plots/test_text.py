import pandas as pd
import pytest

from tcpwin.plots.text import printable, subtitle_of, title_of


def test_title(window: pd.DataFrame) -> None:
    assert title_of(window.attrs) == "stream 3 · 10.0.0.1:5000 → 10.0.0.2:80 · server->client"


def test_title_of_a_frame_of_ones_own() -> None:
    assert title_of({}) == ""
    assert subtitle_of({}) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [("syn", None), ("inferred", "inferred"), ("lower_bound", "lower bound"), ("unknown", "unsc")],
)
def test_subtitle_says_start_and_where_the_scale_comes_from(source: str, said: str | None) -> None:
    start = pd.Timestamp("2024-02-29 13:00", tz="Europe/Berlin")
    text = subtitle_of({"start": start, "scale_source": source})
    assert text.startswith("starts 2024-02-29 12:00:00.000000 UTC")
    assert (said in text) if said else ("scale" not in text)


def test_signs_without_a_glyph_are_replaced() -> None:
    assert printable("a → b\n中") == "a → b\n?"
