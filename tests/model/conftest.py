import pytest

from tcpwin.model import Capture, Flow, Stream, read
from tests.conftest import FIXTURES


@pytest.fixture(scope="session")
def capture() -> Capture:
    """Three streams, the first of which stops at 99 %."""
    return read(FIXTURES / "handmade-99-percent.pcapng.gz")


@pytest.fixture
def stream(capture: Capture) -> Stream:
    return capture.stream(0)


@pytest.fixture
def flow(stream: Stream) -> Flow:
    return stream.flow("server->client")
