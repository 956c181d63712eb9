"""``tcpwin streams``: the streams of a capture as a table or as JSON."""

from __future__ import annotations

from typing import Final

import click

from tcpwin.cli.common import Source, reads_capture, screen

MOST_ROWS: Final = 500  # on a terminal; drawing more takes seconds and nobody reads them


@click.command("streams")
@reads_capture
@click.option("--json", "as_json", is_flag=True, help="Every column, as a JSON list of records.")
def command(source: Source, as_json: bool) -> None:
    """List the streams of a capture.

    On a terminal a table that fits it, with the course of window and flight; in a pipe a line
    per stream, separated by tabs, under a head line.
    """
    from tcpwin.report.table import records, tab_separated

    capture = source.read()
    streams, console = capture.streams, screen()
    if as_json:
        from tcpwin.report.summary import to_json

        click.echo(to_json(records(streams)), nl=False)
    elif console.is_terminal:
        from tcpwin.report.terminal import stream_table

        shown = streams.nlargest(MOST_ROWS, "bytes").sort_values("stream")
        console.print(*stream_table(capture, shown, console), sep="\n")
        if len(streams) > MOST_ROWS:
            click.echo(
                f"The {MOST_ROWS:,} largest of {len(streams):,} streams; --json has all.", err=True
            )
    else:
        click.echo(tab_separated(streams), nl=False)
