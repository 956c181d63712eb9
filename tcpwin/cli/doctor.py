"""``tcpwin doctor``: is everything there that tcpwin needs, and what to do if not."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import click

from tcpwin.cli.common import tshark_option
from tcpwin.errors import TcpwinError, TsharkError

PACKAGES: Final = ("tcpwin", "pyshark", "pandas", "pyarrow", "matplotlib")


@click.command("doctor")
@tshark_option
def command(tshark: str | None) -> None:
    """Say what is used, what is missing, and what to do about it."""
    say("Python", f"{platform.python_version()} on {platform.platform(terse=True)}")
    check_packages()
    check_tshark(tshark)
    say("result", "all is well")


def check_packages() -> None:
    """Say the version of each package.

    Raises:
        TcpwinError: some are missing.
    """
    missing = []
    for package in PACKAGES:
        try:
            say(package, version(package))
        except PackageNotFoundError:
            say(package, "MISSING")
            missing.append(package)
    if missing:
        raise TcpwinError(f"packages are missing: python -m pip install {' '.join(missing)}")


def check_tshark(wanted: str | None) -> None:
    """Say where tshark is and which columns it leaves empty.

    Raises:
        TsharkError: there is no usable one.
    """
    from tcpwin.tshark import find_tshark, listed_fields, missing_fields

    try:
        tshark = find_tshark(wanted)
        missing = missing_fields(listed_fields(tshark))
    except TsharkError:
        say("tshark", "NOT USABLE")
        raise
    say("tshark", f"{tshark.version_text} at {tshark.path}")
    if missing:
        say("fields", f"{len(missing)} MISSING: a newer tshark fills {', '.join(missing)}")
    else:
        say("fields", "all there")


def say(what: str, text: str) -> None:
    """One line of the result."""
    click.echo(f"{what:<11}{text}")
