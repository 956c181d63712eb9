"""The page of a comparison: the verdict, the pictures, what was found, everything in words."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tcpwin.report.compared import CAPTIONS, png, streams_of
from tcpwin.report.page import Section, render

if TYPE_CHECKING:
    from tcpwin.model import Comparison, Runs
    from tcpwin.report.compared import Picture


def compared_page(told: Comparison | Runs, drawn: Sequence[Picture]) -> str:
    """The page with these pictures in it."""
    found, streams = told.to_dict(), streams_of(told)
    names = " and ".join(stream.capture.name for stream in streams.values())
    verdict = {
        "name": names,
        "ends": [(name, one.capture.name, one.filter) for name, one in streams.items()],
        "title": getattr(getattr(told, "verdict", None), "title", ""),
        "claim": found["verdict"]["claim"] if "verdict" in found else found["claim"],
        "findings": found.get("findings", []),
    }
    sections = [Section("verdict", "Verdict", "compared.html.j2", verdict)]
    for picture in drawn:
        source = f"data:image/png;base64,{base64.b64encode(png(picture)).decode('ascii')}"
        values: dict[str, Any] = {"source": source, "caption": CAPTIONS[picture.kind]}
        sections.append(Section(picture.kind, CAPTIONS[picture.kind], "picture.html.j2", values))
    words = {"lines": told.text(verbose=True).split("\n")}
    sections.append(Section("words", "In words", "words.html.j2", words))
    return render(names, sections)
