import os
import re
import subprocess
from pathlib import Path

import pytest

import tcpwin as tw
from tcpwin.tshark.command import PINNED
from tcpwin.wireshark import annotate
from tcpwin.wireshark.profile import BUTTONS, COLOURS, profile, write
from tests.conftest import FIXTURES

CAPTURE = FIXTURES / "handmade-dead-reader.pcapng"
NOISE = ("Running as user", "This could be dangerous")


def run(tshark: Path, config: Path, *options: str) -> tuple[str, list[str]]:
    """What tshark prints of the capture with the profile, and what it complains of."""
    command = [str(tshark), "-C", "own", "-n", "-r", str(CAPTURE), *options]
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": str(config)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if line and not line.startswith(NOISE)]
    return done.stdout, errors + ([f"exit {done.returncode}"] if done.returncode else [])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config" / "profiles" / "own"
    folder.mkdir(parents=True)
    assert write(folder) == ["preferences", "colorfilters", "dfilter_buttons"]
    return tmp_path / "config"


def test_it_loads_without_a_complaint(tshark: Path, config: Path) -> None:
    shown, complaints = run(tshark, config, "--color")
    assert complaints == []
    assert len(shown.splitlines()) == 8


def test_its_columns_are_shown(tshark: Path, config: Path) -> None:
    fields = ("-T", "fields", "-e", "_ws.col.Window", "-e", "_ws.col.Stream")
    version = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True)
    if re.search(r"4\.[2-9]", version.stdout.splitlines()[0]):
        fields = ("-T", "tabs")
    shown, complaints = run(tshark, config, *fields)
    assert complaints == []
    assert all("8760" in line or "0" in line.split("\t") for line in shown.splitlines())
    assert any("8760" in line for line in shown.splitlines())


def test_its_preferences_are_taken(tshark: Path, config: Path) -> None:
    path = config / "profiles" / "own" / "preferences"
    text = path.read_text()
    assert "summary_in_tree" not in text  # people look at the details
    values = {name: value for name, value in PINNED.items() if "summary_in_tree" not in name}
    assert all(f"\n{name}: {value}\n" in text for name, value in values.items())
    path.write_text(text.replace("tcp.relative_sequence_numbers: TRUE",
                                 "tcp.relative_sequence_numbers: FALSE"))  # fmt: skip
    own, _ = run(tshark, config, "-T", "fields", "-e", "tcp.seq")
    write(path.parent)
    assert own != run(tshark, config, "-T", "fields", "-e", "tcp.seq")[0]


def test_a_complaint_would_be_seen(tshark: Path, config: Path) -> None:
    rules = config / "profiles" / "own" / "colorfilters"
    rules.write_text(rules.read_text() + "@bad@no.such.field == 1@[1,1,1][2,2,2]\n")
    assert "bad" in " ".join(run(tshark, config, "--color")[1])


@pytest.mark.parametrize("rule", sorted({rule for _, rule, *_ in (*COLOURS, *BUTTONS)}))
def test_every_filter_compiles(tshark: Path, tmp_path: Path, rule: str) -> None:
    command = [str(tshark), "-n", "-r", str(CAPTURE), "-Y", rule]
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_buttons_find_comments_and_not_mere_states(tshark: Path, tmp_path: Path) -> None:
    path = tmp_path / "commented.pcapng"
    with path.open("wb") as file:
        annotate(tw.read(CAPTURE), file, every_packet=True)
    rules = {label: rule for label, rule, _ in BUTTONS}
    expected = {"tcpwin": [1, 2, 3, 5, 7, 8], "stalls": [1, 8], "losses": [],
                "windows": [1, 2, 3, 5, 7, 8], "frame.comment": [*range(1, 9)]}  # fmt: skip
    for label, frames in expected.items():
        command = [tshark, "-n", "-r", path, "-Y", rules.get(label, label), "-T", "fields"]
        command += ["-e", "frame.number"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert [int(number) for number in shown.split()] == frames, label


def test_the_lines_have_their_form() -> None:
    files = profile()
    colour = re.compile(r"@[^@]+@[^@]+@(\[\d{1,5},\d{1,5},\d{1,5}\]){2}")
    lines = files["colorfilters"].splitlines()
    assert len(lines) == len(COLOURS)
    assert all(colour.fullmatch(line) for line in lines)
    button = re.compile(r'"TRUE"(,"[^"]+"){3}')
    lines = files["dfilter_buttons"].splitlines()
    assert len(lines) == len(BUTTONS)
    assert all(button.fullmatch(line) for line in lines)
    assert all(rule.replace('"', "\\x22") in files["dfilter_buttons"] for _, rule, _ in BUTTONS)
