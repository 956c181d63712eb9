"""What is said of the fields is what the tsharks at hand say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tcpwin import schema
from tcpwin.tshark import find_tshark
from tcpwin.tshark.fields import NEWEST_KNOWN, known_fields, listed_fields, missing_fields
from tests.tshark import fake


def test_every_field_is_known(tshark: Path) -> None:
    listed = listed_fields(find_tshark(tshark))
    assert missing_fields(listed) == ()
    assert len(schema.fields()) > 40


def test_the_marks_are_called_so(tshark: Path) -> None:
    program = find_tshark(tshark)
    if program.version[:2] > NEWEST_KNOWN:
        pytest.skip("this tshark is always asked")
    known, listed = known_fields(program), listed_fields(program)
    assert known.keys() == listed.keys()
    assert {k: v for k, v in known.items() if v} == {
        k: v for k, v in listed.items() if k.startswith("tcp.analysis.") and known[k]
    }
    assert all(known[c.field] for c in schema.fields() if c.field.startswith("tcp.analysis.")
               and c.dtype == "mark")  # fmt: skip


@pytest.mark.parametrize("version", [(3, 6, 24), (4, 7, 0), (5, 0, 0)])
def test_any_other_version_is_asked(version: tuple[int, int, int], tmp_path: Path) -> None:
    lines = r"P\tNo\ttcp.options.sack_perm\nF\tA mark\ttcp.analysis.zero_window\tFT_NONE\ttcp\n"
    path = fake.tshark(tmp_path / "tshark", "exit 1", fields=lines)
    known = known_fields(replace(find_tshark(path), version=version))
    assert known == {"tcp.options.sack_perm": "No", "tcp.analysis.zero_window": "A mark"}


def test_a_field_that_is_not_known_is_named(tshark: Path) -> None:
    lacking = ("ipv6.src", "tcp.analysis.rto")
    known = {n: t for n, t in known_fields(find_tshark(tshark)).items() if n not in lacking}
    assert missing_fields(known) == ("src", "rto")
