"""``tcpwin export``: the tables of a capture as Parquet or CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tcpwin.cli.common import Source, check_target, force_option, reads_capture
from tcpwin.units import printable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


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
    """Write packets or state to OUT, a .parquet or .csv file."""
    from tcpwin.report.writer import staged_file

    writers = {".parquet": write_parquet, ".csv": write_csv}
    if target.suffix not in writers:
        raise click.BadParameter("OUT has to end in .parquet or .csv", param_hint="OUT")
    check_target(source, target, force=force)
    capture = source.read()
    frame = capture.packets if name == "packets" else capture.state
    with staged_file(target, force=force) as stage:
        writers[target.suffix](frame, stage)
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

    table = _arrow(frame)
    for i, field in enumerate(table.schema):
        if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
            items = table.column(i).combine_chunks().cast(pa.list_(pa.string()))
            table = table.set_column(i, field.name, pc.binary_join(items, ","))
    csv.write_csv(table, path)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def _readable_by_pandas(table: pa.Table) -> pa.Table:
    """Note list columns as objects: pandas cannot read the name of its own dtype for them."""
    notes = json.loads(table.schema.metadata[b"pandas"])
    for column in notes["columns"]:
        if column["numpy_type"].startswith(("list<", "large_list<")):
            column["numpy_type"] = "object"
    return table.replace_schema_metadata({b"pandas": json.dumps(notes)})
