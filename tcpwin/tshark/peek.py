"""The packets of a second look, as tshark prints them: segments with heads, ICMP errors.

``-T fields`` is the only output with whole payloads, and it builds the tree of every packet
to be seen, whether it is printed or not. ``-T tabs`` does not, and is more than twice as fast
(1,000,000 packets, 100,000 of them wanted: 4.7 s against 15 s). So in a large capture it
picks the packets, prints all but the payload, and writes them to a small capture, from which
a second run prints the payloads.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tcpwin.errors import CaptureError, TsharkError
from tcpwin.tshark.command import NOTHING_ABOVE_TCP, capture_command, private_environment
from tcpwin.tshark.complaints import check_run
from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.files import pipeable
from tcpwin.tshark.heads import METHODS
from tcpwin.tshark.process import run_tshark

LARGE: Final = 4 << 20  # bytes of a capture from which two runs are faster than one
_BLOCK: Final = 1 << 22
# A head, the rest of one (its end, or a line of it) and a request line that is cut.
_HEADS: Final = (
    'tcp.payload contains "HTTP/1." || tcp.payload contains 0d:0a:0d:0a || '
    f'tcp.payload matches "^([a-z-]+: |({METHODS}) )"'
)
FILTER: Final = f"(tcp && !icmp && !icmpv6 && ({_HEADS})) || ((icmp || icmpv6) && tcp)"
_PAYLOAD: Final = "tcp.payload"
_TEXT: Final = ("frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst")
_NUMBERS: Final = (
    *("frame.number", "tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.seq"),
    *("tcp.len", "ip.id", "icmp.type", "icmp.code", "icmp.mtu"),
    *("icmpv6.type", "icmpv6.code", "icmpv6.mtu"),
)
_FIELDS: Final = (*_NUMBERS, *_TEXT)


@dataclass(frozen=True)
class Peek:
    """One capture, and how tshark is to read it."""

    capture: Path
    program: Tshark
    decode_as: Mapping[str, str] | None = None
    prefs: Mapping[str, str] | None = None

    def table(self) -> Any:
        """An Arrow table with a column for each field: numbers, text, and payload as bytes.

        Raises:
            CaptureError: the file cannot be read.
            TsharkError: tshark failed.
        """
        if self.capture.stat().st_size < LARGE:
            return self._run(self.capture, (*_FIELDS, _PAYLOAD))
        with private_environment() as environment:
            picked = Path(environment["WIRESHARK_CONFIG_DIR"]) / "picked.pcapng"
            try:
                table = self._run(self.capture, _FIELDS, write=picked)
                payload = self._run(picked, (_PAYLOAD, "frame.number"), picked=True)
            except (CaptureError, TsharkError):  # no room, or a link layer that pcapng lacks
                payload = None
        if payload is None or len(payload) != len(table):
            return self._run(self.capture, (*_FIELDS, _PAYLOAD))
        return table.append_column(_PAYLOAD, payload[_PAYLOAD])

    def _run(
        self, path: Path, fields: Sequence[str], *, write: Path | None = None, picked: bool = False
    ) -> Any:
        if write is None:
            output = ["-T", "fields", "-E", "occurrence=l", "-E", "separator=/t"]
            output += [part for field in fields for part in ("-e", field)]
        else:
            columns = (f'"{n}","%Cus:{field}:-1:U"' for n, field in enumerate(fields))
            output = ["-T", "tabs", "-o", "gui.column.format:" + ",".join(columns)]
            output += ["-P", "-F", "pcapng", "-w", str(write)]
        command = capture_command(
            path,
            self.program,
            *output,
            display_filter=None if picked else FILTER,
            decode_as={**NOTHING_ABOVE_TCP, **(self.decode_as or {})},
            prefs=self.prefs,
            from_stdin=pipeable(path),
        )
        feed = path if pipeable(path) else None
        tables, rest = [nothing(fields)], b""
        with (
            private_environment() as environment,
            run_tshark(command, environment, feed=feed) as run,
        ):
            while text := run.read(_BLOCK):
                block, newline, rest = (rest + text).rpartition(b"\n")
                if newline:
                    tables.append(_parse(block + newline, fields))
            code, errors = run.finish()
        check_run(self.capture, code, errors, seen=True)  # that it is cut was said before
        return pa.concat_tables(tables)


def nothing(fields: Sequence[str] = (*_FIELDS, _PAYLOAD)) -> Any:
    """The table of a capture in which there is nothing to see."""
    table = _schema(fields).empty_table()
    return _unhex(table) if _PAYLOAD in fields else table


def _schema(fields: Sequence[str]) -> Any:
    text, number = pa.large_string(), pa.int64()
    return pa.schema([(name, number if name in _NUMBERS else text) for name in fields])


def _parse(block: bytes, fields: Sequence[str]) -> Any:
    table = csv.read_csv(
        pa.py_buffer(block),
        read_options=csv.ReadOptions(column_names=list(fields), block_size=len(block)),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=_schema(fields), null_values=[""], strings_can_be_null=True
        ),
    )
    return _unhex(table) if _PAYLOAD in fields else table


def _unhex(table: Any) -> Any:
    """The payload as bytes; empty where there is none."""
    text = pc.fill_null(pc.replace_substring(table[_PAYLOAD], ":", ""), "").combine_chunks()
    sizes = np.asarray(pc.binary_length(text), np.int64)
    first = int(np.frombuffer(text.buffers()[1], np.int64)[text.offset]) if len(text) else 0
    letters = memoryview(text.buffers()[2] or b"")[first : first + int(sizes.sum())]
    offsets = np.concatenate(([0], np.cumsum(sizes // 2))).astype(np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(unhexlify(letters))]
    payload = pa.Array.from_buffers(pa.large_binary(), len(sizes), buffers)
    place = table.schema.get_field_index(_PAYLOAD)
    return table.set_column(place, _PAYLOAD, payload)
