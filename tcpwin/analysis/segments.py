"""The packets of all streams as plain arrays, sorted by stream, with directions.

This is what every analysis works on: numpy arrays in one order, cut into one group per
stream. Nothing here knows about files or pandas columns beyond `prepare`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take

FLOWS: Final = ("client->server", "server->client")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_WRAP: Final = 1 << 32


@dataclass(frozen=True)
class Segments:
    """All TCP segments, sorted by stream and then by frame; arrays of shape (n,).

    `order` leads back: row i is row ``order[i]`` of `packets`. `seq` and `ack` are unwrapped.
    """

    packets: pd.DataFrame
    order: Ints
    groups: Groups
    frame: Ints
    time_ns: Ints
    stream: Ints
    from_client: Bools
    client_known: Bools  # per stream: a SYN told who the client is
    seq: Ints
    ack: Ints
    length: Ints
    flags: Ints
    window: Ints  # as sent, not scaled

    def has(self, flag: int) -> Bools:
        """Rows that carry this flag."""
        result: Bools = (self.flags & flag) != 0
        return result

    @cached_property
    def end(self) -> Ints:
        """Seq + len, one more for SYN and for FIN."""
        return self.seq + self.length + self.has(SYN) + self.has(FIN)

    @cached_property
    def fits(self) -> Bools:
        """Rows whose numbers are the connection's own.

        Those of an RST need not be, and a segment without ACK is dropped (RFC 9293 3.10.7.4).
        """
        return ~self.has(RST) & (self.has(SYN) | self.has(ACK))

    @cached_property
    def hops(self) -> Ints:
        """TTL or hop limit of each row."""
        result: Ints = np.maximum(self.column("ttl"), self.column("hlim"))
        return result

    @cached_property
    def stamped(self) -> Bools:
        """Streams whose segments carry time stamps, shape (streams,)."""
        result: Bools = self.groups.max(self.column("tsval")) >= 0
        return result

    @cached_property
    def streams(self) -> Ints:
        """Tshark's number of each group."""
        return self.stream[self.groups.starts]

    def sends(self, flow: int) -> Bools:
        """Rows that carry the data of flow 0 (client->server) or 1 (server->client)."""
        return self.from_client if flow == 0 else ~self.from_client

    def column(self, name: str, fill: Any = -1) -> NDArray[Any]:
        """A column of `packets` in this order, NA replaced by `fill`."""
        values = self.packets[name]
        if isinstance(values.dtype, np.dtype):
            array = values.to_numpy()
        else:
            array = values.to_numpy(dtype=np.int64, na_value=fill)
        taken: NDArray[Any] = array[self.order]
        return taken

    def keep(self, rows: Bools) -> Segments:
        """The segments where `rows` holds; a stream of which nothing is left is gone."""
        groups = Groups.of_sorted(self.stream[rows])
        cut: dict[str, Any] = {
            f.name: getattr(self, f.name)[rows]
            for f in fields(self)
            if f.name not in ("packets", "groups", "client_known")
        }
        left = np.unique(self.groups.ids[rows])
        known = self.client_known[left]
        return Segments(packets=self.packets, groups=groups, client_known=known, **cut)


def prepare(packets: pd.DataFrame) -> Segments:
    """Sort and orient the rows of `packets` (`schema.COLUMNS`, seq and ack unwrapped)."""
    return _prepare(packets)


