"""Conversations as capture files, made of what each side says."""

from __future__ import annotations

from pathlib import Path

from fixtures.lab import pcapng
from fixtures.lab.frames import ACK, PSH, SYN, tcp

CLIENT, SERVER = ("192.0.2.10", 40001), ("192.0.2.80", 8123)
ISN = 1000


def talk(*said: tuple[bool, bytes], port: int = CLIENT[1]) -> list[bytes]:
    """Ethernet frames: a handshake, then one segment for each (client speaks, payload)."""
    client = (CLIENT[0], port)
    frames = [
        tcp(client, SERVER, seq=ISN, ack=0, flags=SYN, window=65535),
        tcp(SERVER, client, seq=ISN, ack=ISN + 1, flags=SYN | ACK, window=65535),
    ]
    at = {True: ISN + 1, False: ISN + 1}
    for up, payload in said:
        ends = (client, SERVER) if up else (SERVER, client)
        flags = ACK | PSH
        numbers = {"seq": at[up], "ack": at[not up]}
        frames.append(tcp(*ends, **numbers, flags=flags, window=65535, payload=payload))
        at[up] += len(payload)
    return frames


def save(path: Path, frames: list[bytes], *, snaplen: int = 0) -> Path:
    made = [pcapng.Frame(n * 1_000_000, frame, len(frame)) for n, frame in enumerate(frames)]
    pcapng.write(path, made, snaplen=snaplen)
    return path
