"""Arrays that rows are added to, without a second copy of them at the end."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_LEAST: Final = 1 << 16  # rows: so large that the memory goes back to the system at its end


class Grown:
    """An array that grows in place; large ones are moved by the system, not copied."""

    def __init__(self, kind: Any) -> None:
        self._array: NDArray[Any] = np.empty(0, kind)
        self._size = 0

    def add(self, rows: NDArray[Any]) -> None:
        """Put these at its end."""
        size = self._size + len(rows)
        if size > len(self._array):
            self._array.resize(max(size + size // 4, _LEAST), refcheck=False)
        self._array[self._size : size] = rows
        self._size = size

    def done(self) -> NDArray[Any]:
        """All rows, shape (n,); nothing can be added any more."""
        self._array.resize(self._size, refcheck=False)
        return self._array
