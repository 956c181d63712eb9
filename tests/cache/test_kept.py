"""The whole way: a capture read from the cache is the capture that tshark read."""

from __future__ import annotations

import json
import resource
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tcpwin as tw
from tcpwin.cache import Kept, kept
from tcpwin.errors import TcpwinWarning
from tcpwin.tshark import read_packets
from tests.cache.test_frames import assert_same
from tests.conftest import FIXTURES

CAPTURES = sorted(FIXTURES.glob("*.pcap*"))[::3]  # of some both ends, of all kinds some
SMALL = FIXTURES / "dead-reader.client.pcapng"


@contextmanager
def no_process() -> Iterator[None]:
    """Whoever starts one fails."""

    def fail(*command: Any, **_: Any) -> None:
        raise AssertionError(f"{command} is run")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", fail)
        yield


@contextmanager
def collected() -> Iterator[list[str]]:
    """The warnings of tcpwin."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said: list[str] = []
        yield said
        assert {one.category for one in caught} <= {TcpwinWarning}
        assert {one.filename for one in caught} <= {__file__}, "it points to who reads"
        said += [str(one.message) for one in caught]


def whole(capture: tw.Capture) -> dict[str, Any]:
    """Everything that a capture holds but its tables."""
    told = {one.name: getattr(capture, one.name) for one in fields(capture)}
    return {name: value for name, value in told.items() if name not in ("packets", "cache")}


def assert_read_alike(one: tw.Capture, two: tw.Capture) -> None:
    """All that comes from tshark; what is worked out is a function of it."""
    assert whole(one) == whole(two)
    assert_same(one.packets, two.packets)
    for ours, theirs in zip(one.look(), two.look(), strict=True):
        assert_same(ours, theirs)


def assert_equal(one: tw.Capture, two: tw.Capture) -> None:
    assert_read_alike(one, two)
    diagnoses = [json.dumps(capture.diagnose().to_dict()) for capture in (one, two)]
    assert diagnoses[0] == diagnoses[1]
    pd.testing.assert_frame_equal(one.streams, two.streams)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A capture of one's own, to be changed."""
    path = tmp_path / "x.pcapng"
    path.write_bytes(SMALL.read_bytes())
    return path


def of(path: Path) -> Kept:
    found = kept(path)
    assert found is not None
    return found


def files(folder: Path) -> set[str]:
    return {path.name.split(".", 1)[1] for path in folder.iterdir()}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name.partition(".pcap")[0])
def test_the_capture_is_the_same(path: Path, cache_folder: Path) -> None:
    with collected() as said:
        first = tw.read(path)
        first.look()
    with no_process(), collected() as said_again:
        assert_read_alike(tw.read(path), first)
    assert said_again == said == list(first.warnings)
    assert files(cache_folder) == {"packets.parquet", "http.parquet", "icmp.parquet"}


def test_every_tshark_has_its_own(tshark: Path, cache_folder: Path) -> None:
    first = tw.read(SMALL, tshark=tshark)
    first.look()
    with no_process():  # scripts were asked for the version before, in this process
        again = tw.read(SMALL, tshark=tshark)
        assert_equal(again, first)
    assert again.tshark_version == first.tshark_version


def test_warnings_come_again(copy: Path, cache_folder: Path) -> None:
    copy.write_bytes(SMALL.read_bytes()[:-50])
    with collected() as said:
        first = tw.read(copy)
    with no_process(), collected() as again:
        second = tw.read(copy)
    assert len(said) == 1
    assert again == said
    assert first.cut_short
    assert second.cut_short


