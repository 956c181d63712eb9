import pandas as pd
import pytest

from tcpwin.model import Flow, Stream
from tcpwin.schema.flows import FLOWS, STALLS
from tests.schema.kept import broken_promises, capture

# Retransmissions and SACK blocks, a closed window with probes, nothing but SYNs.
CAPTURES = ["policer.server.pcapng.gz", "dead-reader.server.pcapng", "syn-unanswered.client.pcapng"]


@pytest.mark.parametrize("table", FLOWS)
@pytest.mark.parametrize("name", CAPTURES)
def test_flows_have_the_declared_columns(name: str, table: str) -> None:
    stream: Stream = capture(name).stream(0)
    for flow in stream.flows:
        assert broken_promises(getattr(flow, table)(), FLOWS[table]) == []


def test_every_table_of_a_flow_is_declared() -> None:
    flow = capture(CAPTURES[1]).stream(0).flow("server->client")
    methods = [name for name in vars(Flow) if not name.startswith(("_", "plot_"))]
    tables = [m for m in methods if callable(getattr(flow, m)) and m != "parts"]
    found = {name for name in tables if isinstance(getattr(flow, name)(), pd.DataFrame)}
    assert found == set(FLOWS)


def test_a_broken_promise_is_seen() -> None:
    stalls = capture(CAPTURES[1]).stream(0).flow("server->client").stalls()
    assert len(stalls) == 1
    assert broken_promises(stalls.drop(columns="open"), STALLS) == ["open is missing"]
    assert broken_promises(stalls.assign(new=1), STALLS) == ["new is not declared"]
    wrong = stalls.assign(number=stalls["number"].astype(float))
    assert broken_promises(wrong, STALLS) == ["number is float64, not int64"]
