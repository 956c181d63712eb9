import pytest

from tcpwin import schema
from tests.schema.kept import broken_promises, capture


@pytest.mark.parametrize("name", ["many-streams.client.pcapng.gz", "syn-unanswered.client.pcapng"])
def test_state_and_packets_have_the_declared_columns(name: str) -> None:
    assert broken_promises(capture(name).packets, schema.COLUMNS) == []
    assert broken_promises(capture(name).state, schema.STATE) == []
