"""What `compare` writes into a folder: pictures, a page, the same in Markdown, summary.json."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tcpwin.plots.axes import figure_of
from tcpwin.report.charts import DPI
from tcpwin.report.markdown import escape
from tcpwin.report.summary import to_json
from tcpwin.units import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcpwin.model import Comparison, Runs, Stream

CAPTIONS: Final = {
    "ladder": "Both ends as time lines, and the packets between them",
    "delays": "One-way delays",
    "runs": "Both runs on one time axis",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a comparison: its kind and how it is drawn."""

    kind: str
    draw: Callable[[], Figure]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.kind}.png"


def pictures(told: Comparison | Runs) -> list[Picture]:
    """The pictures there are: ladder and delays of one connection, or one of two runs."""
    from tcpwin.model import Comparison

    if isinstance(told, Comparison):
        return [
            Picture("ladder", lambda: figure_of(told.plot_ladder())),
            Picture("delays", lambda: figure_of(told.plot_delays())),
        ]
    return [Picture("runs", told.plot)]


def streams_of(told: Comparison | Runs) -> dict[str, Stream]:
    """The two streams, by what they are to each other."""
    names = ("client", "server", "a", "b")
    return {name: getattr(told, name) for name in names if hasattr(told, name)}


def png(picture: Picture) -> bytes:
    """The picture as a PNG, for a page that holds its pictures."""
    target = io.BytesIO()
    picture.draw().savefig(target, format="png", dpi=DPI)
    return target.getvalue()


def draw(picture: Picture, folder: Path) -> None:
    """Draw it into its file."""
    (folder / picture.file).write_bytes(png(picture))


def write_words(told: Comparison | Runs, drawn: list[Picture], folder: Path) -> None:
    """report.html, index.md and summary.json."""
    from tcpwin.report.page_compared import compared_page

    (folder / "report.html").write_text(compared_page(told, drawn), encoding="utf-8")
    page = "\n".join(_page(told, drawn)) + "\n"
    (folder / "index.md").write_text(page, encoding="utf-8")
    (folder / "summary.json").write_text(to_json(summary(told, drawn)), encoding="utf-8")


def summary(told: Comparison | Runs, drawn: list[Picture]) -> dict[str, Any]:
    """What was found as JSON, and the pictures that were written."""
    charts = [{"file": picture.file, "kind": picture.kind} for picture in drawn]
    return {**told.to_dict(), "charts": charts}


def _page(told: Comparison | Runs, drawn: list[Picture]) -> Iterator[str]:
    yield f"# {' and '.join(escape(stream.capture.name) for stream in streams_of(told).values())}"
    yield ""
    for line in told.text().split("\n"):  # indented by four: a block of code, whatever is in it
        yield f"    {printable(line)}".rstrip()
    for picture in drawn:
        caption = CAPTIONS[picture.kind]
        yield from ("", f"## {caption}", "", f"![{caption}]({picture.file})")
