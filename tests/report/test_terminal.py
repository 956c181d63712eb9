import io

import pytest
from rich.console import Console

from tcpwin.model import Capture
from tcpwin.report.terminal import stream_lines, stream_table


def screen(width: int = 80, encoding: str = "utf-8") -> tuple[Console, io.TextIOWrapper]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    return Console(file=file, force_terminal=True, width=width, color_system=None), file


def shown(
    capture: Capture, width: int = 80, encoding: str = "utf-8", **columns: object
) -> list[str]:
    console, file = screen(width, encoding)
    streams = capture.streams.assign(**columns)
    console.print(*stream_table(capture, streams, console), sep="\n")
    raw = file.buffer
    assert isinstance(raw, io.BytesIO)
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()]


def test_two_lines_each_with_window_above_flight(slow: Capture) -> None:
    head, under, upper, lower, *legend = shown(slow)
    assert head.split()[:3] == ["#", "client", "window"]
    assert under.split()[:2] == ["server", "flight"]
    assert upper.split()[:2] == ["0", "192.0.2.10:40001"]
    assert lower.split()[0] == "192.0.2.80:80"
    at = head.index("window")
    assert set(upper[at : at + 10]) >= {"0"}
    assert set(upper[at : at + 10]) <= set("▁▂▃▄▅▆▇█0 ")
    assert "█" not in lower[at : at + 10]
    assert upper.endswith("zero-window")
    assert lower.endswith("receiver")
    assert "lowest" in " ".join(legend)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_fits_whatever_the_names(half: Capture, width: int) -> None:
    long = {"client": "192.168.100.100", "server": "192.168.100.200", "bytes": 123_456_789}
    six = {"client": "fe80::1234:5678:9abc:def0", "server": "2001:db8:1111:2222:3333:4444:5:6"}
    for columns in (long, six, {"verdict": "window-update-lost", "blame": "undecidable", **long}):
        assert max(map(len, shown(half, width, **columns))) <= width
    assert "192.168.100.100:40200" in " ".join(shown(half, width, **long))
    assert "[fe80::1234:5678:9abc:def0]:40200" in " ".join(shown(half, width, **six))


def test_an_address_that_fits_nowhere_folds(half: Capture) -> None:
    lines = shown(half, 60, client="2001:db8:1111:2222:3333:4444:5555:6666")
    assert max(map(len, lines)) <= 60
    assert "[2001:db8:" in " ".join(lines)


def test_wider_shows_more(half: Capture) -> None:
    assert "packets" not in shown(half, 70)[0]
    assert "packets" in shown(half, 140)[0]
    assert len(shown(half, 140)[0]) > len(shown(half, 80)[0])


def test_digits_on_ascii(half: Capture) -> None:
    head, _, upper, *rest = shown(half, encoding="ascii")
    at = head.index("window")
    assert upper[at : at + 10] == "2888888888"
    assert "1 to 8" in " ".join(rest)


def test_one_stream_under_its_name(slow: Capture) -> None:
    console, _ = screen()
    window, flight, about = stream_lines(slow, 0, console)
    assert window.startswith("  window  ")
    assert window.endswith("  up to 30.4 kB")
    assert flight.startswith("  flight  ")
    assert "server->client" in about
    assert max(map(len, (window, flight, about))) <= 80


def test_capture_text_is_no_markup(half: Capture) -> None:
    assert "[bold]x" in " ".join(shown(half, 120, verdict="[bold]x"))
