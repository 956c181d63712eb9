from pathlib import Path

import pytest

from tcpwin.model import Capture, read

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture(scope="session")
def capture() -> Capture:
    """One stream; the server sends until the client's window is closed for good."""
    return read(FIXTURES / "dead-reader.client.pcapng")


@pytest.fixture(scope="session")
def slow() -> Capture:
    """One stream that stands five times, each time until the client has read on."""
    return read(FIXTURES / "slow-reader.client.pcapng.gz")


@pytest.fixture(scope="session")
def half() -> Capture:
    """Stream 0 stops at 99 %, two short ones are healthy."""
    return read(FIXTURES / "handmade-99-percent.pcapng.gz")
