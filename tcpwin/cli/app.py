"""The group of commands, and the ONE place where an error becomes a line and an exit code.

Exit codes: 0 done, 1 a `TcpwinError` (one line on stderr, no traceback), 2 wrong usage (by
click), 130 interrupted. A traceback is a defect of tcpwin.

To add a command: write ``cli/NAME.py`` with a click command called ``command``, and put it
into `COMMANDS`. `tcpwin.cli.common.reads_capture` gives it FILE and the options of reading.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, NoReturn

import click

from tcpwin.cli import (
    annotate,
    cache,
    compare,
    diagnose,
    doctor,
    export,
    report,
    streams,
    wireshark_profile,
)
from tcpwin.errors import TcpwinError, TcpwinWarning
from tcpwin.units import printable

COMMANDS: Final = (
    report.command,
    diagnose.command,
    streams.command,
    compare.command,
    export.command,
    annotate.command,
    wireshark_profile.command,
    cache.command,
    doctor.command,
)


class _Group(click.Group):
    """A group whose commands end with one line, whatever ends them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of `COMMANDS`: the main one comes first."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see the head of the file for what its end looks like."""
        try:
            with _warnings_as_lines():
                result = super().invoke(ctx)
                if sys.stdout:
                    sys.stdout.flush()  # a closed pipe is to be noticed here, not at exit
                return result
        except TcpwinError as error:
            _say(str(error))
            ctx.exit(1)
        except KeyboardInterrupt:
            _say("interrupted; nothing half-written is left behind")
            ctx.exit(130)
        except BrokenPipeError:  # the reader has seen enough, as in `tcpwin streams x | head`
            _drop_output()
            ctx.exit(0)
        except OSError as error:  # the machine's, not ours: a full disk, no more processes
            _say(f"the system refuses ({error}): free some space or check rights")
            _drop_output()
            ctx.exit(1)


@click.group(
    cls=_Group,
    commands=[*COMMANDS],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="tcpwin", message="tcpwin %(version)s")
def cli() -> None:
    """Who is waiting for whom in a TCP capture, and why.

    Reads what tshark reads: pcap, pcapng, compressed or not.
    """


def main() -> None:
    """Run the command line; ``tcpwin`` and ``python -m tcpwin`` start here."""
    for name in ("SIGTERM", "SIGHUP"):  # to leave like Ctrl-C: children ended, files removed
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:  # nohup stays nohup
            signal.signal(number, _leave)
    with suppress(AttributeError, OSError):  # no stdout, or one that is not Python's own
        # For a "µ" on ASCII. A stream that is not Python's own cannot, which is suppressed here.
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    cli()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _say(text: str) -> None:
    click.echo(f"tcpwin: {printable(text)}", err=True)


def _drop_output() -> None:
    """Send to nowhere what waits for a stdout that takes no more; Python would flush at exit."""
    with suppress(OSError, AttributeError):  # not a file, or none at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show each `TcpwinWarning` once, as a line; Python's own form is for Python's own ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TcpwinWarning)
        if not sys.warnoptions:  # what concerns developers only is shown when they ask for it
            for category in (DeprecationWarning, FutureWarning, RuntimeWarning, UserWarning):
                warnings.filterwarnings("ignore", category=category, append=True)
        show = warnings.showwarning
        seen: set[str] = set()

        def show_line(
            message: Warning | str, category: type[Warning], *where: Any, **more: Any
        ) -> None:
            if not issubclass(category, TcpwinWarning):
                show(message, category, *where, **more)
            elif str(message) not in seen:
                seen.add(str(message))
                _say(f"warning: {message}")

        warnings.showwarning = show_line
        yield
