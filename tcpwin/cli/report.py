"""``tcpwin report``: charts, a page and a JSON file about the streams of a capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tcpwin.cli.common import Source, force_option, reads_capture, track
from tcpwin.units import printable

if TYPE_CHECKING:
    from tcpwin.model import Capture

_COMPRESSED = {".gz", ".zst", ".lz4", ".xz", ".bz2"}


@click.command("report")
@reads_capture
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where to write; FILE's name with -report, in the current folder, when not given.",
)
@click.option(
    "--stream",
    "numbers",
    metavar="N",
    multiple=True,
    type=click.IntRange(min=0),
    help="Draw this stream (tcp.stream == N). May be repeated.",
)
@click.option(
    "--top",
    metavar="N",
    default=10,
    show_default=True,
    type=click.IntRange(min=0),
    help="Without --stream: draw the N streams with the most bytes; the rest is listed.",
)
@force_option
def command(
    source: Source, output: Path | None, numbers: tuple[int, ...], top: int, force: bool
) -> None:
    """Draw the charts of a capture, with index.md and summary.json."""
    from tcpwin.report.charts import draw, plan
    from tcpwin.report.markdown import index
    from tcpwin.report.summary import summary, to_json
    from tcpwin.report.writer import check_folder, staged_folder

    folder = output or default_folder(source.path)
    check_folder(folder, force=force)
    capture = source.read()
    chosen = [capture.stream(n) for n in dict.fromkeys(numbers) or largest(capture, top)]
    charts = plan(chosen)
    with staged_folder(folder, force=force) as stage:
        for chart in track(charts, "Drawing charts", len(charts)):
            draw(chart, stage)
        facts = summary(capture, chosen, charts)
        (stage / "index.md").write_text(index(capture, chosen, charts), encoding="utf-8")
        (stage / "summary.json").write_text(to_json(facts), encoding="utf-8")
    click.echo(f"Wrote {printable(str(folder / 'index.md'))} ({len(charts)} charts)")


def default_folder(capture: Path) -> Path:
    """``x-report`` in the current folder, for ``anywhere/x.pcapng.gz``."""
    name = Path(capture.name)
    while name.suffix in _COMPRESSED:
        name = name.with_suffix("")
    return Path(f"{name.stem}-report")


def largest(capture: Capture, top: int) -> list[int]:
    """The numbers of the `top` streams with the most bytes, in the order of the capture."""
    by_bytes = capture.streams.sort_values(["bytes", "stream"], ascending=[False, True])
    return sorted(int(number) for number in by_bytes["stream"].head(top))
