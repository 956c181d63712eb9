"""``tcpwin report``: pages, charts and a JSON file about the streams of a capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tcpwin.cli.common import Source, force_option, reads_capture, stream_option, track
from tcpwin.units import printable

if TYPE_CHECKING:
    from tcpwin.model import Capture

TOP: Final = 10
MIN_DPI, MAX_DPI = 20, 600  # a chart can be read from the one on, takes 100 MB at the other
_COMPRESSED = {".gz", ".zst", ".lz4", ".xz", ".bz2"}


def _formats(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """``png,svg`` and ``svg`` given apart as one list of formats."""
    from tcpwin.report.charts import FORMATS

    named = [name.strip().lower() for value in values for name in value.split(",")]
    strange = [name for name in named if name not in FORMATS]
    if strange:
        raise click.BadParameter(f"no format {strange[0]!r}; there are: {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(named))


@click.command("report")
@reads_capture
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where to write; FILE's name with -report, in the current folder, when not given.",
)
@stream_option("Draw this stream (tcp.stream == N). May be repeated.")
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=0),
    help="Without --stream: draw the N streams with the most bytes [10, and the worst three]; "
    "the rest is listed.",
)
@click.option(
    "--format",
    "formats",
    metavar="FORMAT[,FORMAT]",
    multiple=True,
    default=("png",),
    callback=_formats,
    help="png, svg, pdf: one or several of them, with commas or the option repeated. [png]",
)
@click.option(
    "--dpi",
    type=click.IntRange(MIN_DPI, MAX_DPI),
    help="Pixels per inch of PNG charts, which are 10 or 11 inches wide. [110]",
)
@click.option(
    "--style", type=click.Choice(["light", "dark"]), default="light", help="Colours. [light]"
)
@force_option
def command(
    source: Source,
    output: Path | None,
    numbers: tuple[int, ...],
    top: int | None,
    formats: tuple[str, ...],
    dpi: int | None,
    style: str,
    force: bool,
) -> None:
    """Write a page about a capture and draw its charts.

    A folder with report.html, the charts, index.md and summary.json.
    """
    from tcpwin.report.charts import DPI, draw, plan
    from tcpwin.report.markdown import index
    from tcpwin.report.page_sections import report_page
    from tcpwin.report.summary import summary, to_json
    from tcpwin.report.writer import check_folder, staged_folder

    folder = output or default_folder(source.path)
    check_folder(folder, force=force)
    capture = source.read(numbers)
    chosen = [capture.stream(n) for n in dict.fromkeys(numbers) or pick(capture, top)]
    charts = plan(chosen, formats=formats)
    with staged_folder(folder, force=force) as stage:
        for chart in track(charts, "Drawing charts", len(charts)):
            draw(chart, stage, dpi=dpi or DPI, style=style)
        # Its pictures are the light ones of the usual size, whatever the charts are.
        usual = stage if style == "light" and dpi is None else None
        page = report_page(capture, chosen, charts, usual)
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
