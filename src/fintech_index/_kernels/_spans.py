"""Sums over spans of sessions, in numpy. `_compiled.sum_spans` is the twin for integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS = 2**16  # prices that are looked at together


def sum_spans(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    out: NDArray[Any],
) -> None:
    """Add up the prices of securities over spans of sessions, each from `start` up to `stop`.

    Parameters
    ----------
    prices : int32, int64 or float64 array of shape (securities, sessions)
    security, start, stop : int64 arrays of shape (spans,)
        No span is empty.
    out : int64 or float64 array of shape (spans,)
        Filled.
    """
    ends = np.cumsum(stop - start)
    done = 0
    while done < len(security):
        begun = ends[done] - (stop[done] - start[done])
        until = max(int(np.searchsorted(ends, begun + _CELLS, side="right")), done + 1)
        own = slice(done, until)
        first = ends[own] - (stop[own] - start[own]) - begun
        cells = np.repeat(security[own] * prices.shape[1] + start[own] - first, stop[own] - start[own])
        cells += np.arange(len(cells))
        out[own] = np.add.reduceat(prices.take(cells), first, dtype=out.dtype)
        done = until
