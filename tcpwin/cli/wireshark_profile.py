"""``tcpwin wireshark-profile``: columns, colours and filter buttons for Wireshark."""

from __future__ import annotations

from pathlib import Path

import click

from tcpwin.cli.common import force_option
from tcpwin.units import printable


@click.command("wireshark-profile")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, readable=False))
@force_option
def command(folder: Path, force: bool) -> None:
    """Write a Wireshark profile into the folder DIR.

    Where `tshark -G folders` says "Personal configuration", a folder profiles/tcpwin is at
    once the profile "tcpwin" of Wireshark and of tshark -C tcpwin.
    """
    from tcpwin.report.writer import staged_folder
    from tcpwin.wireshark.profile import write

    with staged_folder(folder, force=force) as stage:
        names = write(stage)
    click.echo(f"Wrote {printable(str(folder))} ({', '.join(names)})")
