"""What tshark read, kept as Parquet files in the user's cache folder.

A capture that is read again is not dissected again. `key` says what a table was made from,
`kept` ties a key to its files, `frames` is the form of these, `folder` keeps them in bounds.
Nothing here changes a result: a file that cannot be used is made again, and what cannot be
written is not kept.
"""

from tcpwin.cache.folder import Entry, clear, entries, most_bytes, place
from tcpwin.cache.kept import Kept, kept

__all__ = ["Entry", "Kept", "clear", "entries", "kept", "most_bytes", "place"]
