from pathlib import Path

import pytest

from tcpwin.errors import CaptureError, TsharkError
from tcpwin.tshark.complaints import check_run, reason

FILE = Path("folder") / "x\n.pcap"
CUT = 'tshark: The file "-" appears to have been cut short in the middle of a packet.'
DAMAGED = "tshark: The standard input appears to be damaged or corrupt."
ALIEN = "tshark: The standard input isn't a capture file in a format TShark understands."


def test_all_is_well() -> None:
    assert check_run(FILE, 0, [], seen=True) == check_run(FILE, 0, [], seen=False) == []
    assert check_run(FILE, 0, ["(tshark:1): GLib-WARNING: never mind"], seen=True) == []


@pytest.mark.parametrize(("line", "how"), [(CUT, "cut short"), (DAMAGED, "damaged")])
def test_what_comes_before_the_damage_is_used(line: str, how: str) -> None:
    for code in (0, 2):
        notes = check_run(FILE, code, [line, "(pcap: File has …)"], seen=True)
        assert notes == [rf"x\n.pcap is {how}: what comes before the damage is used"]


@pytest.mark.parametrize(
    ("code", "errors", "kind", "says"),
    [
        (2, [CUT], CaptureError, "before its first TCP"),
        (2, [ALIEN], CaptureError, "is not a capture"),
        (1, ["tshark: Unknown protocol -- \"bar\"", "\tx25"], TsharkError, "decode_as or prefs"),
        (1, ['tshark: -o flag "a.b:1" specifies unknown preference'], TsharkError, "prefs"),
        (1, ["tshark: Invalid selector number \"bar\""], TsharkError, "decode_as"),
        (-9, ["no sign of life for 300 s"], TsharkError, "no sign of life for 300 s"),
        (-11, [], TsharkError, "exit code -11"),
        (1, ["tshark: \x1b[2Jout of\ttune."], TsharkError, "out of"),
    ],
)  # fmt: skip
def test_errors_of_one_line(code: int, errors: list[str], kind: type[Exception], says: str) -> None:
    with pytest.raises(kind) as error:
        check_run(FILE, code, errors, seen=False)
    assert says in str(error.value)
    assert str(error.value).isprintable()


def test_the_line_that_says_what_is_wrong() -> None:
    assert reason([]) == ""
    assert reason(["** message", "tshark: This is wrong.", "    tcp.prot", "    ^~~"]) == (
        "This is wrong"
    )
    assert reason(["chroot: failed", "sh: no"]) == "sh: no"
