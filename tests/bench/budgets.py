"""What is promised in seconds and bytes, not beside another program."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes

import tcpwin as tw
from tcpwin.errors import TcpwinWarning
from tests.bench.captures import bulk, short, write
from tests.bench.table import markdown, verdict

STREAM_SEGMENTS = 9  # in streams of 20 packets: a million of these are 50,000 streams
CHARTS: Final = ("window", "flight", "acks", "sequence", "rtt", "throughput", "limits")

# The peak of this process alone. `ru_maxrss` begins with that of the process that started it on
# Linux, which has a better number.
PEAK: Final = """
import sys
import tcpwin as tw
capture = tw.read(sys.argv[1], tshark=sys.argv[2], cache=False, progress=False)
try:
    with open("/proc/self/status") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024
except OSError:
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(len(capture.packets), peak)
"""
IMPORT: Final = """
import time
begin = time.perf_counter()
import tcpwin
print(time.perf_counter() - begin)
"""


@dataclass(frozen=True)
class Budget:
    """A promise and what was measured."""

    what: str
    measured: float
    most: float
    unit: str

    def cells(self) -> list[str]:
        """For the table."""
        kept = verdict(self.measured <= self.most)
        amounts = [f"{value:.3g} {self.unit}".strip() for value in (self.measured, self.most)]
        return [self.what, *amounts, kept]


def table(found: list[Budget]) -> str:
    """One line each."""
    head = ("what", "measured", "at most", "")
    return markdown(head, [budget.cells() for budget in found], 3)


def budgets(folder: Path, tshark: str, packets: int, repeat: int) -> Iterator[Budget]:
    """All of them; captures of five times and of two and a half times `packets`."""
    yield peak_memory(folder / "memory.pcap", tshark, packets * 5)
    yield importing(repeat)
    yield helping(repeat)
    yield streams_table(folder / "streams.pcap", tshark, packets * 5 // 2, repeat)
    yield from charts(folder / "flow.pcap", tshark, packets * 5 // 2, repeat)


def peak_memory(path: Path, tshark: str, packets: int) -> Budget:
    """Of the Python that reads, its tsharks not counted."""
    write(path, bulk(packets))
    count, peak = map(int, child("-c", PEAK, str(path), tshark).split())
    path.unlink()
    return Budget(f"peak memory of Python in tw.read of {count:,} packets", peak / 1e9, 1.2, "GB")


def importing(repeat: int) -> Budget:
    """In a new Python, of which the start is not counted."""
    taken = [float(child("-c", IMPORT)) for _ in range(repeat + 1)][1:]  # the first: cold files
    return Budget("`import tcpwin`", statistics.median(taken), 0.05, "s")


def helping(repeat: int) -> Budget:
    """What tcpwin adds to the start of Python."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(repeat + 1):
        for ours, words in ((True, ("-m", "tcpwin", "--help")), (False, ("-c", "pass"))):
            begin = time.perf_counter()
            child(*words)
            taken[ours].append(time.perf_counter() - begin)
    more = statistics.median(taken[True][1:]) - statistics.median(taken[False][1:])
    return Budget("`python -m tcpwin --help` over `python -c pass`", more, 0.25, "s")


def streams_table(path: Path, tshark: str, packets: int, repeat: int) -> Budget:
    """`Capture.streams` of many streams, in parts of the time of reading them with one job."""
    write(path, short(packets, STREAM_SEGMENTS))
    ratios = []
    for _ in range(repeat):
        begin = time.perf_counter()
        capture = quiet_read(path, tshark)
        read = time.perf_counter()
        count = len(capture.streams)
        ratios.append((time.perf_counter() - read) / (read - begin))
    what = f"streams table of {len(capture.packets):,} packets in {count:,} streams, reading = 1"
    return Budget(what, statistics.median(ratios), 0.5, "")


def charts(path: Path, tshark: str, packets: int, repeat: int) -> Iterator[Budget]:
    """Each chart of one flow, from what is known of it to pixels."""
    write(path, bulk(packets, streams=1))
    capture = quiet_read(path, tshark)
    stream = capture.stream(0)
    flow = stream.flow("server->client")
    flow.parts()  # the analysis, which all charts share
    draw: dict[str, Callable[[], Any]] = {name: getattr(flow, f"plot_{name}") for name in CHARTS}
    for name, chart in {**draw, "overview": stream.plot_overview}.items():
        pixels(chart())  # matplotlib's own first time
        taken = []
        for _ in range(repeat):
            begin = time.perf_counter()
            pixels(chart())
            taken.append(time.perf_counter() - begin)
        what = f"chart `{name}` of a flow of {len(capture.packets):,} packets"
        yield Budget(what, statistics.median(taken), 2.0, "s")


def pixels(chart: Any) -> None:
    """Draw to the end."""
    (chart.figure if isinstance(chart, Axes) else chart).canvas.draw()


def quiet_read(path: Path, tshark: str) -> tw.Capture:
    """With one job, and no word about what is odd in a capture made here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TcpwinWarning)
        return tw.read(path, tshark=tshark, jobs=1, cache=False, progress=False)


def child(*words: str) -> str:
    """What a new Python prints."""
    return subprocess.run(
        [sys.executable, *words], capture_output=True, check=True, text=True
    ).stdout