OPTIONS: list[dict[str, Any]] = [
    {"display_filter": "tcp.stream == 0"},
    {"display_filter": "tcp.len > 0", "prefs": {"tcp.relative_sequence_numbers": "FALSE"}},
    {"decode_as": {"tcp.port==9": "http"}},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_are_told_apart(options: dict[str, Any], cache_folder: Path) -> None:
    plain = tw.read(SMALL)
    first = tw.read(SMALL, **options)
    first.look()
    with no_process():
        assert_equal(tw.read(SMALL, **options), first)
        assert_same(tw.read(SMALL).packets, plain.packets)
    assert_same(tw.read(SMALL, **options, cache=False).packets, first.packets)


def test_the_number_of_jobs_does_not_matter(cache_folder: Path) -> None:
    first = tw.read(SMALL, jobs=1)
    with no_process():
        assert_same(tw.read(SMALL, jobs=2).packets, first.packets)


def test_nothing_is_read_so_no_progress_is_shown(cache_folder: Path) -> None:
    seen: list[int] = []
    tw.read(SMALL, progress=lambda done, total: seen.append(done))
    assert seen
    seen.clear()
    tw.read(SMALL, progress=lambda done, total: seen.append(done))
    assert seen == []


def test_it_can_be_switched_off(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tw.read(SMALL, cache=False).diagnose()
    assert not cache_folder.exists()
    monkeypatch.setenv("TCPWIN_CACHE_SIZE", "0")
    tw.read(SMALL).diagnose()
    assert not cache_folder.exists()


def test_not_taken_when_switched_off(cache_folder: Path) -> None:
    tw.read(SMALL).look()
    with no_process(), pytest.raises(AssertionError, match="is run"):
        tw.read(SMALL, cache=False)


def test_a_capture_that_changes_is_read_again(copy: Path, cache_folder: Path) -> None:
    before = tw.read(copy)
    copy.write_bytes(CAPTURES[0].read_bytes())
    after = tw.read(copy)
    assert len(after.packets) != len(before.packets)
    assert files(cache_folder) == {"packets.parquet"}, "what it was before is gone"


def test_a_capture_that_changes_while_it_is_read_is_not_kept(
    copy: Path, cache_folder: Path
) -> None:
    def grow(*_: int) -> None:
        with copy.open("ab") as file:
            file.write(bytes(1))

    with collected():
        tw.read(copy, progress=grow)
    assert not cache_folder.exists()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    pages = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # then comes the footer
    for at in range(pages // 2, pages // 2 + 40):
        data[at] ^= 1
    path.write_bytes(data)


def replace_by_text(path: Path) -> None:
    path.write_text("not what it was")


def replace_by_another(path: Path) -> None:
    tw.read(CAPTURES[0])
    (other,) = [one for one in path.parent.glob("*.packets.parquet") if one != path]
    other.rename(path)


def replace_by_link(path: Path) -> None:
    target = path.rename(path.parent / "elsewhere")
    path.symlink_to(target)


DAMAGES = [cut, flip, replace_by_text, replace_by_another, replace_by_link]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_is_damaged_or_foreign_is_made_again(
    damage: Callable[[Path], None], cache_folder: Path
) -> None:
    first = tw.read(SMALL)
    (path,) = cache_folder.iterdir()
    damage(path)
    assert of(SMALL).reading() is None
    with collected() as said:
        assert_same(tw.read(SMALL).packets, first.packets)
    assert said == []
    with no_process():
        assert_same(tw.read(SMALL).packets, first.packets)


def test_half_a_second_look_is_none(cache_folder: Path) -> None:
    first = tw.read(SMALL)
    look = first.look()
    next(cache_folder.glob("*.icmp.parquet")).unlink()
    for ours, theirs in zip(tw.read(SMALL).look(), look, strict=True):
        assert_same(ours, theirs)
    assert next(cache_folder.glob("*.icmp.parquet"))


def test_a_folder_that_cannot_be_made(
    tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TCPWIN_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with collected() as said:
        capture = tw.read(SMALL)
    assert len(capture.packets)
    assert capture.warnings == (), "nothing is wrong with what was read"
    assert len(said) == 1
    assert "TCPWIN_CACHE_DIR" in said[0]
    assert said[0].isprintable()


def test_a_disk_that_is_full(cache_folder: Path) -> None:
    """What the system refuses to write; a full disk looks the same but for the number."""
    reading = read_packets(SMALL)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.warns(TcpwinWarning, match="not kept in .*File too large"):
            of(SMALL).keep_reading(reading)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(cache_folder.iterdir()) == []
