"""pcapng files with what real ones may hold: every kind of block, either byte order."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

SECTION, INTERFACE, OLD_PACKET, SIMPLE, NAMES, STATISTICS, PACKET, SECRETS = (
    *(0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10),
)
UNKNOWN, CUSTOM, CUSTOM_LOCAL = 0x0000ABCD, 0xBAD, 0x40000BAD
COMMENT, END = 1, 0
PRIVATE_PEN: Final = 32473  # for documentation, RFC 5612


@dataclass
class Section:
    """Blocks of one section, in the byte order ``<`` or ``>``."""

    order: str = "<"
    blocks: list[bytes] = field(default_factory=list)

    def pack(self, form: str, *values: object) -> bytes:
        return struct.pack(self.order + form, *values)

    def block(self, kind: int, body: bytes) -> Section:
        body += bytes(-len(body) % 4)
        size = self.pack("I", len(body) + 12)
        self.blocks.append(self.pack("I", kind) + size + body + size)
        return self

    def options(self, *pairs: tuple[int, bytes], end: bool = True) -> bytes:
        text = b"".join(
            self.pack("HH", code, len(value)) + value + bytes(-len(value) % 4)
            for code, value in pairs
        )
        return text + (bytes(4) if end and pairs else b"")

    def head(self, *pairs: tuple[int, bytes], length: int = -1) -> Section:
        return self.block(
            SECTION, self.pack("IHHq", 0x1A2B3C4D, 1, 0, length) + self.options(*pairs)
        )

    def interface(self, *pairs: tuple[int, bytes], link: int = 1, snaplen: int = 0) -> Section:
        return self.block(INTERFACE, self.pack("HHI", link, 0, snaplen) + self.options(*pairs))

    def packet(
        self,
        frame: bytes,
        stamp: int,
        *pairs: tuple[int, bytes],
        interface: int = 0,
        size: int | None = None,
        end: bool = True,
        kind: int = PACKET,
    ) -> Section:
        which = ("I", interface) if kind == PACKET else ("HH", interface, 0)
        head = self.pack(*which) + self.pack(
            "IIII", stamp >> 32, stamp & 0xFFFFFFFF, len(frame), size or len(frame)
        )
        data = frame + bytes(-len(frame) % 4)
        return self.block(kind, head + data + self.options(*pairs, end=end))

    def simple(self, frame: bytes) -> Section:
        return self.block(SIMPLE, self.pack("I", len(frame)) + frame)

    def names(self, address: bytes, name: bytes) -> Section:
        record = self.pack("HH", 1, len(address) + len(name) + 1) + address + name + b"\0"
        return self.block(NAMES, record + bytes(-len(record) % 4) + bytes(4))

    def statistics(self, received: int, interface: int = 0) -> Section:
        count = self.pack("Q", received)
        return self.block(STATISTICS, self.pack("III", interface, 0, 0) + self.options((4, count)))

    def secrets(self, text: bytes) -> Section:
        return self.block(SECRETS, self.pack("II", 0x544C534B, len(text)) + text)

    def custom(self, data: bytes, kind: int = CUSTOM) -> Section:
        return self.block(kind, self.pack("I", PRIVATE_PEN) + data)

    def bytes(self) -> bytes:
        return b"".join(self.blocks)


def everything(frames: list[bytes], order: str = "<") -> bytes:
    """A section with all kinds of blocks around `frames`, the first six of which go into it."""
    section = Section(order)
    section.head((COMMENT, b"about the section"), (2, b"hardware"), (3, b"os"), (4, b"program"))
    section.interface((2, b"eth0"), (9, b"\x09"), (COMMENT, b"interface 0"), (14, bytes(8)))
    section.interface((2, b"eth1"), (13, b"\x04"))
    section.names(bytes([192, 0, 2, 80]), b"server.example")
    section.secrets(b"CLIENT_RANDOM 00 11\n")
    second = 1_700_000_000
    nano, micro = second * 10**9, second * 10**6
    section.packet(frames[0], nano + 1, (COMMENT, "schon da: ü".encode()), (COMMENT, b"two"))
    section.packet(frames[1], micro + 3, (2, section.pack("I", 1)), interface=1)
    section.block(UNKNOWN, b"nobody knows this one")
    section.packet(frames[2], nano + 4_000_001, (2988, section.pack("I", PRIVATE_PEN) + b"own"))
    section.statistics(3)
    section.packet(frames[3], nano + 5_000_002, (COMMENT, b"no end of options"), end=False)
    section.packet(
        frames[4], micro + 7_000, (4, section.pack("Q", 7)), kind=OLD_PACKET, interface=1
    )
    section.packet(frames[5], nano + 9_000_007)
    section.statistics(6).statistics(6, interface=1)
    return section.bytes()
