import pytest

from tcpwin import schema
from tests.schema.kept import broken_promises, capture


@pytest.mark.parametrize("name", ["many-streams.client.pcapng.gz", "syn-unanswered.client.pcapng"])
def test_streams_have_the_declared_columns(name: str) -> None:
    assert broken_promises(capture(name).streams, schema.STREAMS) == []
