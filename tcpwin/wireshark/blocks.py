"""pcapng copied block by block, with comments added to packets and nothing else changed.

Why not Wireshark's own editcap: it rewrites what it understood and drops the rest. Measured
with ``editcap -a``: 4.0 drops names, statistics and unknown blocks and joins sections; 4.4
and 4.6 put the new comment in the place of the old ones and drop statistics and unknown
blocks. A block that is copied byte for byte keeps all that any version makes of it.

Source: draft-ietf-opsawg-pcapng, sections 3.1 (blocks), 3.5 (options), 4.1 to 4.4, A.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tcpwin.errors import CaptureError

SECTION: Final = b"\x0a\x0d\x0d\x0a"  # the same in both byte orders
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _PACKET, _JOURNAL = 0x0A0D0D0A, 1, 2, 3, 6, 9
_CUSTOM: Final = (0x00000BAD, 0x40000BAD)
# What Wireshark numbers as a frame. Packets have options to add to, in the same place both.
_PACKETS: Final = (_PACKET, _OLD_PACKET)
_FRAMES: Final = frozenset((*_PACKETS, _SIMPLE, _JOURNAL, *_CUSTOM))
_LARGEST: Final = 134_348_832  # what Wireshark 4 accepts; what claims to be larger is damage
_COMMENT, _FCS_LENGTH = 1, 13
_END: Final = bytes(4)
_ORDERS: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_UNSPECIFIED: Final = b"\xff" * 8


@dataclass(frozen=True, slots=True)
class Note:
    """Comments for a frame; `captured` and `length` are tshark's, to know it by."""

    frame: int
    captured: int
    length: int
    comments: Sequence[bytes]


class _Damage(Exception):  # noqa: N818 - no error: what comes before it is copied
    """No block as it should be."""


class Copy:
    """One pass over a pcapng file; the attributes hold when it is over.

    Attributes:
        frames: how many frames were copied.
        placed: how many notes have their place.
        comments: how many comments they have.
        bare: how many found a packet that takes none (a Simple Packet Block).
        cut: the file ends within a block, or is damaged; what comes before was copied.
    """

    def __init__(self, notes: Iterable[Note], fcs_length: int = 0) -> None:
        """`notes` in the order of frames; `fcs_length` in bytes where the interfaces lack it."""
        self.frames = self.placed = self.comments = self.bare = 0
        self.cut = False
        self._notes = iter(notes)
        self._next = next(self._notes, None)
        self._fcs = fcs_length
        self._numbered_otherwise = False  # there are frames that are no packets
        self._order = "<"

    def run(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The copy, in pieces.

        Raises:
            CaptureError: a frame is not the one that tshark numbers so.
        """
        rest = b""
        for piece in pieces:
            data = rest + piece
            out: list[bytes | memoryview] = []
            try:
                end = self._copy(data, out)
            except _Damage as damage:
                (end,) = damage.args
                self.cut = True
            yield b"".join(out)
            rest = data[end:]
            if self.cut:
                return
        self.cut = bool(rest)

    @property
    def missed(self) -> bool:
        """Whether there is a note for a frame that did not come."""
        return self._next is not None

    def _copy(self, data: bytes, out: list[bytes | memoryview]) -> int:
        """Append what becomes of the whole blocks in `data`; where they end."""
        view, at, copied, last = memoryview(data), 0, 0, len(data) - 12
        head = struct.Struct(self._order + "II").unpack_from
        wanted = self._next.frame if self._next else 0
        try:
            while at <= last:
                kind, size = head(data, at)
                if kind == _SECTION:
                    self._order = _ORDERS.get(data[at + 8 : at + 12], "")
                    head = struct.Struct((self._order or "<") + "II").unpack_from
                    size = head(data, at)[1] if self._order else 0
                stop = at + size + -size % 4  # some writers do not count their padding
                if not 12 <= size <= _LARGEST:
                    raise _Damage(at)
                if stop > len(data):
                    break
                if data[stop - 4 : stop] != data[at + 4 : at + 8]:
                    raise _Damage(at)
                changed = None
                if kind in _FRAMES:
                    self.frames += 1
                    self._numbered_otherwise |= kind not in _PACKETS
                    if self.frames == wanted:
                        changed = self._commented(kind, data[at:stop], at)
                        wanted = self._next.frame if self._next else 0
                elif kind == _SECTION:
                    # Comments make the section longer; "not specified" is true of any.
                    changed = data[at : at + 16] + _UNSPECIFIED + data[at + 24 : stop]
                elif kind == _INTERFACE and self._fcs:
                    changed = self._grown(data[at:stop], 16, [(_FCS_LENGTH, bytes([self._fcs]))])
                if changed is not None:
                    out += [view[copied:at], changed]
                    copied = stop
                at = stop
        finally:
            out.append(view[copied:at])
        return at

    def _commented(self, kind: int, block: bytes, at: int) -> bytes:
        """The block with the comments of the next note."""
        note = self._next
        assert note is not None
        self._next = next(self._notes, None)
        if kind not in _PACKETS:
            self.bare += 1
            return block
        if len(block) < 32:
            raise _Damage(at)
        captured, length = struct.unpack_from(self._order + "II", block, 20)
        if self._numbered_otherwise and (captured, length) != (note.captured, note.length):
            raise CaptureError(
                f"frame {note.frame} is another one to tshark, for blocks that it numbers in its "
                "own way: save the capture as pcapng with Wireshark, and annotate that"
            )
        start = 28 + captured + -captured % 4
        grown = self._grown(block, start, [(_COMMENT, text) for text in note.comments], at)
        self.placed += 1
        self.comments += len(note.comments)
        return grown

    def _grown(
        self, block: bytes, start: int, options: Sequence[tuple[int, bytes]], at: int = 0
    ) -> bytes:
        """The block with more options behind those it has; one that it has is not repeated."""
        pair, stop, here = struct.Struct(self._order + "HH"), len(block) - 4, start
        present = set[tuple[int, bytes]]()
        while here + 4 <= stop:
            code, size = pair.unpack_from(block, here)
            if code == 0:
                break
            present.add((code, block[here + 4 : here + 4 + size]))
            here += 4 + size + -size % 4
        if here > stop:
            raise _Damage(at)
        added = [
            pair.pack(code, len(value)) + value + bytes(-len(value) % 4)
            for code, value in options
            if (code, value) not in present
        ]
        body = block[8:here] + b"".join(added) + (block[here:stop] or _END)
        size_bytes = struct.pack(self._order + "I", len(body) + 12)
        return block[:4] + size_bytes + body + size_bytes
