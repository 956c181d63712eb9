"""``tcpwin annotate``: the capture with packet comments, for Wireshark."""

from __future__ import annotations

from pathlib import Path

import click

from tcpwin.cli.common import Source, check_target, force_option, reads_capture, stream_option
from tcpwin.units import printable


@click.command("annotate")
@reads_capture
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, readable=False))
@stream_option("Comment on this stream only (tcp.stream == N). May be repeated.")
@click.option(
    "--every-packet",
    is_flag=True,
    help="Also window, bytes in flight, usable and limiter of both flows, on each packet.",
)
@force_option
def command(
    source: Source, target: Path, numbers: tuple[int, ...], every_packet: bool, force: bool
) -> None:
    """Write the capture to OUT with packet comments, for Wireshark.

    They stand where findings begin and end, at stalls, closed and reopened windows, probes
    and losses. All else stays as it was. In Wireshark: frame.comment contains "tcpwin".
    OUT ends in .pcapng or .pcapng.gz.
    """
    from tcpwin.report.writer import opened, staged_file
    from tcpwin.wireshark import annotate

    if not target.name.endswith((".pcapng", ".pcapng.gz")):
        raise click.BadParameter("OUT has to end in .pcapng or .pcapng.gz", param_hint="OUT")
    check_target(source, target, force=force)
    capture = source.read(numbers)
    with staged_file(target, force=force) as stage, opened(stage) as file:
        done = annotate(capture, file, numbers, every_packet=every_packet)
    click.echo(
        f"Wrote {printable(str(target))} ({done.comments:,} comments on {done.frames:,} packets)"
    )
