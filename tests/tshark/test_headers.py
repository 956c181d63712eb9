"""What the headers say is said right, or not at all."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcpwin.tshark.headers import TOLD
from tcpwin.tshark.survey import survey
from tests.tshark.packets import ACK, SYN, UDP, eth, ip4, ip6, save, tcp, udp

MSS, SCALE, SACK_OK = b"\2\4\5\xb4", b"\3\3\7", b"\4\2"
STAMPS = b"\1\1\x08\x0a" + struct.pack("!II", 2**32 - 1, 7)
SACK = b"\1\1\5\x12" + struct.pack("!IIII", 1, 2, 3, 4)


def told(path: Path, *frames: bytes | tuple[bytes, int]) -> dict[str, list[Any]] | None:
    found = survey(save(path / "x.pcap", frames))
    return found and {name: values.to_pylist() for name, values in found.told.items()}


def test_every_value(tmp_path: Path) -> None:
    four = ip4(tcp(b"hello", 1, 2, 3, 4, SYN, 5, MSS + SCALE + SACK_OK), "1.2.3.4", "255.0.0.1",
               ident=9)  # fmt: skip
    six = ip6(
        tcp(b"", 65535, 80, 2**32 - 1, 4, ACK | 0xE0, 65535, STAMPS), "fd00::1", "2001:db8::a"
    )
    found = told(
        tmp_path,
        (eth(four)[:70], len(four) + 14),
        eth(ip4(udp(b"", 9), proto=UDP)),
        eth(six + b"trailer", 0x86DD),
    )
    assert found == {
        "frame": [1, 3],
        "time_ns": [1_700_000_000 * 10**9, 1_700_000_002 * 10**9 + 2_000_000],
        "src": ["1.2.3.4", "fd00::1"],
        "dst": ["255.0.0.1", "2001:db8::a"],
        "src_port": [1, 65535],
        "dst_port": [2, 80],
        "frame_len": [len(four) + 14, len(six) + 21],
        "cap_len": [70, len(six) + 21],
        "ip_id": [9, None],
        "ttl": [64, None],
        "hlim": [None, 60],
        "seq_raw": [3, 2**32 - 1],
        "len": [5, 0],
        "flags": [SYN, ACK | 0xE0],
        "window_size_value": [5, 65535],
        "mss_val": [1460, None],
        "wscale_shift": [7, None],
        "sack_perm": [True, False],
        "tsval": [None, 2**32 - 1],
        "tsecr": [None, 7],
    }
    assert set(found) == TOLD | {"frame"}


def test_the_flag_beside_the_length(tmp_path: Path) -> None:
    """Accurate ECN (RFC 9768) uses the bit before the others."""
    segment = bytearray(tcp(b"x"))
    segment[12] |= 1
    found = told(tmp_path, eth(ip4(bytes(segment))))
    assert found is not None
    assert found["flags"] == [ACK | 0x100]


def changed(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


WHOLE = ip4(tcp(b"hello", options=STAMPS))


@pytest.mark.parametrize(
    "frame",
    {
        "no length, as before the card cuts it": changed(changed(WHOLE, 2, 0), 3, 0),
        "longer than the frame": changed(WHOLE, 3, 80),
        "shorter than its headers": changed(WHOLE, 3, 51),
        "a short header": ip4(tcp(b"x", words=4)),
        "a header longer than the packet": ip4(tcp(b"", words=6)),
        "IP options": changed(changed(ip4(bytes(4) + tcp(b"x")), 0, 0x46), 20, 0x94),
        "cut in the header": (WHOLE[:39], len(WHOLE)),
        "a jumbo payload": changed(changed(ip6(tcp(b"x")), 4, 0), 5, 0),
        "twice": ip4(tcp(options=STAMPS + STAMPS)),
        "stamps of one": ip4(tcp(options=b"\x08\6" + bytes(4))),
        "a size of 0": ip4(tcp(options=MSS + b"\x08\0" + bytes(6))),
        "past the end": ip4(tcp(options=b"\1\1\x08\x0a")),
        "a shift of 15": ip4(tcp(options=b"\3\3\x0f")),
        "no block": ip4(tcp(options=b"\5\2")),
        "a block and a half": ip4(tcp(options=b"\5\x0e" + bytes(12))),
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_not_as_usual_is_told_by_tshark(frame: tuple[str, Any], tmp_path: Path) -> None:
    packet, size = frame[1] if isinstance(frame[1], tuple) else (frame[1], len(frame[1]))
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x800
    usual = eth(WHOLE)
    assert told(tmp_path, usual, (eth(packet, kind), size + 14), usual) is None


def test_options_end_where_they_say(tmp_path: Path) -> None:
    found = told(tmp_path, eth(ip4(tcp(options=MSS + b"\0" + b"\3\3\7"))))
    assert found is not None
    assert (found["mss_val"], found["wscale_shift"]) == ([1460], [None])


@pytest.mark.parametrize("cut", range(17))
def test_of_options_that_were_cut_what_is_there_is_told(cut: int, tmp_path: Path) -> None:
    whole = eth(ip4(tcp(flags=SYN, options=STAMPS + MSS)))
    found = told(tmp_path, (whole[: len(whole) - cut], len(whole)))
    assert found is not None
    assert found["mss_val"] == [1460 if cut == 0 else None]
    assert found["tsecr"] == [7 if cut <= 4 else None]
    assert found["tsval"] == [2**32 - 1 if cut <= 8 else None]


def test_no_segment_at_all(tmp_path: Path) -> None:
    found = told(tmp_path, eth(bytes(30), 0x806))
    assert found is not None
    assert found["frame"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(options=st.lists(st.sampled_from([MSS, SCALE, SACK_OK, STAMPS, SACK, b"\1", b"\x1e\4ab"]),
                unique=True, max_size=5))  # fmt: skip
def test_options_in_any_order(options: list[bytes], tmp_path: Path) -> None:
    joined = b"".join(options)
    if len(joined) > 40:
        return
    found = told(tmp_path, eth(ip4(tcp(b"x", options=joined))))
    assert found is not None
    seen = {"mss_val": MSS, "wscale_shift": SCALE, "tsval": STAMPS, "tsecr": STAMPS}
    for name, option in seen.items():
        assert (found[name] != [None]) == (option in options)
    assert found["sack_perm"] == [SACK_OK in options]
