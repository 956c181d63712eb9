"""``tcpwin export``: the tables of a capture as Parquet, CSV or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tcpwin.cli.common import Source, check_target, force_option, reads_capture
from tcpwin.units import printable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_ROWS: Final = 1 << 16  # turned into JSON at a time
_LISTS: Final = ("list<", "large_list<")


@click.command("export")
@reads_capture
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--table",
    "name",
    type=click.Choice(["packets", "state"]),
    default="packets",
    show_default=True,
    help="One row per TCP segment, or where both flows stand after it.",
)
@force_option
def command(source: Source, target: Path, name: str, force: bool) -> None:
    """Write packets or state to OUT, as Parquet, CSV or JSON lines.

    OUT ends in .parquet, .csv or .jsonl; the last two also with .gz. Every row has the frame
    number. packets has Wireshark's values; state has two rows per packet, one for each flow:
    window, bytes in flight, what is usable, who holds it back.
    """
    from tcpwin.report.writer import staged_file

    writer = next((WRITERS[end] for end in WRITERS if target.name.endswith(end)), None)
    if writer is None:
        *some, last = WRITERS
        raise click.BadParameter(f"OUT has to end in {', '.join(some)} or {last}", param_hint="OUT")
    check_target(source, target, force=force)
    capture = source.read()
    frame = capture.packets if name == "packets" else capture.state
    with staged_file(target, force=force) as stage:
        writer(frame, stage)
    click.echo(f"Wrote {printable(str(target))} ({len(frame):,} rows)")


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """The frame with its types, lists too."""
    import pyarrow.parquet as pq

    pq.write_table(_readable_by_pandas(_arrow(frame)), path, compression="zstd")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """The frame as text; a list becomes its items joined by commas."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    from tcpwin.report.writer import opened

    table = _arrow(frame)
    for i, field in enumerate(table.schema):
        if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
            items = table.column(i).combine_chunks().cast(pa.list_(pa.string()))
            table = table.set_column(i, field.name, pc.binary_join(items, ","))
    with opened(path) as file:
        csv.write_csv(table, file)


def write_jsonl(frame: pd.DataFrame, path: Path) -> None:
    """One JSON object per row; what is not known is null, a time is text with nine digits."""
    import pyarrow as pa

    from tcpwin.report.writer import opened

    lists = [str(name) for name in frame if str(frame[name].dtype).startswith(_LISTS)]
    times = [str(name) for name in frame.select_dtypes("datetimetz")]
    with opened(path) as file:
        for low in range(0, len(frame), _ROWS):
            part = frame.iloc[low : low + _ROWS].astype(dict.fromkeys(lists, object))
            # pandas writes zeros for the nanoseconds of a time (seen in 3.1).
            texts = {name: pa.array(part[name]).cast(pa.string()).to_pylist() for name in times}
            part = part.assign(**texts)
            part.to_json(file, orient="records", lines=True, double_precision=15)


WRITERS: Final[dict[str, Callable[[pd.DataFrame, Path], None]]] = {
    ".parquet": write_parquet,
    ".csv": write_csv,
    ".csv.gz": write_csv,
    ".jsonl": write_jsonl,
    ".jsonl.gz": write_jsonl,
}


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def _readable_by_pandas(table: pa.Table) -> pa.Table:
    """Note list columns as objects: pandas cannot read the name of its own dtype for them."""
    notes = json.loads(table.schema.metadata[b"pandas"])
    for column in notes["columns"]:
        if column["numpy_type"].startswith(_LISTS):
            column["numpy_type"] = "object"
    return table.replace_schema_metadata({b"pandas": json.dumps(notes)})
