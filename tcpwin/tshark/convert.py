"""Any capture as pcapng, in pieces: as it is, unpacked, or converted by tshark."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from tcpwin.errors import CaptureError
from tcpwin.tshark.command import capture_command, private_environment
from tcpwin.tshark.complaints import check_run, reason
from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.process import Progress, Run, pieces_of, run_tshark
from tcpwin.units import printable

PIECE: Final = 1 << 23
_SMALL: Final = 1 << 16  # of what pyarrow unpacks the piece is lost in which a file is cut
_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
_GZIP: Final = b"\x1f\x8b"
_OTHERS: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
_PCAP: Final = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}


@dataclass(frozen=True, slots=True)
class AsPcapng:
    """A capture as pcapng.

    Attributes:
        pieces: its bytes; a file that is cut ends early.
        fcs_length: bytes of checksum at the end of each frame, where pcap said so and tshark
            does not write it; else 0.
    """

    pieces: Iterator[bytes]
    fcs_length: int


@contextmanager
def as_pcapng(path: Path, program: Tshark, progress: Progress | None = None) -> Iterator[AsPcapng]:
    """The capture at `path` as pcapng; pcapng keeps every byte.

    Raises:
        CaptureError: tshark cannot write it as pcapng.
        TsharkError: tshark failed on the way.
    """
    pieces = _unpacked(path, progress)
    first = next(pieces, b"")
    if first.startswith(_PCAPNG):
        yield AsPcapng(chain([first], pieces), 0)
        return
    pieces.close()
    command = capture_command(path, program, "-F", "pcapng", "-w", "-")
    with private_environment() as environment, run_tshark(command, environment) as run:
        begin = run.read(PIECE)
        if not begin:
            why = reason(run.finish()[1])
            raise CaptureError(
                f"{printable(path.name)} cannot become pcapng ({why}): save it as pcapng first"
            )
        yield AsPcapng(chain([begin], _rest(run, path)), _fcs_length(first))


def _rest(run: Run, path: Path) -> Iterator[bytes]:
    """What tshark still writes; its end has to be a good one, or that of a file that is cut."""
    while piece := run.read(PIECE):
        yield piece
    check_run(path, *run.finish(), seen=True)


def _fcs_length(head: bytes) -> int:
    """What the link type field of pcap says (draft-ietf-opsawg-pcap, section 4: FCS len, f)."""
    order = _PCAP.get(head[:4])
    if order is None or len(head) < 24:
        return 0
    (link,) = struct.unpack_from(order + "I", head, 20)
    return 2 * (link >> 28) if link & 0x04000000 else 0


def _unpacked(path: Path, progress: Progress | None) -> Any:
    """The bytes of the file, unpacked; they end where its packing is damaged."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(_GZIP):
        return _gunzipped(pieces_of(path, progress))
    if magic in _OTHERS:
        return _by_arrow(path, _OTHERS[magic])
    return _in_pieces(pieces_of(path, progress))


def _in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about `PIECE`."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """All members; of one that is cut what can be unpacked, as tshark does."""
    member = zlib.decompressobj(31)
    for chunk in chunks:
        while chunk:
            if member.eof:
                member = zlib.decompressobj(31)
            try:
                data = member.decompress(chunk, PIECE)
            except zlib.error:
                return
            if data:
                yield data
            chunk = member.unused_data if member.eof else member.unconsumed_tail
    while data := member.decompress(member.unconsumed_tail, PIECE):
        yield data


def _by_arrow(path: Path, codec: str) -> Iterator[bytes]:
    with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, codec) as stream:
        try:
            while data := stream.read(_SMALL):
                yield data
        except OSError:
            return
