"""tcptrace's counts against ours on captures of real networks, where it is there.

Where the two differ otherwise, tcptrace is wrong, or means something else:

- it counts SYNs and FINs sent again among the data packets;
- it calls whatever fills a hole "out of order", retransmissions by the sender too: so only
  the sum of both kinds can be compared;
- it takes packets that were captured twice for retransmissions;
- it measures an ACK by the segment that ends where it points: of merged segments it measures
  one ACK in many; and it measures ACKs that a filled hole released (SACK came first);
- its duplicate ACKs need neither outstanding data nor an unchanged window;
- it scales windows by SYN only, and takes those of RSTs for windows.
"""

import csv
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.loss import AGAIN, LATE
from tcpwin.analysis.segments import FIN, RST, SYN
from tests.analysis import build

pytestmark = pytest.mark.skipif(not shutil.which("tcptrace"), reason="tcptrace is not there")

# What was cut while it was captured: the lengths in the headers are not those sent.
CUT = {"long_rtt.dmp.gz", "fast_reuse.dmp.gz"}
Ends = tuple[str, str, str, str]


def tcptrace(path: Path) -> dict[Ends, list[dict[str, str]]]:
    command = ["tcptrace", "-nlr", "--csv", str(path)]
    output = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("#")]
    result: dict[Ends, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(lines, skipinitialspace=True):
        row = {name: value.strip() for name, value in row.items() if name and value}
        result[row["host_a"], row["port_a"], row["host_b"], row["port_b"]].append(row)
    return result


@pytest.mark.parametrize("path", build.PUBLIC, ids=lambda path: path.name)
def test_counts(path: Path) -> None:
    if path.name in CUT:
        pytest.skip("lengths are cut")
    theirs = tcptrace(path)
    facts = Facts(build.read(path))
    if facts.twins.any():
        pytest.skip("tcptrace takes copies for retransmissions")
    segments = facts.segments
    for group, start in enumerate(segments.groups.starts):
        row = facts.packets.iloc[segments.order[start]]
        ends = (str(row["src"]), str(row["src_port"]), str(row["dst"]), str(row["dst_port"]))
        found = [(rows, "a2b") for rows in theirs.get(ends, [])]
        found += [(rows, "b2a") for rows in theirs.get((*ends[2:], *ends[:2]), [])]
        if len(found) != 1:
            continue  # the same ports again
        values, first_side = found[0]
        first_flow = 0 if segments.from_client[start] else 1
        rows = np.flatnonzero(segments.groups.ids == group)
        for flow in (0, 1):
            side = first_side if flow == first_flow else {"a2b": "b2a", "b2a": "a2b"}[first_side]
            compare(facts, flow, rows, values, side)


def compare(facts: Facts, flow: int, rows: np.ndarray, values: dict[str, str], side: str) -> None:
    segments, loss, state = facts.segments, facts.losses[flow], facts.states[flow]
    steps = state.steps

    def theirs(name: str) -> float:
        value = values.get(f"{name}_{side}", "0")
        return float(value) if value not in ("", "NA") else 0.0

    sends = steps.sends[rows]
    repeats = sends & (segments.seq[rows] < steps.sent_before[rows])
    control = repeats & (segments.has(SYN) | segments.has(FIN) | segments.has(RST))[rows]
    pokes = loss.poke[rows] | control | (repeats & ~segments.fits[rows])
    kind = loss.kind[rows]
    ahead = loss.holes[rows] & ~loss.data[rows]
    if not pokes.any() and not ahead.any():
        again = theirs("rexmt_data_pkts") + theirs("outoforder_pkts")
        assert np.isin(kind, (AGAIN, LATE)).sum() == again

    zero = steps.acks[rows] & (segments.window[rows] == 0)
    other = "b2a" if side == "a2b" else "a2b"
    if not segments.has(RST)[rows].any():
        assert zero.sum() == float(values[f"zero_win_adv_{other}"])

    group = segments.groups.ids[rows[0]]
    merged = segments.length[rows][sends].max(initial=0) > facts.mss[flow][group]
    clean = not repeats.any() and not merged and not (state.sacked[rows] > 0).any()
    holes = sends & segments.fits[rows] & (segments.seq[rows] > steps.sent_before[rows])
    if clean and not holes.any() and (steps.sends & segments.has(SYN))[rows].any():
        sample = facts.rtts[flow].sample_ns[rows]
        ms = sample[sample > UNKNOWN] / 1e6
        assert len(ms) == theirs("RTT_samples")
        if len(ms):
            got = [ms.min(), ms.max(), ms.mean()]
            expected = [theirs(f"RTT_{name}") for name in ("min", "max", "avg")]
            assert got == pytest.approx(expected, abs=0.11)
