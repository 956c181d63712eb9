import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.errors import CaptureError
from tcpwin.wireshark.blocks import Copy, Note
from tests.tshark.wire import talk
from tests.wireshark.odd import CUSTOM, CUSTOM_LOCAL, PACKET, SECTION, Section, everything

FRAMES = talk((True, b"GET / HTTP/1.1\r\n\r\n"), (False, b"x" * 700), (False, b"y"), (True, b"z"))


def split(data: bytes) -> list[tuple[int, bytes]]:
    """The blocks of a file, by a walk of its own: type and bytes."""
    blocks, at, order = [], 0, "<"
    while at < len(data):
        if data[at : at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8] == 0x4D else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        assert data[at + size - 4 : at + size] == data[at + 4 : at + 8]
        blocks.append((kind, data[at : at + size]))
        at += size
    return blocks


def options(block: bytes, order: str) -> list[tuple[int, bytes]]:
    """The options of a packet block, the end not among them."""
    (captured,) = struct.unpack_from(order + "I", block, 20)
    at, found = 28 + captured + -captured % 4, []
    while at < len(block) - 4:
        code, size = struct.unpack_from(order + "HH", block, at)
        if code == 0:
            assert at == len(block) - 8
            break
        found.append((code, block[at + 4 : at + 4 + size]))
        at += 4 + size + -size % 4
    return found


def notes(*frames: int, text: bytes = b"tcpwin: here") -> list[Note]:
    return [Note(frame, len(FRAMES[0]), len(FRAMES[0]), [text]) for frame in frames]


def copied(
    data: bytes, wanted: list[Note], size: int = 1 << 20, fcs: int = 0
) -> tuple[bytes, Copy]:
    copy = Copy(wanted, fcs)
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(copy.run(pieces)), copy


@pytest.mark.parametrize("order", "<>")
def test_without_a_comment_every_byte_stays(order: str) -> None:
    data = everything(FRAMES, order)
    assert copied(data, [])[0] == data


@pytest.mark.parametrize("order", "<>")
def test_comments_are_added_and_nothing_else_changes(order: str) -> None:
    data = everything(FRAMES, order)
    text = "tcpwin: größer".encode()
    result, copy = copied(data, notes(1, 2, 3, 4, 5, 6, text=text))
    assert (copy.frames, copy.placed, copy.comments, copy.bare, copy.cut) == (6, 6, 6, 0, False)
    before, after = split(data), split(result)
    assert [kind for kind, _ in before] == [kind for kind, _ in after]
    for (kind, old), (_, new) in zip(before, after, strict=True):
        if kind not in (PACKET, 2):
            assert new == old
            continue
        assert new[8:28] == old[8:28]
        assert options(new, order) == [*options(old, order), (1, text)]


def test_a_second_pass_adds_nothing() -> None:
    once, _ = copied(everything(FRAMES), notes(1, 4))
    again, copy = copied(once, notes(1, 4))
    assert again == once
    assert copy.placed == 2


@given(st.integers(1, 400))
def test_pieces_may_end_anywhere(size: int) -> None:
    data = everything(FRAMES) + everything(FRAMES, ">")
    whole, _ = copied(data, notes(1, 6, 7, 12))
    assert copied(data, notes(1, 6, 7, 12), size)[0] == whole


def test_sections_of_either_byte_order() -> None:
    data = everything(FRAMES) + everything(FRAMES, ">") + everything(FRAMES)
    result, copy = copied(data, notes(7, 18))
    assert (copy.frames, copy.placed) == (18, 2)
    changed = [a != b for a, b in zip(split(data), split(result), strict=True)]
    assert sum(changed) == 2


def test_the_length_of_a_section_is_no_longer_specified() -> None:
    section = Section().head(length=500).interface().packet(FRAMES[0], 1)
    kind, head = split(copied(section.bytes(), [])[0])[0]
    assert kind == SECTION
    assert head[16:24] == b"\xff" * 8


def test_a_simple_packet_takes_no_comment() -> None:
    section = Section().head().interface().simple(FRAMES[0]).packet(FRAMES[0], 1)
    result, copy = copied(section.bytes(), notes(1, 2))
    assert (copy.placed, copy.bare, copy.comments) == (1, 1, 1)
    assert split(result)[2] == split(section.bytes())[2]


def test_custom_blocks_are_frames_too() -> None:
    section = Section().head().interface().custom(b"one").custom(b"two", CUSTOM_LOCAL)
    section.packet(FRAMES[0], 1)
    result, copy = copied(section.bytes(), notes(3))
    assert (copy.frames, copy.placed) == (3, 1)
    assert [kind for kind, _ in split(result)][2:4] == [CUSTOM, CUSTOM_LOCAL]


def test_a_frame_that_is_another_one_is_refused() -> None:
    section = Section().head().interface().custom(b"one").packet(FRAMES[2], 1)
    with pytest.raises(CaptureError, match="frame 2 is another one"):
        copied(section.bytes(), notes(2))


def test_what_is_cut_ends_with_the_last_whole_block() -> None:
    data = everything(FRAMES)
    ends = list(block_ends(data))
    for size in range(ends[0], len(data)):
        result, copy = copied(data[:size], [])
        whole = max(end for end in ends if end <= size)
        assert result == data[:whole]
        assert copy.cut == (whole != size)


def block_ends(data: bytes) -> Iterator[int]:
    at = 0
    for _, block in split(data):
        at += len(block)
        yield at


@pytest.mark.parametrize(
    "damage",
    [
        struct.pack("<III", 0xABCD, 8, 8),  # too short
        struct.pack("<III", 0xABCD, 1 << 30, 0),  # too long
        struct.pack("<II4sI", 0xABCD, 16, b"abcd", 20),  # two lengths
        struct.pack("<IIII", SECTION, 28, 0, 28) + bytes(12),  # no byte order
        struct.pack("<II5II", PACKET, 32, 0, 0, 0, 99, 99, 32),  # no room for its data
        struct.pack("<II5IHHI", PACKET, 36, 0, 0, 0, 0, 0, 1, 99, 36),  # none for its option
    ],
)
def test_damage_ends_the_copy(damage: bytes) -> None:
    data = everything(FRAMES)
    result, copy = copied(data + damage + data, notes(7))
    assert result == data
    assert copy.cut
    assert copy.placed == 0


def test_padding_that_a_writer_did_not_count() -> None:
    odd = struct.pack("<II3sxI", 0xABCD, 15, b"abc", 15)
    data = everything(FRAMES)
    result, copy = copied(data + odd + data, [])
    assert result == data + odd + data
    assert (copy.frames, copy.cut) == (12, False)


def test_interfaces_can_be_told_the_length_of_the_checksum() -> None:
    section = Section(">").head().interface((9, b"\x09")).packet(FRAMES[0], 1)
    result, _ = copied(section.bytes(), [], fcs=4)
    wanted = Section(">").head().interface((9, b"\x09"), (13, b"\x04")).packet(FRAMES[0], 1)
    assert result == wanted.bytes()
