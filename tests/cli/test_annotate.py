import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.wireshark.fields import comments, differing, packets

Run = Callable[..., Result]


def test_a_capture_with_comments(run: Run, troubled: Path, tshark: Path) -> None:
    result = run("annotate", troubled, "out.pcapng")
    assert result.stderr == ""
    assert result.exit_code == 0
    told = comments(tshark, Path("out.pcapng"))
    count = sum(map(len, told.values()))
    assert result.stdout == f"Wrote out.pcapng ({count} comments on {len(told)} packets)\n"
    assert any("zero-window begins" in text for texts in told.values() for text in texts)
    before, after = (list(packets(tshark, path)) for path in (troubled, Path("out.pcapng")))
    assert differing(before, after) == []


def test_every_packet_of_one_stream(run: Run, troubled: Path, tshark: Path) -> None:
    result = run("annotate", troubled, "out.pcapng", "--stream", "2", "--every-packet")
    assert result.exit_code == 0
    told = comments(tshark, Path("out.pcapng"))
    command = [tshark, "-n", "-r", troubled, "-Y", "tcp.stream == 2", "-T", "fields", "-e",
               "frame.number"]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [*told] == [int(number) for number in shown.split()]
    assert all("tcpwin: state client->server: " in "".join(texts) for texts in told.values())


def test_gzip_in_and_out(run: Run, troubled: Path) -> None:
    assert run("annotate", troubled, "plain.pcapng").exit_code == 0
    Path("t.pcapng.gz").write_bytes(gzip.compress(troubled.read_bytes()))
    assert run("annotate", "t.pcapng.gz", "packed.pcapng.gz").exit_code == 0
    packed = Path("packed.pcapng.gz").read_bytes()
    assert gzip.decompress(packed) == Path("plain.pcapng").read_bytes()


@pytest.mark.parametrize("name", ["out.pcap", "out", "out.pcapng.zst"])
def test_another_suffix_is_a_usage_error(run: Run, capture: Path, here: Path, name: str) -> None:
    result = run("annotate", capture, name)
    assert result.exit_code == 2
    assert "OUT has to end in .pcapng or .pcapng.gz" in result.stderr
    assert [path.name for path in here.iterdir()] == ["x.pcapng"]


def one_line(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("name", ["x.pcapng", "../here/x.pcapng", "soft.pcapng", "hard.pcapng"])
def test_the_capture_itself_is_never_overwritten(
    run: Run, capture: Path, capture_bytes: bytes, name: str
) -> None:
    Path("soft.pcapng").symlink_to("x.pcapng")
    os.link("x.pcapng", "hard.pcapng")
    assert "is the capture itself" in one_line(run("annotate", capture, name, "--force"))
    assert capture.read_bytes() == capture_bytes


def test_an_output_that_cannot_be(run: Run, capture: Path, here: Path) -> None:
    Path("mine.pcapng").write_text("mine")
    Path("folder.pcapng").mkdir()
    assert "--force" in one_line(run("annotate", capture, "mine.pcapng"))
    assert "name a file" in one_line(run("annotate", capture, "folder.pcapng", "--force"))
    assert "cannot write" in one_line(run("annotate", capture, "mine.pcapng/out.pcapng"))
    assert "no stream of x.pcapng matches" in one_line(
        run("annotate", capture, "o.pcapng", "--stream", "7")
    )
    assert sorted(path.name for path in here.iterdir()) == [
        "folder.pcapng", "mine.pcapng", "x.pcapng",
    ]  # fmt: skip
    assert Path("mine.pcapng").read_text() == "mine"
    assert run("annotate", capture, "new/folder/out.pcapng").exit_code == 0


def test_a_capture_in_a_pipe(run: Run, here: Path) -> None:
    os.mkfifo("pipe.pcapng")
    one_line(run("annotate", "pipe.pcapng", "out.pcapng"))


@pytest.mark.parametrize("place", ["wireshark.blocks.Copy._commented", "tshark.convert.pieces_of"])
def test_interrupted_nothing_is_half_written(
    run: Run, troubled: Path, here: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"tcpwin.{place}", interrupt)
    Path("old.pcapng").write_text("old")
    for target in ("out.pcapng", "old.pcapng"):
        result = run("annotate", troubled, target, "--force")
        assert result.exit_code == 130
    assert sorted(path.name for path in here.iterdir()) == ["old.pcapng", "t.pcapng"]
    assert Path("old.pcapng").read_text() == "old"
