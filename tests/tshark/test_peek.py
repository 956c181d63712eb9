"""One run or two, on any tshark: the same packets."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tcpwin.errors import TsharkError
from tcpwin.tshark import peek
from tcpwin.tshark.executable import Tshark, find_tshark
from tcpwin.tshark.glance import may_tell_more
from tcpwin.tshark.peek import Peek, nothing
from tests.analysis.build import PUBLIC
from tests.conftest import FIXTURES
from tests.tshark.wire import save, talk

NAMES = [
    "path-mtu-icmp.server.pcapng",
    "handmade-99-percent.pcapng.gz",
    "many-streams.client.pcapng.gz",
    "healthy-ipv6.client.pcapng.gz",
]


@pytest.fixture(scope="module")
def program(tshark: Path) -> Tshark:
    return find_tshark(tshark)


def both(path: Path, program: Tshark, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    one = Peek(path, program).table()
    monkeypatch.setattr(peek, "LARGE", 0)
    return one, Peek(path, program).table()


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_equal_one(name: str, program: Tshark, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = both(FIXTURES / name, program, monkeypatch)
    assert len(one)
    assert one.equals(two)
    assert one.schema == nothing().schema


@pytest.mark.parametrize("path", [*filter(may_tell_more, PUBLIC)], ids=lambda path: path.name)
def test_of_public_captures(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = both(path, find_tshark(), monkeypatch)
    assert one.equals(two)


def test_payload_is_what_was_sent(program: Tshark, tmp_path: Path) -> None:
    said = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256))
    table = Peek(save(tmp_path / "x.pcapng", talk((False, said))), program).table()
    assert table["tcp.payload"].to_pylist() == [said]
    assert table["frame.number"].to_pylist() == [3]


def test_nothing_matches(program: Tshark, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = both(FIXTURES / "handmade-recovery.pcapng", program, monkeypatch)
    assert one.equals(two)
    assert one.equals(nothing())


def test_one_run_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = save(tmp_path / "x.pcapng", talk((True, b"GET / HTTP/1.1\r\n\r\n")))
    run, asked = Peek._run, []

    def full(self: Peek, path: Path, fields: Any, **how: Any) -> Any:
        asked.append(how)
        if how.get("write"):
            raise TsharkError("no room")
        return run(self, path, fields, **how)

    monkeypatch.setattr(Peek, "_run", full)
    monkeypatch.setattr(peek, "LARGE", 0)
    assert len(Peek(path, find_tshark()).table()) == 1
    assert len(asked) == 2


def test_failure_is_told(program: Tshark, tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcapng", talk())
    with pytest.raises(TsharkError):
        Peek(path, program, prefs={"no.such_preference": "x"}).table()


def test_empty_table_has_bytes() -> None:
    assert nothing().schema.field("tcp.payload").type == pa.large_binary()
