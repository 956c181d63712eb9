"""Renews README.md and the pages under docs/: ``python -m tools.docs [PAGE ...]``.

Between ``<!-- make docs writes X -->`` and ``<!-- up to here -->`` stands what a function of
`PARTS` says of the program as it is; the code blocks of a page are run again (`tools.blocks`).
A new command gets a page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from tcpwin import schema
from tcpwin.analysis.rules import DATA_RULES, SILENCE_RULES, WINDOW_RULES
from tcpwin.cli import app
from tcpwin.schema.column import ANALYSIS_PAGE, FRAME_PAGE, IP_PAGE, TCP_PAGE
from tools import blocks, comparison

ROOT: Final = blocks.ROOT
README, DOCS = ROOT / "README.md", ROOT / "docs"
COMMANDS: Final = {str(command.name): command for command in app.COMMANDS}
BEGIN, END = "<!-- make docs writes {} -->", "<!-- up to here -->"
PART: Final = re.compile(f"{BEGIN.format(r'([a-z]+)')}\n.*?{END}", re.DOTALL)
RULES: Final = {
    "held by the window": WINDOW_RULES,
    "with data on the way": DATA_RULES,
    "with nothing on the way": SILENCE_RULES,
}
TABLES: Final = {
    "packets": ("cap.packets", "One row per TCP segment of the capture, as tshark dissects it."),
    "state": ("cap.state", "The post-dissector: two rows per packet, one for each flow."),
    "streams": ("cap.streams", "One row per connection."),
    "window": ("flow.window()", "After every packet of either direction, the flow's window."),
    "flight": ("flow.flight()", "Bytes in flight after every packet, tcpwin's beside tshark's."),
    "acks": ("flow.acks()", "One row per ACK that comes back."),
    "segments": ("flow.segments()", "One row per packet that takes sequence numbers, and resets."),
    "losses": ("flow.losses()", "The rows of `flow.segments()` sent again or late."),
    "sacks": ("flow.sacks()", "One row per SACK block that comes back."),
    "rtt": ("flow.rtt()", "One row per round-trip sample."),
    "throughput": ("flow.throughput()", "The rates of a flow, a row where one changes."),
    "stalls": ("flow.stalls()", "One row per stall; see [definitions](definitions.md#stall)."),
    "limits": ("flow.limits()", "Who holds the flow back, spell by spell, without a gap."),
}
SOURCES: Final = {
    "definitions": "[definitions](definitions.md)",
    FRAME_PAGE: f"[frame]({FRAME_PAGE})",
    IP_PAGE: f"[ip]({IP_PAGE})",
    TCP_PAGE: f"[tcp]({TCP_PAGE})",
    ANALYSIS_PAGE: f"[TCP Analysis]({ANALYSIS_PAGE})",
}
NEW_PAGE: Final = """# {name}

{about}

## Example

```console
$ python -m tcpwin {name} --help
…
```
"""


def pages() -> list[Path]:
    """README.md and the pages under docs/."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def add_commands() -> None:
    """See that every command has a page, and the page its options."""
    for name, command in COMMANDS.items():
        page = DOCS / "commands" / f"{name}.md"
        about = command.get_short_help_str(200)
        text = page.read_text("utf-8") if page.exists() else NEW_PAGE.format(name=name, about=about)
        if BEGIN.format("options") not in text:
            text += f"\n## Options\n\n{BEGIN.format('options')}\n{END}\n"
            page.write_text(text, encoding="utf-8")


def renewed(page: Path) -> str:
    """The page as it has to be today."""
    text = page.read_text(encoding="utf-8")
    return blocks.renew(PART.sub(lambda found: part(found[1], found[0], page.stem), text))


def part(kind: str, old: str, stem: str) -> str:
    """What stands between the two comments; as it was where it cannot be worked out here."""
    if kind == "comparison" and not comparison.measurable():
        return old
    return "\n\n".join([BEGIN.format(kind), PARTS[kind](stem), END])


def commands(_stem: str) -> str:
    """All commands."""
    rows = [(f"[{name}]({name}.md)", c.get_short_help_str(200)) for name, c in COMMANDS.items()]
    return table(("command", "what it does"), rows)


def options(name: str) -> str:
    """How a command is called, and its options."""
    command = COMMANDS[name]
    # Below the group: a command remembers the first names of its help option.
    group = click.Context(app.cli, info_name="python -m tcpwin", **app.cli.context_settings)
    context = click.Context(command, parent=group, info_name=name)
    usage = " ".join(["python -m tcpwin", name, *command.collect_usage_pieces(context)])
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
    ]
    rows = [(f"`{names}`", " ".join(meaning.split())) for names, meaning in records]
    return f"    {usage}\n\n{table(('option', 'what it does'), rows)}"


def rules(cause: str) -> str:
    """The rules that name a cause for a stall, in the words of the code; all for the README."""
    rows = [
        (kind, f"{place} of {len(own)}", f"`{rule.cause}`", first_sentence(rule.applies),
         rule.blame, rule.confidence)
        for kind, own in RULES.items()
        for place, rule in enumerate(own, 1)
        if cause in ("README", rule.cause)
    ]  # fmt: skip
    return table(("a stall …", "rule", "cause", "holds where", "blame", "confidence"), rows)


def first_sentence(function: Callable[..., object]) -> str:
    """The head of a docstring, on one line."""
    return " ".join((function.__doc__ or "").partition("\n\n")[0].split())


def columns(_stem: str) -> str:
    """All tables of columns."""
    parts = []
    for name, (call, about) in TABLES.items():
        rows = [
            (f"`{column.name}`", filters(column), column.unit, column.dtype, column.meaning,
             SOURCES.get(column.source, column.source))
            for column in schema.TABLES[name]
        ]  # fmt: skip
        head = ("column", "display filter", "unit", "type", "meaning", "source")
        parts += [f"## {call}", about, table(head, rows)]
    return "\n\n".join(parts)


def filters(column: schema.Column) -> str:
    """The tshark fields of a column, "" where tcpwin computes it."""
    return " or ".join(f"`{field}`" for field in column.field.split(" or ") if field)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [[cell.replace("|", r"\|") for cell in row] for row in [head, *rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PARTS: Final[Mapping[str, Callable[[str], str]]] = {
    "commands": commands,
    "options": options,
    "rules": rules,
    "columns": columns,
    "comparison": lambda _stem: table(comparison.HEAD, comparison.rows()),
}


if __name__ == "__main__":
    add_commands()
    for page in [Path(name).resolve() for name in sys.argv[1:]] or pages():
        page.write_text(renewed(page), encoding="utf-8")
