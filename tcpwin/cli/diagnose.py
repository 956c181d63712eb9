"""``tcpwin diagnose``: what cost the time, who must act, how sure that is, where to look next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from tcpwin.cli.common import Source, reads_capture, screen, stream_option
from tcpwin.report.verdicts import (
    by_loss,
    causes_of,
    count_of,
    lines,
    next_step,
    troubled,
)
from tcpwin.units import printable

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from tcpwin.diagnosis import Diagnosis
    from tcpwin.model import Capture

FOUND: Final = 3  # the exit code of --fail-on
MOST_LINES: Final = 12  # so that the list and the words below it stay on one screen
TITLE: Final = 2  # lines above the verdict
WIDTH: Final = 80


def _causes(_context: click.Context, _parameter: click.Parameter, value: str | None) -> set[str]:
    """``loss,rto`` as a set of names of the vocabulary."""
    from tcpwin.analysis.findings import CAUSES

    wanted = {name.strip() for name in (value or "").split(",")} - {""}
    strange = sorted(wanted.difference(CAUSES))
    if strange or (value is not None and not wanted):
        raise click.BadParameter(
            f"no cause {', '.join(map(repr, strange)) or 'given'}; there are: {', '.join(CAUSES)}"
        )
    return wanted


@click.command("diagnose")
@reads_capture
@stream_option("Only this stream (tcp.stream == N). May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Everything that was found, as JSON.")
@click.option("--verbose", is_flag=True, help="Everything that was found, in words.")
@click.option(
    "--fail-on",
    "wanted",
    metavar="CAUSE[,CAUSE]",
    callback=_causes,
    help="Exit with 3 when one of these is a finding or the verdict of a stream.",
)
@click.pass_context
def command(
    context: click.Context,
    source: Source,
    numbers: tuple[int, ...],
    as_json: bool,
    verbose: bool,
    wanted: set[str],
) -> None:
    """Say what cost the time, who must act, and where to look next."""
    capture = source.read(numbers)
    chosen = pick(capture, numbers)
    if as_json:
        from tcpwin.report.summary import to_json

        click.echo(to_json(as_dict(capture, chosen)), nl=False)
    else:
        console = screen()
        say(in_words(capture, chosen, console, verbose=verbose), console)
    if wanted:
        found = causes_of(chosen) if numbers else capture.diagnose().causes
        if wanted & found:
            context.exit(FOUND)


def pick(capture: Capture, numbers: Iterable[int]) -> Sequence[Diagnosis]:
    """The diagnoses of these streams, of all when none is named; most time lost first.

    Raises:
        StreamNotFoundError: there is no such stream.
    """
    named = {capture.stream(number).stream for number in numbers}
    known = {one.stream: one for one in capture.diagnose().streams}
    ordered = by_loss(capture.streams)["stream"]
    return [known[int(number)] for number in ordered if not named or number in named]


def as_dict(capture: Capture, chosen: Sequence[Diagnosis]) -> dict[str, Any]:
    """The JSON of the capture with the chosen streams, in the order of their numbers."""
    whole = capture.diagnose()
    if len(chosen) == len(whole):
        return whole.to_dict()
    about = {**whole.about, "capture": {**whole.about["capture"], "artefacts": whole.artefacts}}
    ordered = sorted(chosen, key=lambda one: one.stream)
    return {**about, "streams": [one.to_dict() for one in ordered]}


def in_words(
    capture: Capture, chosen: Sequence[Diagnosis], console: Console, *, verbose: bool
) -> Iterator[Any]:
    """What to show: one stream in full, several in a list with the worst in words."""
    if len(chosen) == 1 or verbose:
        for place, one in enumerate(chosen):
            yield from ([""] if place else [])
            yield from _stream(capture, one, console, verbose=verbose)
        return
    streams = capture.streams
    bad = troubled(streams[streams["stream"].isin([one.stream for one in chosen])])
    count = f"{len(bad):,} not healthy" if len(bad) else "all healthy"
    yield f"{capture.name}: {len(chosen):,} streams, {count}"
    if bad.empty:
        return
    yield ""
    yield from _list(capture, bad.head(MOST_LINES), console)
    rest = bad["verdict"].iloc[MOST_LINES:]
    if len(rest):
        yield from textwrap.wrap(f"and {len(rest):,} more: {count_of(rest)}", WIDTH)
    if len(chosen) > len(bad):
        yield f"and {len(chosen) - len(bad):,} healthy"
    yield ""
    yield from the_worst(chosen[0])


def the_worst(diagnosis: Diagnosis) -> Iterator[str]:
    """Verdict, claim and next step of one stream among several."""
    yield from textwrap.wrap(
        f"The worst, stream {diagnosis.stream}: {diagnosis.verdict.title}", WIDTH
    )
    yield from textwrap.wrap(diagnosis.verdict.claim, WIDTH)
    yield from textwrap.wrap(f"Next: {next_step(diagnosis)}", WIDTH)
    yield f"--stream {diagnosis.stream} tells more, --verbose everything about every stream."


def say(parts: Iterable[Any], console: Console) -> None:
    """Print lines, the first one bold, and tables; nothing of the capture moves the cursor."""
    for place, part in enumerate(parts):
        if not isinstance(part, str):
            console.print(part)
        elif console.is_terminal:
            from rich.text import Text

            # soft_wrap: a filter is one line however long it is, so that it can be pasted.
            shown = Text(printable(part), style="" if place else "bold")
            console.print(shown, soft_wrap=True)
        else:
            click.echo(printable(part))


def _stream(capture: Capture, one: Diagnosis, console: Console, *, verbose: bool) -> Iterator[str]:
    """One stream in words; on a terminal with window and flight under its name."""
    text = one.text(verbose=verbose).split("\n")
    yield from text[:TITLE]
    if console.is_terminal:
        from tcpwin.report.terminal import stream_lines

        yield from stream_lines(capture, one.stream, console)
    yield from text[TITLE:]


def _list(capture: Capture, streams: pd.DataFrame, console: Console) -> Iterator[Any]:
    """These streams: a table on a terminal, otherwise a line each."""
    if console.is_terminal:
        from tcpwin.report.terminal import stream_table

        yield from stream_table(capture, streams, console)
    else:
        yield from lines(streams, WIDTH)
