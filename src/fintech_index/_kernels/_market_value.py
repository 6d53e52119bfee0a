"""Market value over segments, in numpy. `_compiled` has its twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEGMENTS_AT_ONCE = 64  # so that what is gathered stays small, however many are held


def add_segments(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Add the market value of every segment to the sessions it is held in.

    Parameters
    ----------
    prices : int32, int64 or float64 array of shape (securities, sessions)
        Each row one security, so that a segment is one contiguous run.
    security, start, stop : int64 arrays of shape (segments,)
        Row of `prices`, first session held, first session no longer held.
    shares : int64 or float64 array of shape (segments,)
        Index shares; float64 where prices are.
    out : int64 or float64 array of shape (sessions,)
        Added to in place, in the order of the segments (which matters to floats alone).
    """
    add = _add_one_by_one if out.dtype == np.float64 else _add_at_once
    cuts = np.flatnonzero((np.diff(start) != 0) | (np.diff(stop) != 0)) + 1
    edges = np.concatenate([[0], cuts, [len(start)]])
    for first, last in np.column_stack([edges[:-1], edges[1:]]).tolist():
        for begin in range(first, last, _SEGMENTS_AT_ONCE):
            some = slice(begin, min(begin + _SEGMENTS_AT_ONCE, last))
            held = slice(start[begin], stop[begin])
            add(prices[security[some], held], shares[some], out[held])


def _add_at_once(prices: NDArray[Any], shares: NDArray[Any], out: NDArray[Any]) -> None:
    out += shares @ prices


def _add_one_by_one(prices: NDArray[Any], shares: NDArray[Any], out: NDArray[Any]) -> None:
    for row, count in zip(prices, shares, strict=True):
        out += row * count


def cuts_between(start: NDArray[np.int64], stop: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Cut segments into at most so many parts that have no session in common, of about as many segments each.

    Parameters
    ----------
    start, stop : int64 arrays of shape (segments,)
        One segment or more.
    parts : int

    Returns
    -------
    int64 array
        Where each part begins, and the number of segments.
    """
    count = len(start)
    ended = np.maximum.accumulate(stop)[:-1]
    possible = np.flatnonzero(np.minimum.accumulate(start[::-1])[::-1][1:] >= ended) + 1
    marks = -(-np.arange(1, parts) * count // parts)  # a part's even share, rounded up
    marks = marks[marks <= possible.max(initial=0)]
    chosen = possible[np.searchsorted(possible, marks)]
    return np.unique(np.concatenate([[0], chosen, [count]])).astype(np.int64)
