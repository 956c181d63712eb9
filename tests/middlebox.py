"""What a box on the way does to the packets of a capture: another address, other numbers, a clock.

Works on the bytes of Ethernet frames with IPv4, as the lab writes them; checksums are left
as they were, since tshark does not check them by default.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, replace
from pathlib import Path

from fixtures.lab import pcapng
from fixtures.lab.frames import ETH, SYN, parse
from fixtures.lab.pcapng import Frame

WRAP = 1 << 32


@dataclass(frozen=True)
class Box:
    """What is changed; `inside` is the client's endpoint as the capture has it.

    `outside` replaces it. `shift` is added to the sequence numbers of client and server.
    `offset_ns` and `drift` are what the capture's clock shows more, from its first frame on.
    `ids`: IP identifications are rewritten. `mss` clamps the option in both SYNs.
    """

    inside: tuple[str, int]
    outside: tuple[str, int] | None = None
    shift: tuple[int, int] = (0, 0)
    offset_ns: int = 0
    drift: float = 0.0
    ids: bool = False
    mss: int | None = None

    def file(self, source: Path, target: Path) -> Path:
        """A capture as it would have been taken behind the box."""
        frames = pcapng.read(source)
        pcapng.write(target, [self.frame(frame, frames[0].ns) for frame in frames])
        return target

    def frame(self, frame: Frame, begin_ns: int) -> Frame:
        """One frame; of another connection only the time is changed."""
        late = self.offset_ns + round(self.drift * (frame.ns - begin_ns))
        return replace(frame, ns=frame.ns + late, data=self._data(frame.data))

    def _data(self, old: bytes) -> bytes:
        segment = parse(old)
        ends = [(segment.src, segment.sport), (segment.dst, segment.dport)] if segment else []
        if segment is None or self.inside not in ends:
            return old
        data, up = bytearray(old), ends[0] == self.inside
        tcp = ETH + (data[ETH] & 15) * 4
        if self.outside:
            at = 0 if up else 1
            data[ETH + 12 + 4 * at : ETH + 16 + 4 * at] = socket.inet_aton(self.outside[0])
            struct.pack_into("!H", data, tcp + 2 * at, self.outside[1])
        mine, peer = self.shift if up else self.shift[::-1]
        _add(data, tcp + 4, mine)
        _add(data, tcp + 8, peer)
        if self.ids:
            struct.pack_into("!H", data, ETH + 4, (segment.ip_id * 7 + 13) % 65536)
        at, stop = tcp + 20, min(tcp + (data[tcp + 12] >> 4) * 4, len(data))
        while at < stop and data[at]:
            if data[at] == 1:
                at += 1
                continue
            if data[at] == 5:  # SACK
                for edge in range(at + 2, at + data[at + 1], 4):
                    _add(data, edge, peer)
            if data[at] == 2 and segment.flags & SYN and self.mss:
                struct.pack_into("!H", data, at + 2, self.mss)
            at += data[at + 1]
        return bytes(data)


def _add(data: bytearray, at: int, number: int) -> None:
    value = struct.unpack_from("!I", data, at)[0]
    struct.pack_into("!I", data, at, (value + number) % WRAP)
