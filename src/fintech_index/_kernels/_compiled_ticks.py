"""The numba twins of `_ticks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from fintech_index.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


_BLOCK = 4096  # market values that are kept until they are divided


@compiled(nogil=True)
def _follow(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    last: NDArray[np.int64],
    shares: NDArray[np.int64],
    value: int,
    out: NDArray[np.int64],
) -> tuple[int, int, int, int]:
    """Give the market value at the end, and what `_ticks.value_after_ticks` does.

    Who is not in has 0 shares: that is faster than to ask. A tick of nobody stops it, before anything is read for it.
    """
    lowest, highest = price[0], price[0]
    for tick in range(len(security)):
        number = np.uint64(security[tick])  # what is negative is far too large
        if number >= np.uint64(len(last)):
            return value, tick, lowest, highest
        lowest, highest = min(lowest, price[tick]), max(highest, price[tick])
        now = np.int64(price[tick])
        value += (now - last[number]) * shares[number]
        last[number] = now
        out[tick] = value
    return value, -1, lowest, highest


@compiled(nogil=True)
def _last_before(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    begin: int,
    opening: NDArray[Any],
    constituent: NDArray[np.bool_],
) -> NDArray[Any]:
    """Give the prices of constituents before a tick: back from it until each of them is found, or the tape begins."""
    last, sought = opening.copy(), constituent.copy()
    missing, tick = sought.sum(), begin
    while missing and tick:
        tick -= 1
        number = np.uint64(security[tick])
        if number < np.uint64(len(last)) and sought[number]:
            last[number], sought[number] = price[tick], False
            missing -= 1
    return last


@compiled(nogil=True)
def _values_of_part(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    begin: int,
    end: int,
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> NDArray[np.int64]:
    last = _last_before(security, price, begin, opening, shares != 0)
    part = slice(begin, end)
    _, strange, lowest, highest = _follow(security[part], price[part], last, shares, (last * shares).sum(), out[part])
    return np.array([strange if strange < 0 else begin + strange, lowest, highest])


@compiled(nogil=True)
def _levels_of_part(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    begin: int,
    end: int,
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: float,
    out: NDArray[np.float64],
) -> NDArray[np.int64]:
    last = _last_before(security, price, begin, opening, shares != 0)
    value, lowest, highest = (last * shares).sum(), price[begin], price[begin]
    values = np.empty(_BLOCK, np.int64)
    for first in range(begin, end, _BLOCK):
        block = slice(first, min(first + _BLOCK, end))
        value, strange, low, high = _follow(security[block], price[block], last, shares, value, values)
        lowest, highest = min(lowest, low), max(highest, high)
        if strange >= 0:
            return np.array([first + strange, lowest, highest])
        levels = out[block]
        for tick in range(len(levels)):
            levels[tick] = values[tick] / divisor
    return np.array([-1, lowest, highest])


@compiled(nogil=True)
def value_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Do what `_ticks.value_after_ticks` does."""
    found: NDArray[np.int64] = _values_of_part(security, price, 0, len(security), opening, shares, out)
    return found


@compiled(nogil=True)
def levels_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: float,
    out: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Do what `_ticks.levels_after_ticks` does, without a column of market values."""
    found: NDArray[np.int64] = _levels_of_part(security, price, 0, len(security), opening, shares, divisor, out)
    return found


@compiled(nogil=True, parallel=True)
def value_after_ticks_in_parallel(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    parts: int,
    out: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Do the same, parts of the tape side by side, each of one tick or more."""
    found = np.empty((parts, 3), np.int64)
    for part in numba.prange(parts):
        begin, end = part * len(security) // parts, (part + 1) * len(security) // parts
        found[part] = _values_of_part(security, price, begin, end, opening, shares, out)
    whole: NDArray[np.int64] = _of_all_parts(found)
    return whole


