import io
import sys
from types import SimpleNamespace

import IPython.display  # noqa: F401, is patched
import pytest

import tcpwin.progress
from tcpwin.progress import shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody watches: standard error is a terminal. (pytest replaces it after fixtures.)"""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_ones_own_callback_is_handed_on() -> None:
    def mine(done: int, total: int) -> None: ...

    with shown(mine, "reading") as callback:
        assert callback is mine


def test_nothing_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    for wish in (None, True, False):
        with shown(wish, "reading") as callback:
            assert callback is None


def test_never_when_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with shown(False, "reading") as callback:
        assert callback is None
    assert terminal.getvalue() == ""


def test_quick_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with shown(None, "reading") as callback:
        assert callback is not None
        callback(1, 2)
        callback(2, 2)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("wish", [None, True])
def test_slow_work_shows_a_bar(wish: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(tcpwin.progress, "PATIENCE_S", -1)
    with shown(wish, "reading x.pcapng") as callback:
        assert callback is not None
        callback(1, 2)
        callback(2, 2)
    assert "reading x.pcapng" in terminal.getvalue()


def test_the_bar_goes_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(tcpwin.progress, "PATIENCE_S", -1)

    def fail() -> None:
        with shown(None, "reading") as callback:
            assert callback is not None
            callback(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert terminal.getvalue().endswith("\x1b[2K") or "\x1b[?25h" in terminal.getvalue()


class Display:
    """Stands for IPython's display of one cell: remembers the pages that were shown."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def display(self, page: dict[str, str], **_: bool) -> "Display":
        self.pages.append(page["text/html"])
        return self

    update = display


@pytest.fixture
def jupyter(monkeypatch: pytest.MonkeyPatch) -> Display:
    display = Display()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=None))
    monkeypatch.setattr("IPython.display.display", display.display)
    return display


def test_quick_work_in_jupyter_shows_no_bar(jupyter: Display) -> None:
    with shown(None, "reading") as callback:
        assert callback is not None
        callback(1, 2)
    assert jupyter.pages == []


def test_slow_work_in_jupyter_shows_a_bar_that_goes(
    jupyter: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcpwin.progress, "PATIENCE_S", -1)
    with shown(None, "reading <x>") as callback:
        assert callback is not None
        callback(1, 2)
        callback(2, 2)  # too soon after the first to be drawn
    assert [bool(page) for page in jupyter.pages] == [False, True, False]
    assert "reading &lt;x&gt;" in jupyter.pages[1]
    assert 'value="1" max="2"' in jupyter.pages[1]


def test_the_bar_in_jupyter_needs_no_further_package(
    jupyter: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcpwin.progress, "PATIENCE_S", -1)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # rich would warn: an error here
    with shown(None, "reading") as callback:
        assert callback is not None
        callback(0, 0)
    assert jupyter.pages[-1] == ""
