"""The numba twins. Import this module only where the work is worth half a second of start-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from fintech_index._kernels._levels import NEAR_A_TIE, UNITS_OF_THE_LAST_PLACE
from fintech_index.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

threads = numba.get_num_threads


@compiled(nogil=True)
def add_segments(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Do what `_market_value.add_segments` does: four segments of the same sessions at once, left to right."""
    at, count = 0, len(security)
    while at < count:
        begin, end = start[at], stop[at]
        held = out[begin:end]
        row, own = prices[security[at], begin:end], shares[at]
        if at + 3 < count and _as_long(start, stop, at):
            second, third, fourth = (
                prices[security[at + 1], begin:end],
                prices[security[at + 2], begin:end],
                prices[security[at + 3], begin:end],
            )
            of_second, of_third, of_fourth = shares[at + 1], shares[at + 2], shares[at + 3]
            for session in range(len(held)):
                held[session] = (
                    held[session]
                    + row[session] * own
                    + second[session] * of_second
                    + third[session] * of_third
                    + fourth[session] * of_fourth
                )
            at += 4
        else:
            for session in range(len(held)):
                held[session] += row[session] * own
            at += 1


@compiled(nogil=True)
def _as_long(start: NDArray[np.int64], stop: NDArray[np.int64], at: int) -> bool:
    """Tell whether four segments are held over the same sessions."""
    same: bool = (
        start[at + 1] == start[at]
        and start[at + 2] == start[at]
        and start[at + 3] == start[at]
        and stop[at + 1] == stop[at]
        and stop[at + 2] == stop[at]
        and stop[at + 3] == stop[at]
    )
    return same


@compiled(nogil=True)
def add_narrow_segments(
    prices: NDArray[np.uint32],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[np.uint32],
    out: NDArray[np.uint64],
) -> None:
    """Do the same for prices and shares below 2**32, which multiply four at a time: eight segments at once."""
    at, count = 0, len(security)
    while at < count:
        begin, end = start[at], stop[at]
        held = out[begin:end]
        if at + 7 < count and _as_long(start, stop, at) and _as_long(start, stop, at + 4) and start[at + 4] == begin:
            a, b, c, d = _four(prices, security, at, begin, end)
            e, f, g, h = _four(prices, security, at + 4, begin, end)
            of_a, of_b, of_c, of_d = _wide(shares, at)
            of_e, of_f, of_g, of_h = _wide(shares, at + 4)
            for day in range(len(held)):
                held[day] += (
                    np.uint64(a[day]) * of_a
                    + np.uint64(b[day]) * of_b
                    + np.uint64(c[day]) * of_c
                    + np.uint64(d[day]) * of_d
                    + np.uint64(e[day]) * of_e
                    + np.uint64(f[day]) * of_f
                    + np.uint64(g[day]) * of_g
                    + np.uint64(h[day]) * of_h
                )
            at += 8
        elif at + 3 < count and _as_long(start, stop, at):
            a, b, c, d = _four(prices, security, at, begin, end)
            of_a, of_b, of_c, of_d = _wide(shares, at)
            for day in range(len(held)):
                held[day] += (
                    np.uint64(a[day]) * of_a
                    + np.uint64(b[day]) * of_b
                    + np.uint64(c[day]) * of_c
                    + np.uint64(d[day]) * of_d
                )
            at += 4
        else:
            row, own = prices[security[at], begin:end], np.uint64(shares[at])
            for day in range(len(held)):
                held[day] += np.uint64(row[day]) * own
            at += 1


@compiled(nogil=True)
def _four(
    prices: NDArray[np.uint32], security: NDArray[np.int64], at: int, begin: int, end: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """Give the prices of four segments over the same sessions."""
    return (
        prices[security[at], begin:end],
        prices[security[at + 1], begin:end],
        prices[security[at + 2], begin:end],
        prices[security[at + 3], begin:end],
    )


@compiled(nogil=True)
def _wide(shares: NDArray[np.uint32], at: int) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Give the shares of four segments."""
    return np.uint64(shares[at]), np.uint64(shares[at + 1]), np.uint64(shares[at + 2]), np.uint64(shares[at + 3])


@compiled(nogil=True)
def cuts_between(start: NDArray[np.int64], stop: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Do what `_market_value.cuts_between` does."""
    count = len(start)
    begins = np.empty(count + 1, np.int64)  # the first session of any later segment
    begins[count] = np.iinfo(np.int64).max
    for at in range(count - 1, -1, -1):
        begins[at] = min(begins[at + 1], start[at])
    cuts = np.zeros(parts + 1, np.int64)
    kept, part, ended = 1, 1, np.int64(0)
    for at in range(1, count):
        ended = max(ended, stop[at - 1])
        if begins[at] >= ended and at * parts >= part * count:
            cuts[kept] = at
            kept, part = kept + 1, at * parts // count + 1
    cuts[kept] = count
    return cuts[: kept + 1]


@compiled(nogil=True, parallel=True)
def add_narrow_segments_in_parallel(
    prices: NDArray[np.uint32],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[np.uint32],
    out: NDArray[np.uint64],
    cuts: NDArray[np.int64],
) -> None:
    """Do the same, parts of the segments side by side that have no session in common: the bits are the same."""
    for part in numba.prange(len(cuts) - 1):
        own = slice(cuts[part], cuts[part + 1])
        add_narrow_segments(prices, security[own], start[own], stop[own], shares[own], out)


@compiled(nogil=True)
def round_levels(
    values: NDArray[np.float64], starts: NDArray[np.int64], factors: NDArray[np.float64], out: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Do what `_levels.round_levels` does, in one pass; sessions in doubt, which are few, are looked up in a second."""
    doubtful = 0
    for piece in range(len(starts)):
        end = starts[piece + 1] if piece + 1 < len(starts) else len(values)
        factor = factors[piece]
        for session in range(starts[piece], end):
            count = values[session] * factor
            out[session] = np.floor(count + 0.5)
            doubtful += in_doubt_of(count)
    found = np.empty(doubtful, np.int64)
    if doubtful:
        at = 0
        for piece in range(len(starts)):
            end = starts[piece + 1] if piece + 1 < len(starts) else len(values)
            for session in range(starts[piece], end):
                if in_doubt_of(values[session] * factors[piece]):
                    found[at] = session
                    at += 1
    return found


@compiled(nogil=True)
def sum_spans(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Do what `_spans.sum_spans` does, for integers."""
    for at in range(len(security)):
        row, total = prices[security[at]], np.int64(0)
        for session in range(start[at], stop[at]):
            total += row[session]
        out[at] = total


@compiled(nogil=True)
def in_doubt_of(count: float) -> bool:
    """Tell whether a float is too near a tie to be rounded by itself."""
    near: bool = abs(count - np.floor(count) - 0.5) < max(NEAR_A_TIE, count * UNITS_OF_THE_LAST_PLACE)
    return near
