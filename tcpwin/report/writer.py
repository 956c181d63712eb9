"""Puts output in place all at once or not at all.

Files are made in a hidden folder on the same file system (inside the output folder when
that exists, else in the nearest folder above it that does) and moved at the end. Whatever
happens before, an error, Ctrl-C, a full disk, leaves the output as it was.
"""

from __future__ import annotations

import gzip
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tcpwin.errors import OutputError

_CHART: Final = re.compile(r"(stream-\d{4,}_[a-z0-9_-]+|ladder|delays|runs)\.(png|svg|pdf)")


def check_folder(folder: Path, *, force: bool) -> None:
    """See early whether a report can go into `folder`; nothing stays written.

    Raises:
        OutputError: it is no folder, cannot be made, or has something in it and `force` is off.
    """
    with _as_output_error(folder):
        if _exists(folder) and any(folder.iterdir()) and not force:
            raise OutputError(
                f"{folder} is there already and not empty; choose another folder, or "
                "--force replaces what tcpwin wrote there before"
            )
        _probe(_nearest(folder))


def check_file(target: Path, *, force: bool) -> None:
    """See early whether `target` can be written.

    Raises:
        OutputError: it is a folder, cannot be made, or is there and `force` is off.
    """
    with _as_output_error(target):
        if target.is_dir():
            raise OutputError(f"{target} is a folder; name a file")
        if _exists(target) and not force:
            raise OutputError(f"{target} is there already; choose another file, or --force")
        _probe(_nearest(target.absolute().parent))


@contextmanager
def staged_folder(folder: Path, *, force: bool) -> Iterator[Path]:
    """A folder to write a report to, which becomes `folder` when the block ends well.

    With `force`, files of an earlier report are replaced, and charts that it lists and the
    new one does not have are removed; all other files stay.

    Raises:
        OutputError: something cannot be written.
    """
    check_folder(folder, force=force)
    with _stage(folder, _nearest(folder)) as stage:
        yield stage
        if not _exists(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            stage.rename(folder)
            return
        stale = _charts_of_earlier_report(folder)
        fresh = sorted(path.name for path in stage.iterdir())
        for name in fresh:
            if (folder / name).is_dir():
                raise OutputError(f"{folder / name} is a folder in the way; remove it")
        for name in fresh:
            (stage / name).replace(folder / name)
        for name in stale.difference(fresh):
            (folder / name).unlink(missing_ok=True)


@contextmanager
def staged_file(target: Path, *, force: bool) -> Iterator[Path]:
    """A path to write to, which becomes `target` when the block ends well.

    Raises:
        OutputError: it cannot be written.
    """
    check_file(target, force=force)
    target = target.resolve()  # a link stays a link; what it points to is replaced
    with _stage(target, _nearest(target.parent)) as stage:
        yield stage / target.name
        target.parent.mkdir(parents=True, exist_ok=True)
        (stage / target.name).replace(target)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A binary file to write to, compressed if its name says so; the same bytes each time."""
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            yield packed


@contextmanager
def _stage(output: Path, place: Path) -> Iterator[Path]:
    stage = place / f".tcpwin-{secrets.token_hex(8)}"
    try:
        with _as_output_error(output):
            stage.mkdir()
            yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _as_output_error(output: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # somebody's pipe, not our file
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {output}: {reason}; choose another place") from error


def _charts_of_earlier_report(folder: Path) -> set[str]:
    """The charts that the summary.json in `folder` lists; only names that a chart can have."""
    try:
        charts = json.loads((folder / "summary.json").read_bytes())["charts"]
        names = {str(name) for chart in charts for name in chart.get("files", [chart["file"]])}
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return set()
    return {name for name in names if _CHART.fullmatch(name)}


def _exists(path: Path) -> bool:
    """Like `Path.exists`, but what cannot be looked at is an error in every Python version."""
    try:
        path.stat()
    except FileNotFoundError:
        return path.is_symlink()
    return True


def _nearest(path: Path) -> Path:
    """The path itself or the first folder above it that is there."""
    return next(place for place in (path, *path.absolute().parents) if _exists(place))


def _probe(folder: Path) -> None:
    """Raise OSError unless a file can be made in `folder`; asking os.access is not enough."""
    probe = folder / f".tcpwin-{secrets.token_hex(8)}"
    probe.mkdir()
    probe.rmdir()
