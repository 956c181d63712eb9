"""`python -m tests.bench` runs, and judges as it should; how fast things are is not asked here."""

from pathlib import Path

import pytest

from tcpwin.tshark import read_packets
from tests.bench import __main__, table
from tests.bench.captures import CAPTURES, write
from tests.bench.programs import (
    ABOUT,
    ALL,
    CACHED,
    FIELDS,
    ONE,
    PYSHARK,
    TCPTRACE,
    VALUES,
    Skipped,
    tcptrace,
)
from tests.bench.table import Row


@pytest.mark.filterwarnings("ignore")  # pyshark's, and matplotlib's of ticks in a short flow
def test_everything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "table.md"
    sizes = ["--packets=400", "--part=40", "--repeat=1", "--captures=gz"]
    __main__.main([*sizes, "-o", str(target)])
    text = target.read_text("utf-8")
    assert text == capsys.readouterr().out
    lines = text.splitlines()
    names = [line.split(" | ")[1] for line in lines if line.startswith(("| gz", "|  |"))]
    assert names == list(ABOUT)
    assert "not judged" in text  # 400 packets are no measure
    assert "peak memory of Python in tw.read of 2,000 packets" in text
    assert "1,000 packets in 50 streams" in text
    assert "chart `overview` of a flow of 1,000 packets" in text


@pytest.mark.parametrize("name", CAPTURES)
def test_captures_are_what_they_are_called(name: str, tshark: Path, tmp_path: Path) -> None:
    make, ending = CAPTURES[name]
    packets = make(8_000)
    assert len(packets) == 8_000
    write(tmp_path / f"x{ending}", packets)
    reading = read_packets(tmp_path / f"x{ending}", tshark=tshark)
    found = reading.packets
    assert len(found) == (4_000 if name == "mixed" else 8_000)
    assert found["stream"].nunique() == (1_000 if name == "short" else 40)
    assert reading.warnings == ()


def rows(**seconds: float) -> list[Row]:
    names = {
        "one": ONE,
        "all": ALL,
        "cached": CACHED,
        "fields": FIELDS,
        "pyshark": PYSHARK,
        "values": VALUES,
    }
    taken = {names[key]: value for key, value in seconds.items()}
    return [Row("bulk", name, 100, [value, value * 9, value / 9]) for name, value in taken.items()]


def test_promises_are_kept_or_not() -> None:
    good = rows(one=4.8, all=2.8, cached=0.08, fields=10.0, pyshark=300.0, values=300.0)
    assert table.promises(good, cores=2).count(": kept (bulk 0.") == len(table.PROMISES)
    bad = rows(one=4.9, all=2.9, cached=0.09, fields=10.0, pyshark=170.0, values=170.0)
    assert table.promises(bad, cores=2).count(": NOT KEPT (**bulk 0.") == len(table.PROMISES)


def test_a_promise_for_two_cores_is_for_two() -> None:
    text = table.promises(rows(all=9.0, fields=10.0), cores=4)
    assert text.endswith("on 2 cores: not judged on 4")


def test_what_does_not_take_part_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = table.timings([Row("bulk", TCPTRACE, 100, skipped="cannot read it")])
    assert "| bulk | tcptrace | 100 | cannot read it | – |" in text
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skipped, match="not installed"):
        tcptrace(tmp_path / "x.pcap")
