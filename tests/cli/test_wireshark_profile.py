from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from tcpwin.wireshark.profile import profile

Run = Callable[..., Result]


def test_a_profile(run: Run, here: Path) -> None:
    result = run("wireshark-profile", "profiles/tcpwin")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout == ("Wrote profiles/tcpwin (preferences, colorfilters, dfilter_buttons)\n")
    written = {path.name: path.read_text() for path in Path("profiles/tcpwin").iterdir()}
    assert written == profile()


def test_what_is_there_needs_force_and_what_is_foreign_stays(run: Run, here: Path) -> None:
    folder = Path("tcpwin")
    folder.mkdir()
    (folder / "preferences").write_text("mine")
    (folder / "recent").write_text("Wireshark's")
    result = run("wireshark-profile", folder)
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert result.stderr.count("\n") == 1
    assert (folder / "preferences").read_text() == "mine"
    assert run("wireshark-profile", folder, "--force").exit_code == 0
    assert (folder / "preferences").read_text() == profile()["preferences"]
    assert (folder / "recent").read_text() == "Wireshark's"


def test_a_file_in_the_way(run: Run, here: Path) -> None:
    Path("file").touch()
    for folder in ("file", "file/tcpwin"):
        result = run("wireshark-profile", folder)
        assert result.exit_code == 1
        assert "cannot write" in result.stderr
        assert result.stderr.count("\n") == 1
