"""Which flow a frame belongs to, as a number, for many frames at once.

Only what is plainly TCP over IP is understood here. Everything else is `REST`, and whether
it carries TCP is left to tshark. So nothing here can be wrong about a protocol; it can only
be modest.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tcpwin.tshark.command import CARRIERS
from tcpwin.tshark.frames import IP4, IP6, Bools, Ints, Packets, View, packets

Hashes = NDArray[np.uint64]

BITS: Final = 11
BUCKETS: Final = 1 << BITS
REST: Final = np.uint16(1 << 14)  # set in the place of a frame that is not plainly TCP
IDLE: Final = np.uint16(1 << 12)  # set beside `REST` where nothing could carry TCP
QUOTE: Final = np.uint16(1 << 13)  # set in that of an ICMP error; it goes to the flow it quotes

_ICMP, _TCP, _UDP, _ICMP6 = 1, 6, 17, 58
_ARP: Final = 0x0806
# DNS, DHCP, NTP, NetBIOS, SNMP, QUIC, syslog, SSDP. tshark asks the dissector of the lower port.
_NO_CARRIERS: Final = (53, 67, 68, 123, 137, 138, 161, 162, 443, 514, 546, 547, 1900, 5353, 5355)
_ERRORS_4: Final = (3, 4, 5, 11, 12)
_ERRORS_6: Final = (1, 2, 3, 4)
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_ODD_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)


class Carrier(Exception):  # noqa: N818 - it stops a loop, nothing is wrong
    """A port on which TCP may carry TCP: no flow can be told from its headers alone."""


def places(view: View, outer: Packets, kind: Ints, stop: Ints) -> NDArray[np.uint16]:
    """The bucket of each frame, with `REST`, `IDLE` or `QUOTE` set; the same both ways.

    Args:
        view: of the piece of a capture in which the frames lie.
        outer: their IP packets.
        kind: their Ethernet types, 0 where not known.
        stop: where the frames end.

    Raises:
        Carrier: one of the ports is among `CARRIERS`.
    """
    ends = _ends(view, outer)
    flow, plain = _flow(view, outer, ends, stop)
    place = flow.astype(np.uint16)
    rest = np.flatnonzero(~plain)
    if not len(rest):
        return place
    between = _bucket(_mixed(ends[0][rest]) + _mixed(ends[1][rest]))
    place[rest] = np.where(outer.whole[rest] | (kind[rest] > 0), between, 0).astype(np.uint16)
    place[rest] |= REST
    place[rest[_idle(view, outer, kind, stop)[rest]]] |= IDLE
    first = view.byte[outer.payload]
    error_4 = ~outer.six & (outer.protocol == _ICMP) & np.isin(first, _ERRORS_4)
    error_6 = outer.six & (outer.protocol == _ICMP6) & np.isin(first, _ERRORS_6)
    errors = np.flatnonzero(outer.whole & (error_4 | error_6) & (outer.payload < stop))
    if len(errors):
        quoted = np.where(outer.six[errors], IP6, IP4)
        inner = packets(view, outer.payload[errors] + 8, quoted, stop[errors])
        flow, plain = _flow(view, inner, _ends(view, inner), stop[errors])
        place[errors[plain]] = flow[plain].astype(np.uint16) | QUOTE
    return place


def _idle(view: View, packet: Packets, kind: Ints, stop: Ints) -> Bools:
    """Where nothing could carry TCP."""
    udp = packet.whole & (packet.protocol == _UDP) & (packet.payload + 8 <= stop)
    lower = np.minimum(view.half[packet.payload], view.half[packet.payload + 2])
    idle: Bools = (kind == _ARP) | (udp & np.isin(lower, _NO_CARRIERS))
    return idle


def _ends(view: View, packet: Packets) -> tuple[Hashes, Hashes]:
    """Both addresses, those of IPv6 folded."""
    source, target = (view.word[packet.at + offset].astype(np.uint64) for offset in (12, 16))
    if packet.six.any():
        long_source, long_target = (_folded(view, packet.at + offset) for offset in (8, 24))
        source = np.where(packet.six, long_source, source)
        target = np.where(packet.six, long_target, target)
    return source * packet.known, target * packet.known


def _flow(
    view: View, packet: Packets, ends: tuple[Hashes, Hashes], stop: Ints
) -> tuple[Hashes, Bools]:
    """The bucket of both ends with their ports, and where that is plainly TCP."""
    plain = packet.whole & (packet.protocol == _TCP) & (packet.payload + 4 <= stop)
    ports = [view.half[packet.payload + offset] for offset in (0, 2)]
    if any((plain & (port == carrier)).any() for port in ports for carrier in CARRIERS):
        raise Carrier
    both = zip(ends, ports, strict=True)
    one, other = (_mixed(end + port.astype(np.uint64) * _ODD_2) for end, port in both)
    return _bucket(one + other), plain


def _folded(view: View, at: Ints) -> Hashes:
    folded = np.zeros(len(at), np.uint64)
    for offset in (0, 4, 8, 12):
        folded = (folded + view.word[at + offset]) * _ODD
        folded ^= folded >> np.uint64(29)
    return folded


def _mixed(value: Hashes) -> Hashes:
    """Any bit of the value reaches all bits. Source: the finalizer of splitmix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _bucket(value: Hashes) -> Hashes:
    return _mixed(value) >> np.uint64(64 - BITS)
