"""``tcpwin compare``: one connection seen at both ends, or two runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tcpwin.cli.common import Source, force_option, reads_two_captures, stream_option, track
from tcpwin.units import printable

if TYPE_CHECKING:
    from tcpwin.model import Comparison, Runs


@click.command("compare")
@reads_two_captures
@stream_option(
    "This stream of A (tcp.stream == N); given again, that of B. By default the connection "
    "that lost most time, with --runs the stream with the most bytes of each."
)
@click.option(
    "--runs", is_flag=True, help="A and B are two different transfers: set them side by side."
)
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the pictures, report.html, index.md and summary.json there, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything that was found, as JSON.")
@click.option("--verbose", is_flag=True, help="Everything that was found, in words.")
@force_option
def command(
    sources: tuple[Source, Source],
    numbers: tuple[int, ...],
    runs: bool,
    output: Path | None,
    as_json: bool,
    verbose: bool,
    force: bool,
) -> None:
    """Match one connection seen at both ends, packet by packet.

    Says for each packet whether it got lost on the way, how the clocks differ, how long the way
    took in each direction, where the time of each stall was spent, and the verdict that neither
    capture gives alone. The order of A and B does not matter.
    """
    from tcpwin.report.compared import draw, pictures, write_words
    from tcpwin.report.summary import to_json
    from tcpwin.report.writer import check_folder, staged_folder

    if len(numbers) > 2:
        raise click.BadParameter("at most one stream for each of the two captures")
    if output is not None:
        check_folder(output, force=force)
    told = _compare(sources, numbers, runs=runs)
    if output is not None:
        drawn = pictures(told)
        with staged_folder(output, force=force) as stage:
            for picture in track(drawn, "Drawing", len(drawn)):
                draw(picture, stage)
            write_words(told, drawn, stage)
    if as_json:
        click.echo(to_json(told.to_dict()), nl=False)
    else:
        for line in told.text(verbose=verbose).split("\n"):
            click.echo(printable(line))
    if output is not None:
        count = f"{len(drawn)} picture{'s' if len(drawn) > 1 else ''}"
        click.echo(f"Wrote {printable(str(output / 'report.html'))} ({count})", err=as_json)


def _compare(
    sources: tuple[Source, Source], numbers: tuple[int, ...], *, runs: bool
) -> Comparison | Runs:
    from tcpwin.model import compare, compare_runs

    captures = [source.read() for source in sources]
    a, b = (
        capture.stream(numbers[place]) if place < len(numbers) else capture
        for place, capture in enumerate(captures)
    )
    return compare_runs(a, b) if runs else compare(a, b)
