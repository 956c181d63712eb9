"""``tcpwin cache``: what is kept of captures that were read, and how to get rid of it."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tcpwin.units import format_bytes, printable

if TYPE_CHECKING:
    from tcpwin.cache import Entry


@click.command("cache")
@click.argument(
    "path", metavar="[FILE]", required=False, type=click.Path(path_type=Path, readable=False)
)
@click.option("--clear", "is_cleared", is_flag=True, help="Remove it.")
def command(path: Path | None, is_cleared: bool) -> None:
    """Show what is kept of captures read before, of FILE or of all.

    A line for each capture: size, when it was last used, its path. Reading a capture again takes
    its tables from there; `--no-cache` does without, TCPWIN_CACHE_SIZE=0 for good.
    """
    from tcpwin.cache import clear, entries, most_bytes, place

    if is_cleared:
        gone = clear(path)
        whose = "" if path is None else f" of {printable(str(path))}"
        click.echo(f"Removed {format_bytes(_size(gone))}{whose} from {printable(str(place()))}")
        return
    captures = _by_capture(entries(path))
    for name, files in captures.items():
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(max(file.used for file in files)))
        click.echo(f"{format_bytes(_size(files)):>7}  {used}  {printable(name)}")
    total = format_bytes(sum(map(_size, captures.values())))
    limit = most_bytes()
    bound = f"of at most {format_bytes(limit)}" if limit else "and nothing is added: it is off"
    click.echo(f"{total:>7}  in {printable(str(place()))}, {bound}")


def _by_capture(entries: list[Entry]) -> dict[str, list[Entry]]:
    """The files of each capture, the one used last first."""
    captures = defaultdict[str, list["Entry"]](list)
    for entry in entries:
        captures[entry.capture() or "(damaged)"].append(entry)
    return captures


def _size(entries: list[Entry]) -> int:
    return sum(entry.size for entry in entries)
