"""``tcpwin report``: pages, charts and a JSON file about the streams of a capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tcpwin.cli.common import Source, force_option, reads_capture, track
from tcpwin.units import printable

if TYPE_CHECKING:
    from tcpwin.model import Capture

TOP: Final = 10
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
    type=click.IntRange(min=0),
    help="Without --stream: draw the N streams with the most bytes [10, and the worst three]; "
    "the rest is listed.",
)
@force_option
def command(
    source: Source, output: Path | None, numbers: tuple[int, ...], top: int | None, force: bool
) -> None:
    """Draw the charts of a capture, with report.html, index.md and summary.json."""
    from tcpwin.report.charts import draw, plan
    from tcpwin.report.markdown import index
    from tcpwin.report.page_sections import report_page
    from tcpwin.report.summary import summary, to_json
    from tcpwin.report.writer import check_folder, staged_folder

    folder = output or default_folder(source.path)
    check_folder(folder, force=force)
    capture = source.read()
    chosen = [capture.stream(n) for n in dict.fromkeys(numbers) or pick(capture, top)]
    charts = plan(chosen)
    with staged_folder(folder, force=force) as stage:
        for chart in track(charts, "Drawing charts", len(charts)):
            draw(chart, stage)
        page = report_page(capture, chosen, charts, stage)
        (stage / "report.html").write_text(page, encoding="utf-8")
        facts = summary(capture, charts)
        (stage / "index.md").write_text(index(capture, chosen, charts), encoding="utf-8")
        (stage / "summary.json").write_text(to_json(facts), encoding="utf-8")
    click.echo(f"Wrote {printable(str(folder / 'report.html'))} ({len(charts)} charts)")


def default_folder(capture: Path) -> Path:
    """``x-report`` in the current folder, for ``anywhere/x.pcapng.gz``."""
    name = Path(capture.name)
    while name.suffix in _COMPRESSED:
        name = name.with_suffix("")
    return Path(f"{name.stem}-report")


def pick(capture: Capture, top: int | None) -> list[int]:
    """The numbers of the streams to draw, those that lost most time first.

    The `top` streams with the most bytes; when nobody said how many, `TOP` and those that
    the head of the page tells about, as a small stream may have the large trouble.
    """
    from tcpwin.report.verdicts import WORST, by_loss, troubled

    streams = capture.streams
    by_bytes = streams.sort_values(["bytes", "stream"], ascending=[False, True])["stream"]
    wanted = set(by_bytes.head(TOP if top is None else top))
    if top is None:
        wanted |= set(troubled(streams)["stream"].head(WORST))
    return [int(number) for number in by_loss(streams)["stream"] if number in wanted]
