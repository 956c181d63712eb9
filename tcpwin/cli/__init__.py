"""The command line: one file per command; paths, ``--force`` and exit codes live here.

`app` lists the commands and says how to add one. pandas, matplotlib, pyshark and tcpwin.model
are imported inside the commands, so that ``--help`` answers at once.
"""

from tcpwin.cli.app import main

__all__ = ["main"]
