"""tcpwin beside tshark, tcptrace and pyshark, on captures made here, as a table in Markdown.

The programs run in turn, so that a machine that slows down slows all of them down.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from tcpwin.cache import folder as cache_folder
from tcpwin.tshark.executable import Tshark, find_tshark
from tcpwin.tshark.reader import cores
from tests.bench import budgets, table
from tests.bench.captures import CAPTURES, write
from tests.bench.machine import load, machine
from tests.bench.programs import ON_A_PART, Skipped, programs


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the captures, run everything in turn, print the tables."""
    options = parsed(arguments)
    tshark = find_tshark(options.tshark)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # pyshark loses a race at its end
    text, before = "", load()
    with tempfile.TemporaryDirectory(prefix="tcpwin-bench-") as name:
        folder = Path(name)
        own_cache = {cache_folder.FOLDER: str(folder / "cache"), cache_folder.SIZE: ""}
        with mock.patch.dict(os.environ, own_cache):
            if options.only != "budgets":
                rows: list[table.Row] = []
                for capture in options.captures:
                    rows += measured(capture, folder, tshark, options)
                text += f"\n\n{table.timings(rows)}\n\n{judged(rows, options.packets)}"
            if options.only != "programs":
                sizes = options.packets, options.repeat
                text += "\n\n" + budgets.table(list(budgets.budgets(folder, tshark.path, *sizes)))
    text = machine(tshark, before) + text
    print(text)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tshark", help="the tshark to use")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each (%(default)s)")
    parser.add_argument("--packets", type=int, default=400_000, help="of a capture (%(default)s)")
    parser.add_argument("--part", type=int, default=10_000, help="for pyshark (%(default)s)")
    parser.add_argument(
        "--captures", type=lambda text: text.split(","), default=list(CAPTURES),
        help=f"some of {','.join(CAPTURES)} (all)",
    )  # fmt: skip
    parser.add_argument("--only", choices=("programs", "budgets"), help="one of the two tables")
    parser.add_argument("-o", "--output", type=Path, help="also write the tables to this file")
    options = parser.parse_args(arguments)
    if unknown := set(options.captures) - set(CAPTURES):
        parser.error(f"no capture {', '.join(sorted(unknown))}: there are {', '.join(CAPTURES)}")
    return options


def judged(rows: list[table.Row], packets: int) -> str:
    """The promises, if the captures are large enough."""
    if packets < table.PROMISED_FOR:
        return f"The promises are for {table.PROMISED_FOR:,} packets or more: not judged."
    return table.promises(rows, cores())


def measured(
    capture: str, folder: Path, tshark: Tshark, options: argparse.Namespace
) -> list[table.Row]:
    """Every program on one capture, `options.repeat` times."""
    make, ending = CAPTURES[capture]
    packets = make(options.packets)
    whole, part = folder / f"{capture}{ending}", folder / f"{capture}-part{ending}"
    write(whole, packets)
    write(part, packets[: options.part])
    sizes = {whole: len(packets), part: min(options.part, len(packets))}
    del packets
    works = programs(tshark)
    paths = {name: part if name in ON_A_PART else whole for name in works}
    rows = [table.Row(capture, name, sizes[path]) for name, path in paths.items()]
    # The first run is not measured: imports, files not yet in memory, the cache not yet filled.
    for number in range(options.repeat + 1):
        for row in rows:
            if row.skipped:
                continue
            say(f"{capture}, run {number} of {options.repeat}: {row.program}")
            gc.collect()
            begin = time.perf_counter()
            try:
                done = works[row.program](paths[row.program])
            except Skipped as why:
                row.skipped = str(why)
                continue
            taken = time.perf_counter() - begin
            if capture != "mixed":  # where packets of UDP are in no table
                assert done in (0, row.packets), f"{row.program} read {done} of {row.packets}"
            if number:
                row.seconds.append(taken)
    whole.unlink()
    part.unlink()
    say("")
    return rows


def say(what: str) -> None:
    """What runs, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