def unwrap(packets: pd.DataFrame) -> pd.DataFrame:
    """`packets` with seq and ack counted on past 4 GiB, as int64.

    The data of a flow and the ACKs for it are unwrapped as one series, so that they stay
    comparable; steps are taken modulo 2**32 with the sign of RFC 9293 3.4. What comes before
    the first byte seen is negative. Modulo 2**32 the values are tshark's.
    """
    if all((packets[name].to_numpy() < _WRAP // 2).all() for name in ("seq", "ack")):
        return packets  # no step is that large
    segments = _prepare(packets)
    seq, ack = segments.seq.copy(), segments.ack.copy()
    for flow in (0, 1):
        sends = segments.sends(flow)
        rows = np.flatnonzero(sends | segments.has(ACK))
        values = np.where(sends, segments.seq, segments.ack)[rows] % _WRAP
        groups = Groups.of_sorted(segments.groups.ids[rows])
        fits = segments.fits[rows]  # the others count on from the packet before
        base = groups.previous(groups.last(fits), NEVER)
        steps = _signed(values - take(values, base, 0))
        counted = groups.cumsum(np.where(fits, steps, 0))
        unwrapped = np.where(fits, counted, take(counted, base, 0) + steps)
        forward = sends[rows]
        seq[rows[forward]] = unwrapped[forward]
        ack[rows[~forward]] = unwrapped[~forward]
    result = packets.copy(deep=False)
    result["seq"], result["ack"] = _restore(seq, segments), _restore(ack, segments)
    return result


def endpoints(segments: Segments) -> tuple[dict[str, object], dict[str, object]]:
    """Address and port of the client and of the server of each stream."""
    packets, groups = segments.packets, segments.groups
    first = groups.starts
    row = segments.order[first]
    from_client = segments.from_client[first]
    codes = [packets[name].cat.codes.to_numpy()[row] for name in ("src", "dst")]
    ports = [packets[name].to_numpy()[row] for name in ("src_port", "dst_port")]
    categories = packets["src"].cat.categories

    def end(name: str, is_source: np.ndarray) -> dict[str, object]:
        code = np.where(is_source, codes[0], codes[1])
        return {
            name: pd.Categorical.from_codes(code, categories=categories).astype(object),
            f"{name}_port": np.where(is_source, ports[0], ports[1]),
        }

    return end("client", from_client), end("server", ~from_client)


def _signed(steps: Ints) -> Ints:
    return (steps + _WRAP // 2) % _WRAP - _WRAP // 2


def _restore(values: Ints, segments: Segments) -> Ints:
    back = np.empty_like(values)
    back[segments.order] = values
    return back


def _prepare(packets: pd.DataFrame) -> Segments:
    stream = packets["stream"].to_numpy()
    order = np.argsort(stream, kind="stable").astype(np.int64)
    stream = stream[order].astype(np.int64)
    groups = Groups.of_sorted(stream)
    flags = packets["flags"].to_numpy(dtype=np.int64, na_value=0)[order]
    # A broken header has no length: flags of 0 make such a row count nothing.
    flags[packets["len"].isna().to_numpy()[order]] = 0
    source = packets["src"].cat.codes.to_numpy()[order]
    source_port = packets["src_port"].to_numpy()[order]
    target_port = packets["dst_port"].to_numpy()[order]

    first = groups.first
    from_first = (source == source[first]) & (source_port == source_port[first])
    syn = (flags & SYN) != 0
    opened = groups.first_where(syn & ((flags & ACK) == 0))
    answered = groups.first_where(syn & ((flags & ACK) != 0))
    # Whether the first packet's sender is the client: by SYN, else by SYN/ACK, else by port.
    by_port = source_port[groups.starts] >= target_port[groups.starts]
    client_first = np.where(
        opened != NEVER,
        take(from_first, opened, False),
        np.where(answered != NEVER, ~take(from_first, answered, True), by_port),
    ).astype(bool)
    return Segments(
        packets=packets,
        order=order,
        groups=groups,
        frame=packets["frame"].to_numpy()[order].astype(np.int64),
        time_ns=packets["time_ns"].to_numpy()[order],
        stream=stream,
        from_client=from_first == np.repeat(client_first, groups.sizes),
        client_known=(opened != NEVER) | (answered != NEVER),
        seq=packets["seq"].to_numpy()[order].astype(np.int64),
        ack=packets["ack"].to_numpy()[order].astype(np.int64),
        length=packets["len"].to_numpy(dtype=np.int64, na_value=0)[order],
        flags=flags,
        window=packets["window_size_value"].to_numpy(dtype=np.int64, na_value=0)[order],
    )


__all__ = ["ACK", "FIN", "FLOWS", "PSH", "RST", "SYN", "UNKNOWN", "Segments", "prepare", "unwrap"]
