"""tshark's bytes_in_flight against nxt - una; each kind of deviation has its reason.

tshark measures from the lowest to the highest byte among the segments it saw and holds for
unacknowledged, less the SACK blocks of the newest ACK. So it differs, and is wrong,

- before the first ACK: it takes the first segment seen for the oldest outstanding one;
- above a hole in the capture: the missing bytes are not counted though they were sent;
- after a D-SACK: it subtracts the duplicate, which lies below una;
- after a segment was sent again that had been acknowledged: it counts that one as in flight
  until the next ACK;
- with FIN or a SYN that was captured late: it counts these as bytes or not at all;
- after a reset, which it takes for an acknowledgement.
"""

from pathlib import Path

import numpy as np
import pytest

from tcpwin.analysis.grouped import NEVER, UNKNOWN
from tcpwin.analysis.segments import FIN, RST, SYN, prepare
from tcpwin.analysis.state import State
from tests.analysis import build


@pytest.mark.parametrize("path", build.ALL, ids=lambda path: path.name)
def test_bytes_in_flight(path: Path) -> None:
    segments = prepare(build.read(path))
    groups = segments.groups
    theirs = segments.column("bytes_in_flight", -1)
    for flow in (0, 1):
        state = State(segments, flow)
        steps = state.steps
        applies = steps.sends & (theirs >= 0) & (steps.una > UNKNOWN)

        hole = steps.sends & segments.fits & (segments.seq > steps.sent_before)
        applies &= groups.cummax(np.where(hole, segments.seq, UNKNOWN)) <= steps.una

        dsack = np.zeros(len(segments.frame), bool)
        dsack[state.blocks["row"].to_numpy()[state.blocks["dsack"].to_numpy()]] = True
        newest = groups.last(steps.acks)
        applies &= ~np.where(newest != NEVER, dsack[newest], False)

        acknowledged = steps.sends & (segments.end > segments.seq) & (segments.seq < steps.una)
        applies &= groups.last(acknowledged) <= newest

        late = segments.has(FIN) | (segments.has(SYN) & (steps.una > segments.seq))
        applies &= groups.last(steps.sends & late) == NEVER

        applies &= groups.last(segments.has(RST)) == NEVER

        without_sack = applies & (state.sacked == 0)
        ours = steps.nxt - steps.una
        wrong = without_sack & (ours != theirs)
        assert segments.frame[wrong].tolist() == []
        # With SACK tshark knows the newest blocks only, we know all that was ever reported.
        assert (state.flight <= theirs)[applies & ~without_sack].all()
