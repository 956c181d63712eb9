import math

import pytest

from tcpwin.report.spark import BLOCKS, DIGITS, alphabet, spark


def test_eighths_of_the_top_rounded_up() -> None:
    assert spark([1, 12.5, 13, 50, 100], 100) == "▁▁▂▄█"
    assert spark([1, 12.5, 13, 50, 100], 100, DIGITS) == "11248"


def test_nothing_is_no_low_block() -> None:
    assert spark([0, math.nan, 8], 8, zero="0") == "0 █"
    assert spark([0, math.nan, 8], 8) == "  █"
    assert spark([0, 0], 0, zero="0") == "00"
    assert spark([], 1) == ""


@pytest.mark.parametrize(
    ("encoding", "levels"),
    [("utf-8", BLOCKS), ("ascii", DIGITS), ("latin-1", DIGITS), ("?", DIGITS)],
)
def test_digits_where_there_are_no_blocks(encoding: str, levels: str) -> None:
    assert alphabet(encoding) == levels
