from pathlib import Path

import pytest
from tcpwin.model import Capture, read

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture(scope="session")
def capture() -> Capture:
    """One stream; the server sends until the client's window is closed for good."""
    return read(FIXTURES / "dead-reader.client.pcapng")
