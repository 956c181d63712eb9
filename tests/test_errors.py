import inspect

import pytest

from tcpwin import errors

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
ERRORS = [kind for kind in CLASSES if not issubclass(kind, Warning)]


@pytest.mark.parametrize("kind", ERRORS)
def test_one_except_catches_every_error(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.TcpwinError)
    assert not issubclass(kind, (OSError, ValueError))
    assert str(kind("what: remedy")) == "what: remedy"
    assert inspect.getdoc(kind)


def test_a_stream_that_is_not_there_is_a_lookup_that_failed() -> None:
    assert issubclass(errors.StreamNotFoundError, LookupError)


def test_what_is_doubtful_can_be_made_an_error_or_silent() -> None:
    assert issubclass(errors.TcpwinWarning, UserWarning)
