"""report.html: one file that opens from disk and asks nobody for anything.

A page is a list of sections, so that others can be put beside those of a report. What comes
from a capture reaches HTML through the templates only: they escape every value, and what
would turn a line round or move a cursor is written out (`units.printable`). The scripts get
numbers in base64 and text in JSON, and put text into the page as text. Should anything get
through all the same, the page's policy (W3C, Content Security Policy Level 3) runs no script
but ours, known by their hashes, and lets nothing be loaded from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from tcpwin.plots.style import LIMITERS, STYLES, Style
from tcpwin.report.page_series import KINDS, MARKS
from tcpwin.units import (
    format_byte_count,
    format_bytes,
    format_duration,
    printable,
)

SCRIPTS: Final = (
    "uPlot.iife.min.js", "unpack.js", "thin.js", "panels.js", "draw.js", "chart.js", "view.js",
    "table.js", "page.js",
)  # fmt: skip
STYLE_SHEETS: Final = ("uPlot.min.css", "page.css")


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        anchor: its id, which links lead to.
        title: what the list at the head of the page calls it; "" leaves it out there.
        template: the file in ``templates`` that shows it.
        values: what the template is given.
        pinned: the list names it before those that are not; the page keeps its order.
    """

    anchor: str
    title: str
    template: str
    values: Mapping[str, Any]
    pinned: bool = False


def render(title: str, sections: Sequence[Section]) -> str:
    """The page with these sections, in their order.

    Args:
        title: what the page is about, for its head and for the browser's tab.
        sections: at least one.
    """
    environment = _environment()
    shown = [
        {
            "anchor": section.anchor,
            "title": section.title,
            "pinned": section.pinned,
            "html": environment.get_template(section.template).render(
                section.values, anchor=section.anchor
            ),
        }
        for section in sections
    ]
    scripts = [_asset(name) for name in SCRIPTS]
    styles = [_colours(), *map(_asset, STYLE_SHEETS)]
    return environment.get_template("page.html.j2").render(
        title=title,
        sections=shown,
        licence=_asset("uPlot.LICENSE"),
        scripts=scripts,
        styles=styles,
        policy=_policy(scripts, styles),
        looks={
            "styles": {name: _plain(style) for name, style in STYLES.items()},
            "limiters": [[name, band.color, band.hatch] for name, band in LIMITERS.items()],
            "kinds": KINDS,
            "marks": MARKS,
        },
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tcpwin.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bytes": format_bytes,
        "byte_count": format_byte_count,
        "duration": format_duration,
    }
    return environment


def _shown(value: Any) -> Any:
    """Text that is not markup of ours, on one line and without anything invisible in it."""
    return value if hasattr(value, "__html__") else printable(str(value))


@cache
def _asset(name: str) -> str:
    return files("tcpwin.report").joinpath("assets", name).read_text(encoding="utf-8")


def _plain(style: Style) -> dict[str, str]:
    return {field.name: getattr(style, field.name) for field in fields(style)}


def _colours() -> str:
    """The palette of the charts as variables of the style sheet; paper is always light."""

    def rule(name: str) -> str:
        return "".join(f"--{key}:{value};" for key, value in _plain(STYLES[name]).items())

    return (
        f":root{{{rule('light')}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{rule('dark')}}}}}"
        f"@media print{{:root{{{rule('light')}}}}}"
    )


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    def hashes(texts: Sequence[str]) -> str:
        digests = (hashlib.sha256(text.encode()).digest() for text in texts)
        return " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
