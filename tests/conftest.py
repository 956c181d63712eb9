"""What every test can rely on: the fixtures, each tshark at hand, nothing left in the home."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import matplotlib
import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"

REMEDY = (
    "no usable tshark: {}. `make test` installs one where it can; otherwise install tshark 3.6 or "
    "newer, or name executables, separated by colons, in TCPWIN_TSHARKS."
)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started with & or nohup: children would
    signal.signal(signal.SIGINT, signal.default_int_handler)  # inherit a deafness for Ctrl-C

matplotlib.use("Agg")
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def find_tsharks() -> list[str]:
    """The tshark on PATH, then those of TCPWIN_TSHARKS."""
    named = os.environ.get("TCPWIN_TSHARKS", "").split(os.pathsep)
    return list(dict.fromkeys(filter(None, [shutil.which("tshark"), *named])))


@pytest.fixture(scope="session", params=find_tsharks() or [None], ids=str)
def tshark(request: pytest.FixtureRequest) -> Path:
    """Each tshark at hand, one after the other; a test without one fails rather than be skipped."""
    if request.param is None:
        pytest.fail(REMEDY.format("none on PATH"), pytrace=False)
    try:
        subprocess.run([request.param, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.fail(REMEDY.format(error), pytrace=False)
    return Path(request.param)


@pytest.fixture(scope="session", autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache folder, for the whole run, is an empty one that goes away.

    tcpwin keeps nothing there: a test about reading is to run tshark, whatever was read before.
    """
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("TCPWIN_CACHE_DIR", str(folder / "tcpwin"))
        patch.setenv("TCPWIN_CACHE_SIZE", "0")
        yield folder


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and tcpwin keeps there what it reads."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TCPWIN_CACHE_DIR", str(folder))
    monkeypatch.delenv("TCPWIN_CACHE_SIZE")
    return folder
