"""What the commands share: the capture with its options, and progress on stderr."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tcpwin.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

    from tcpwin.model import Capture

Item = TypeVar("Item")
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Source:
    """A capture on the command line and how it is to be read."""

    path: Path
    display_filter: str | None = None
    decode_as: dict[str, str] | None = None
    tshark: str | None = None
    jobs: int | None = None
    cache: bool = True

    def read(self, streams: Iterable[int] = ()) -> Capture:
        """The capture, or only these `streams` of it; progress is shown where somebody sees it."""
        from tcpwin.model import read

        wanted = " or ".join(f"tcp.stream == {number}" for number in streams)
        both = [f for f in (self.display_filter, wanted) if f]
        return read(
            self.path,
            display_filter=" and ".join(f"({f})" for f in both) if len(both) > 1 else "".join(both),
            decode_as=self.decode_as,
            tshark=self.tshark,
            jobs=self.jobs,
            cache=self.cache,
        )


tshark_option: Callable[[Command], Command] = click.option(
    "--tshark", metavar="PATH", help="The tshark to use, instead of the one on PATH."
)
force_option: Callable[[Command], Command] = click.option(
    "--force", is_flag=True, help="Replace what tcpwin wrote there before."
)


def stream_option(help_text: str) -> Callable[[Command], Command]:
    """``--stream N``, which a command gets as `numbers`."""
    return click.option(
        "--stream",
        "numbers",
        metavar="N",
        multiple=True,
        type=click.IntRange(min=0),
        help=help_text,
    )


def reads_capture(command: Command) -> Command:
    """Give a command FILE and the options of reading; it gets them as one `Source`."""

    @click.argument("path", metavar="FILE", type=click.Path(path_type=Path, readable=False))
    @_reading_options
    @functools.wraps(command)
    def with_source(path: Path, how: dict[str, Any], **options: Any) -> None:
        command(Source(path, **how), **options)

    return with_source


def reads_two_captures(command: Command) -> Command:
    """Give a command A, B and the options of reading; it gets them as two `Source`s."""

    @click.argument("a", metavar="A", type=click.Path(path_type=Path, readable=False))
    @click.argument("b", metavar="B", type=click.Path(path_type=Path, readable=False))
    @_reading_options
    @functools.wraps(command)
    def with_sources(a: Path, b: Path, how: dict[str, Any], **options: Any) -> None:
        command((Source(a, **how), Source(b, **how)), **options)

    return with_sources


def _reading_options(command: Command) -> Command:
    """The options of reading, handed on as `how`, the keywords of `Source`."""

    @click.option(
        "--filter",
        "display_filter",
        metavar="DISPLAY_FILTER",
        help="Only streams with a packet that matches; each of them is kept whole.",
    )
    @click.option(
        "--decode-as",
        metavar="LAYER==VALUE,PROTOCOL",
        multiple=True,
        callback=_decode_as,
        help="As in tshark -d: tcp.port==8888,http. May be repeated.",
    )
    @tshark_option
    @click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(min=1),
        help="How many tsharks may run at a time; by default as many as there are cores.",
    )
    @click.option(
        "--no-cache",
        is_flag=True,
        help="Let tshark read FILE again, and keep nothing of it; see `tcpwin cache`.",
    )
    @functools.wraps(command)
    def with_options(
        display_filter: str | None,
        decode_as: dict[str, str] | None,
        tshark: str | None,
        jobs: int | None,
        no_cache: bool,
        **options: Any,
    ) -> None:
        how = {
            "display_filter": display_filter,
            "decode_as": decode_as,
            "tshark": tshark,
            "jobs": jobs,
            "cache": not no_cache,
        }
        command(how=how, **options)

    return with_options


def screen() -> Console:
    """Standard output, as rich sees it.

    A terminal, or what FORCE_COLOR declares one; with NO_COLOR nothing is bold either, so that
    no escape sequence is left at all.
    """
    from rich.console import Console

    return Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)


def check_target(source: Source, target: Path, *, force: bool) -> None:
    """See early whether `target` can be written, and is not the capture.

    Raises:
        OutputError: it cannot, or it is.
    """
    from tcpwin.report.writer import check_file

    if target.exists() and source.path.exists() and target.samefile(source.path):
        raise OutputError(f"{target} is the capture itself; choose another file")
    check_file(target, force=force)


def track(items: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """The items, with a progress bar on stderr when that is a terminal."""
    from rich.console import Console
    from rich.progress import track as rich_track

    console = Console(stderr=True)
    return iter(
        rich_track(
            items,
            what,
            total,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
    )


def _decode_as(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str] | None:
    """``tcp.port==8888,http`` as pyshark has it: ``{"tcp.port==8888": "http"}``."""
    pairs = dict[str, str]()
    for value in values:
        layer, comma, protocol = value.rpartition(",")
        if not comma or "==" not in layer or not protocol:
            raise click.BadParameter(f"{value!r} is not like tcp.port==8888,http")
        pairs[layer] = protocol
    return pairs or None
