import errno
import os
import stat
import time
from pathlib import Path

import pytest

from tcpwin.cache import folder
from tcpwin.cache.key import digest
from tcpwin.errors import TcpwinError


def put(name: str, size: int, *, age_s: float = 0) -> Path:
    """A file written as tables are, last used some time ago."""
    with folder.written(name) as file:
        file.write(bytes(size))
    path = folder.place() / name
    if path.exists():
        os.utime(path, (time.time() - age_s,) * 2)
    return path


def named(capture: str, state: str = "1", options: str = "2") -> str:
    return "-".join(map(digest, (capture, state, options))) + ".packets.parquet"


def leave_behind() -> Path:
    """What a writer that was killed leaves."""
    part = folder.place() / ".tcpwin-abc_12.part"
    part.write_bytes(b"half")
    os.utime(part, (time.time() - 7200,) * 2)
    return part


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TCPWIN_CACHE_DIR")
    assert folder.place().name == "tcpwin"
    assert folder.place() != tmp_path
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TCPWIN_CACHE_DIR", "here")
    assert folder.place() == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", folder.DEFAULT_BYTES),
        ("0", 0),
        ("1000", 1000),
        (" 5k", 5 << 10),
        ("500M", 500 << 20),
        ("2 GiB", 2 << 30),
        ("1TB", 1 << 40),
    ],
)
def test_its_size(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", text)
    assert folder.most_bytes() == size


@pytest.mark.parametrize("text", ["much", "-1", "1.5G", "G", "9" * 99])
def test_what_is_no_size(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", text)
    with pytest.raises(TcpwinError, match="500M or 2G, or 0 for no cache"):
        folder.most_bytes()


def test_nobody_else_may_look(cache_folder: Path) -> None:
    path = put(named("a"), 5)
    assert stat.S_IMODE(cache_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_rights_of_a_folder_that_is_there_stay(cache_folder: Path) -> None:
    cache_folder.mkdir(mode=0o755)
    path = put(named("a"), 5)
    assert stat.S_IMODE(cache_folder.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_oldest_goes(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", "1000")
    old, older = put(named("a"), 400, age_s=20), put(named("b"), 400, age_s=30)
    folder.used(older)
    new = put(named("c"), 400)
    assert not old.exists()
    assert [entry.path for entry in folder.entries()] == [new, older]
    assert sum(entry.size for entry in folder.entries()) <= 1000


def test_too_large_for_the_folder(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", "1000")
    kept = put(named("a"), 400)
    assert not put(named("b"), 1001).exists()
    assert list(cache_folder.iterdir()) == [kept]


def test_what_a_capture_was_before_goes(cache_folder: Path) -> None:
    before, other = put(named("a", "then"), 5), put(named("b", "then"), 5)
    now, way = put(named("a", "now"), 5), put(named("a", "now", "filter"), 5)
    assert not before.exists()
    assert {other, now, way} == set(cache_folder.iterdir())


def test_files_of_others_stay(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder may be one that somebody uses for more."""
    cache_folder.mkdir()
    theirs = [cache_folder / name for name in ("x.parquet", ".part", named("a") + ".bak", "x.part")]
    for path in theirs:
        path.write_bytes(bytes(500))
        os.utime(path, (1, 1))
    (cache_folder / "sub").mkdir()
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", "1000")
    put(named("a"), 900)
    assert len(folder.clear()) == 1
    assert {*theirs, cache_folder / "sub"} == set(cache_folder.iterdir())


def test_what_a_killed_writer_left_goes(cache_folder: Path) -> None:
    put(named("a"), 5)
    part = leave_behind()
    put(named("b"), 5)
    assert not part.exists()
    part = leave_behind()
    folder.clear()
    assert not part.exists()


def test_what_somebody_writes_stays(cache_folder: Path) -> None:
    with folder.written(named("a")) as file:
        file.write(b"half")
        file.flush()
        put(named("b"), 5)
    assert (cache_folder / named("a")).read_bytes() == b"half"


def test_clear_leaves_nothing_half_written(cache_folder: Path) -> None:
    def write() -> None:
        with folder.written(named("a")):
            folder.clear()
            assert list(cache_folder.iterdir()) == []

    with pytest.raises(FileNotFoundError):
        write()
    assert list(cache_folder.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full"), SystemExit])
def test_whatever_ends_a_writer_nothing_is_left(
    error: BaseException | type[BaseException], cache_folder: Path
) -> None:
    before = put(named("a"), 5)

    def write() -> None:
        with folder.written(named("a")) as file:
            file.write(bytes(9))
            raise error

    with pytest.raises(BaseException, match=r"full|^$"):
        write()
    assert list(cache_folder.iterdir()) == [before]
    assert before.stat().st_size == 5


def test_clear_one(cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, _ = put(named(str(tmp_path / "y.pcap")), 5), put(named(str(tmp_path / "x.pcap")), 5)
    monkeypatch.chdir(tmp_path)
    assert [entry.size for entry in folder.entries(Path("x.pcap"))] == [5]
    assert len(folder.clear(Path("x.pcap"))) == 1
    assert folder.clear(Path("x.pcap")) == []
    assert list(cache_folder.iterdir()) == [kept]


def test_no_folder(cache_folder: Path) -> None:
    assert folder.entries() == folder.clear() == []
    assert not cache_folder.exists()


def test_whose_file_it_is(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(named("a"), 5)
    assert folder.mine(path)
    assert not folder.mine(cache_folder)
    assert not folder.mine(cache_folder / "nothing")
    (cache_folder / "link").symlink_to(path)
    assert not folder.mine(cache_folder / "link")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert not folder.mine(path)


def test_an_entry_that_does_not_say_what_it_is(cache_folder: Path) -> None:
    put(named("a"), 5)
    (entry,) = folder.entries()
    assert entry.capture() is None
