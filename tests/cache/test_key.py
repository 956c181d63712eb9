import os
import time
from pathlib import Path

import pytest

from tcpwin.cache import key
from tcpwin.cache.key import Key, digest, key_of, state_of
from tcpwin.errors import TsharkError
from tests.tshark import fake


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A script that says it is tshark 4.0.0."""
    (tmp_path / "bin").mkdir()
    return fake.tshark(tmp_path / "bin" / "tshark", "")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "x.pcap"
    path.write_bytes(os.urandom(5_000_000))
    return path


def test_the_same_once_more(capture: Path, program: Path) -> None:
    one, two = (key_of(capture, tshark=program) for _ in range(2))
    assert one == two
    assert one.name == two.name
    assert one.about() == two.about()
    assert key_of(capture, tshark=program, display_filter=" ", decode_as={}, prefs={}) == one


@pytest.mark.parametrize(
    "options",
    [
        {"display_filter": "tcp.port == 80"},
        {"decode_as": {"tcp.port==1": "http"}},
        {"prefs": {"ip.defragment": "FALSE"}},
    ],
)
def test_options_tell_apart(options: dict[str, object], capture: Path, program: Path) -> None:
    one, two = key_of(capture, tshark=program), key_of(capture, tshark=program, **options)
    assert one.name != two.name
    assert one.name.split("-")[:2] == two.name.split("-")[:2]


def test_the_order_of_options_tells_apart(capture: Path, program: Path) -> None:
    """A later one goes before an earlier one that means the same ports."""
    rules = [("tcp.port==1-9", "http"), ("tcp.port==5", "tls")]
    names = {key_of(capture, tshark=program, decode_as=dict(r)).name for r in (rules, rules[::-1])}
    assert len(names) == 2


def test_another_file_of_the_same_bytes(capture: Path, program: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pcap"
    copy.write_bytes(capture.read_bytes())
    assert key_of(copy, tshark=program).name != key_of(capture, tshark=program).name


def test_a_file_that_grows(capture: Path) -> None:
    before = state_of(capture)
    with capture.open("ab") as file:
        file.write(b"x")
    assert state_of(capture)["size"] == before["size"] + 1


@pytest.mark.parametrize("at", [0, 70_000, 2_500_000, 4_999_999])
def test_a_byte_that_differs(at: int, capture: Path) -> None:
    """Also between the pieces looked at, and with the old time put back."""
    before, times = state_of(capture), capture.stat()
    with capture.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    os.utime(capture, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = state_of(capture)
    assert after["modified_ns"] == before["modified_ns"]
    assert after != before


@pytest.mark.parametrize("at", [0, -1])
def test_the_bytes_themselves_are_looked_at(at: int, capture: Path) -> None:
    before = state_of(capture)["probe"]
    data = bytearray(capture.read_bytes())
    data[at] ^= 1
    capture.write_bytes(data)
    assert state_of(capture)["probe"] != before


def test_a_large_file_takes_no_longer(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(10 << 30)
    begun = time.monotonic()
    state_of(tmp_path / "large")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("size", [0, 1, 16, 70_000])
def test_a_small_file(size: int, tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(bytes(size))
    one = state_of(tmp_path / "small")
    (tmp_path / "small").write_bytes(bytes(max(size - 1, 0)) + b"x")
    assert state_of(tmp_path / "small")["probe"] != one["probe"]


def test_a_script_is_asked_for_the_version_behind_it(capture: Path, program: Path) -> None:
    assert key_of(capture, tshark=program).options["tshark"][-1] == "4.0.0"


def test_a_program_is_not_run(capture: Path, tmp_path: Path) -> None:
    """To ask for its version takes longer than to read a table."""
    binary = tmp_path / "bin" / "tshark"
    binary.parent.mkdir()
    binary.write_bytes(b"\x7fELF, which would not run")
    binary.chmod(0o755)
    one = key_of(capture, tshark=binary)
    assert one.options["tshark"][-1] is None
    (tmp_path / "link").symlink_to(binary)
    assert (
        key_of(capture, tshark=tmp_path / "link").options["tshark"][1:] == one.options["tshark"][1:]
    )
    binary.write_bytes(b"\x7fELF, a newer one, which would not run")
    assert key_of(capture, tshark=binary).name != one.name


def test_a_program_by_another_name_may_start_anything(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "launcher").write_bytes(b"\x7fELF, which does not run")
    (tmp_path / "launcher").chmod(0o755)
    (tmp_path / "tshark").symlink_to(tmp_path / "launcher")
    with pytest.raises(TsharkError, match="does not run"):
        key_of(capture, tshark=tmp_path / "tshark")


def test_no_tshark(capture: Path, tmp_path: Path) -> None:
    with pytest.raises(TsharkError, match="not a program"):
        key_of(capture, tshark=tmp_path / "tshark")


def test_other_code_makes_other_tables(
    capture: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key_of(capture, tshark=program).options["code"]
    room = tmp_path / "tcpwin"
    (room / "tshark").mkdir(parents=True)
    codes = [before]
    monkeypatch.setattr(key, "_ROOM", room)
    for text in ("one", "two"):
        (room / "tshark" / "reader.py").write_text(text)
        key._code.cache_clear()
        codes.append(key_of(capture, tshark=program).options["code"])
    key._code.cache_clear()
    assert len(set(codes)) == 3


def test_the_code_that_makes_tables_is_all_there() -> None:
    for pattern in key._MAKERS:
        assert list(key._ROOM.glob(pattern)), pattern


def test_names_are_names() -> None:
    one = Key("/x/\udcff\n.pcap", {"size": 1}, {})
    assert set(one.name) <= set("0123456789abcdef-")
    assert one.name.startswith(digest("/x/\udcff\n.pcap"))
    assert one.about()["capture"] == one.capture
