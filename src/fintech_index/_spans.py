"""Rows of an ordered table that belong to each of many keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rows_between(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the rows from ``first[i]`` up to ``last[i]`` for each i in turn: two arrays, of i and of rows."""
    found = last - first
    which = np.repeat(np.arange(len(found)), found)
    return which, np.arange(len(which)) + np.repeat(first - np.cumsum(found) + found, found)
