"""Market value over segments, in numpy. `_compiled.add_segments` is its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
    for segment in range(len(security)):
        begin, end = start[segment], stop[segment]
        out[begin:end] += prices[security[segment], begin:end] * shares[segment]
