"""Builds the API pages from the docstrings: ``python -m tools.api FOLDER``.

Public names only: those in ``__all__`` of the modules named here.
"""

import sys
import warnings
from importlib import import_module
from pathlib import Path

import pdoc

MODULES = ("tcpwin", "tcpwin.diagnosis", "tcpwin.plots")
ONLY_IN_STUBS = r"Error parsing type annotation pd\.Series\["  # pandas itself has no Series[Any]


def build(target: Path) -> None:
    """Write the pages into a folder."""
    for name in MODULES:
        module = import_module(name)
        for public in module.__all__:  # imported on first use, which pdoc does not do
            setattr(module, public, getattr(module, public))
    pdoc.render.configure(docformat="google", search=False, show_source=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ONLY_IN_STUBS)
        pdoc.pdoc(*MODULES, output_directory=target)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
