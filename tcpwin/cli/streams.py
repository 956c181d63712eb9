"""``tcpwin streams``: the streams of a capture as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from tcpwin.cli.common import Source, reads_capture
from tcpwin.report.table import GAP, HEADS, LEFT, fitting, records, rows, tab_separated

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

MOST_ROWS: Final = 1000  # on a terminal; drawing more takes seconds and nobody reads them


@click.command("streams")
@reads_capture
@click.option("--json", "as_json", is_flag=True, help="Every column, as a JSON list of records.")
def command(source: Source, as_json: bool) -> None:
    """List the streams of a capture.

    A table on a terminal; in a pipe a line per stream, separated by tabs, under a head line.
    """
    from rich.console import Console

    streams = source.read().streams
    console = Console()
    if as_json:
        from tcpwin.report.summary import to_json

        click.echo(to_json(records(streams)), nl=False)
    elif console.is_terminal:
        shown = streams.nlargest(MOST_ROWS, "bytes").sort_values("stream")
        console.print(table(shown, console.width))
        if len(streams) > MOST_ROWS:
            click.echo(
                f"The {MOST_ROWS:,} largest of {len(streams):,} streams; --json has all.", err=True
            )
    else:
        click.echo(tab_separated(streams), nl=False)


def table(streams: pd.DataFrame, width: int = 80) -> Table:
    """The streams for a person; fits 80 columns: some are left out, long addresses fold."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    lines = list(rows(streams))
    places = fitting(lines, width)
    for head in (HEADS[place] for place in places):
        grid.add_column(head, overflow="fold", justify="left" if head in LEFT else "right")
    for cells in lines:
        shown = (cells[place] for place in places)
        grid.add_row(*map(Text, shown))  # Text has no markup: [fe80::1] is no tag
    return grid
