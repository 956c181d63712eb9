"""Every frame is in exactly one part, in order, and a part is a capture."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from tcpwin.errors import CaptureError
from tcpwin.tshark import split
from tcpwin.tshark.flowhash import REST
from tcpwin.tshark.split import Part, divided, plan
from tcpwin.tshark.survey import Survey, survey
from tests.tshark.packets import UDP, eth, ip4, save, tcp, udp

FRAMES = [
    eth(ip4(udp(b"%d" % n, 9), proto=UDP) if n % 7 == 0 else ip4(tcp(b"%d" % n, 3000 + 2 * n)))
    for n in range(200)
]


@pytest.fixture
def surveyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Survey:
    monkeypatch.setattr(split, "LEAST_FRAMES", 0)
    found = survey(save(tmp_path / "x.pcap", FRAMES))
    assert found is not None
    return found


def frames_of(part: Part) -> list[bytes]:
    data, at, frames = b"".join(part.pieces()), 24, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        frames.append(data[at + 16 : at + 16 + size])
        at += 16 + size
    return frames


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
@pytest.mark.parametrize("size", [25, 100, 1000])
@pytest.mark.parametrize("piece", [100, 1 << 20])
def test_every_frame_once_and_in_order(
    jobs: int, size: int, piece: int, surveyed: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "PART_FRAMES", size)
    monkeypatch.setattr(split, "PIECE", piece)
    parts = divided(surveyed, jobs)
    assert len(parts) % jobs == 0
    numbers = np.concatenate([part.frames[1:] for part in parts])
    assert sorted(numbers.tolist()) == list(range(1, len(FRAMES) + 1))
    for part in parts:
        assert len(part.frames) - 1 <= 2 * size
        frames = frames_of(part)
        assert part.frames[0] == 0
        assert (np.diff(part.frames[1:].astype(int)) > 0).all()
        assert frames == [FRAMES[number - 1] for number in part.frames[1:]]
        rest = surveyed.place[part.frames[1:] - 1] & REST > 0
        assert part.rest.tolist() == [False, *rest]


def test_parts_are_of_one_size(surveyed: Survey) -> None:
    sizes = [len(part.frames) for part in divided(surveyed, 4)]
    assert max(sizes) - min(sizes) < 30  # the rest is between two hosts, and stays together


def test_small_captures_are_one_part_or_none(
    surveyed: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(surveyed.path, 2) == []
    monkeypatch.setattr(split, "LEAST_BYTES", 0)
    assert len(plan(surveyed.path, 2)) == 2
    assert len(plan(surveyed.path, 1)) == 1
    monkeypatch.setattr(split, "LEAST_FRAMES", 1000)
    assert len(plan(surveyed.path, 2)) == 1


def test_one_flow_is_one_part(tmp_path: Path, surveyed: Survey) -> None:
    one = survey(save(tmp_path / "one.pcap", [eth(ip4(tcp(b"x")))] * 90))
    assert one is not None
    assert len(divided(one, 2)) == 1


def test_frames_that_can_carry_nothing_are_in_no_part(tmp_path: Path, surveyed: Survey) -> None:
    asked = [eth(ip4(udp(b"asked", 53), proto=UDP))]
    frames = [frame for one in FRAMES for frame in (one, *asked)]
    found = survey(save(tmp_path / "x.pcap", frames))
    assert found is not None
    numbers = np.concatenate([part.frames[1:] for part in divided(found, 2)])
    assert sorted(numbers.tolist()) == list(range(1, len(frames) + 1, 2))


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda data: b"x" + data])
def test_a_file_that_changes(change: object, surveyed: Survey) -> None:
    part = divided(surveyed, 2)[-1]
    assert callable(change)
    surveyed.path.write_bytes(change(surveyed.path.read_bytes()))
    with pytest.raises(CaptureError, match="changed while it was read"):
        list(part.pieces())