@compiled(nogil=True, parallel=True)
def levels_after_ticks_in_parallel(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: float,
    parts: int,
    out: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Do the same, parts of the tape side by side, each of one tick or more."""
    found = np.empty((parts, 3), np.int64)
    for part in numba.prange(parts):
        begin, end = part * len(security) // parts, (part + 1) * len(security) // parts
        found[part] = _levels_of_part(security, price, begin, end, opening, shares, divisor, out)
    whole: NDArray[np.int64] = _of_all_parts(found)
    return whole


@compiled(nogil=True)
def _of_all_parts(found: NDArray[np.int64]) -> NDArray[np.int64]:
    strange = -1
    for part in range(len(found) - 1, -1, -1):
        if found[part, 0] >= 0:
            strange = found[part, 0]
    return np.array([strange, found[:, 1].min(), found[:, 2].max()])


@compiled(nogil=True)
def bounds(security: NDArray[np.int32], price: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """Do what `_ticks.bounds` does, in one pass."""
    first, last, low, high = security[0], security[0], price[0], price[0]
    for tick in range(len(security)):
        first, last = min(first, security[tick]), max(last, security[tick])
        low, high = min(low, price[tick]), max(high, price[tick])
    return first, last, low, high


@compiled(nogil=True)
def values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Do what `_ticks.values_at` does: only the last price of a security before a moment counts."""
    last, begin = opening.copy(), 0
    for moment in range(len(ends)):
        for tick in range(begin, ends[moment]):
            last[security[tick]] = price[tick]
        begin = ends[moment]
        values = out[moment]
        values[:] = 0
        for number in range(len(last)):
            now = last[number]
            for index in range(len(values)):
                values[index] += now * shares[number, index]


@compiled(nogil=True)
def _narrow_values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    begin: int,
    ends: NDArray[np.int64],
    last: NDArray[np.uint32],
    shares: NDArray[np.uint32],
    out: NDArray[np.uint64],
) -> None:
    """Do the same with eight securities at once, so that a market value is loaded and stored an eighth as often."""
    for moment in range(len(ends)):
        for tick in range(begin, ends[moment]):
            last[security[tick]] = price[tick]
        begin = ends[moment]
        values = out[moment]
        values[:] = 0
        for number in range(0, len(last) - 7, 8):
            one, two = np.uint64(last[number]), np.uint64(last[number + 1])
            three, four = np.uint64(last[number + 2]), np.uint64(last[number + 3])
            five, six = np.uint64(last[number + 4]), np.uint64(last[number + 5])
            seven, eight = np.uint64(last[number + 6]), np.uint64(last[number + 7])
            for index in range(len(values)):
                values[index] += (
                    one * np.uint64(shares[number, index])
                    + two * np.uint64(shares[number + 1, index])
                    + three * np.uint64(shares[number + 2, index])
                    + four * np.uint64(shares[number + 3, index])
                    + five * np.uint64(shares[number + 4, index])
                    + six * np.uint64(shares[number + 5, index])
                    + seven * np.uint64(shares[number + 6, index])
                    + eight * np.uint64(shares[number + 7, index])
                )
        for number in range(len(last) - len(last) % 8, len(last)):
            for index in range(len(values)):
                values[index] += np.uint64(last[number]) * np.uint64(shares[number, index])


@compiled(nogil=True, parallel=True)
def narrow_values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    opening: NDArray[np.uint32],
    shares: NDArray[np.uint32],
    out: NDArray[np.uint64],
    parts: int,
) -> None:
    """Do the same for prices and shares below 2**32, parts of the moments side by side.

    Each part begins with the last prices before it, so that the bits are the same however many parts there are.
    """
    everybody = np.ones(len(opening), np.bool_)
    for part in numba.prange(parts):
        first, end = part * len(ends) // parts, (part + 1) * len(ends) // parts
        if first < end:
            begin = ends[first - 1] if first else 0
            last = _last_before(security, price, begin, opening, everybody)
            _narrow_values_at(security, price, begin, ends[first:end], last, shares, out[first:end])
