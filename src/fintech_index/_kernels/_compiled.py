"""The numba twins. Import this module only where the work is worth half a second of start-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

_SESSIONS_A_BLOCK = 512


def _compile(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile lazily, with numba's cache on disk where a folder for it can be written."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
        except RuntimeError:  # no place for the cache: compile in every process
            return numba.njit(**options)(function)  # type: ignore[no-any-return]

    return decorate


@_compile(nogil=True)
def add_segments(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Do what `_market_value.add_segments` does."""
    for segment in range(len(security)):
        row = prices[security[segment]]
        count = shares[segment]
        for session in range(start[segment], stop[segment]):
            out[session] += row[session] * count


@_compile(nogil=True, parallel=True)
def add_segments_in_parallel(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Do the same, blocks of sessions side by side: each session is one thread's, so the bits are the same."""
    blocks = (len(out) + _SESSIONS_A_BLOCK - 1) // _SESSIONS_A_BLOCK
    for block in numba.prange(blocks):
        begin = block * _SESSIONS_A_BLOCK
        end = min(begin + _SESSIONS_A_BLOCK, len(out))
        for segment in range(len(security)):
            first = max(start[segment], begin)
            last = min(stop[segment], end)
            row = prices[security[segment]]
            count = shares[segment]
            for session in range(first, last):
                out[session] += row[session] * count
