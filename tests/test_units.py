import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin import units


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (19_300, "19.3 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (20_736_000, "20.7 MB"),
        (-2920, "-2.92 kB"),
        (5e18, "5,000 PB"),
    ],
)
def test_bytes_as_they_fit(count: float, text: str) -> None:
    assert units.format_bytes(count) == text


def test_exact_bytes() -> None:
    assert units.format_byte_count(20_736) == "20,736 bytes"
    assert units.format_byte_count(1) == "1 byte"
    assert units.format_byte_count(0) == "0 bytes"


def test_rates_are_bits() -> None:
    assert units.format_rate(512) == "512 bit/s"
    assert units.format_rate(94_148_000) == "94.1 Mbit/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (5e-9, "5 ns"),
        (650e-6, "650 µs"),
        (0.01, "10 ms"),
        (0.010637, "10.6 ms"),
        (0.9999, "1 s"),
        (23.731506, "23.7 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.6, "1 h 0 min"),
        (12_000, "3 h 20 min"),
        (-0.25, "-250 ms"),
        (-125, "-2 min 5 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert units.format_duration(seconds) == text


def test_what_is_not_known_is_said() -> None:
    for write in (
        units.format_bytes,
        units.format_byte_count,
        units.format_rate,
        units.format_duration,
    ):
        assert write(None) == write(math.nan) == units.UNKNOWN


def test_endpoints_as_in_a_url() -> None:
    assert units.format_endpoint("10.0.0.1", 80) == "10.0.0.1:80"
    assert units.format_endpoint("::1", 80) == "[::1]:80"


@given(st.floats(min_value=0, max_value=1e17))
def test_a_size_is_true_to_three_digits(count: float) -> None:
    digits, unit = units.format_bytes(count).split(" ")
    step = ("B", "kB", "MB", "GB", "TB", "PB").index(unit)
    assert float(digits.replace(",", "")) * 1000**step == pytest.approx(count, rel=0.006, abs=0.5)
    assert "e" not in digits


@given(st.floats(min_value=1e-9, max_value=1e7))
def test_a_duration_never_shows_a_full_next_unit(seconds: float) -> None:
    text = units.format_duration(seconds)
    assert not re.search(r"\b(60 s|60 min|1000 )|e[+-]", text)


def test_a_hostile_name_becomes_one_harmless_line() -> None:
    assert units.printable("a\nb\x1b[2J.pcap") == r"a\nb\x1b[2J.pcap"
    assert units.printable("latin-\udce4.pcap") == r"latin-\udce4.pcap"
    assert units.printable("größe µ.pcap") == "größe µ.pcap"


@given(st.text())
def test_printable_is_one_line_that_can_be_encoded(text: str) -> None:
    shown = units.printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()
