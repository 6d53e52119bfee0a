"""Market values on a tape of ticks, in numpy. `_compiled_ticks` has the twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def value_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Follow the market value of one index from tick to tick.

    Parameters
    ----------
    security, price : int32 arrays of shape (ticks,)
        Which security, and its new price in counts of the price unit. One tick or more.
    opening : int64 array of shape (securities,)
        The prices before the first tick.
    shares : int64 array of shape (securities,)
        Index shares; 0 for who is not in.
    out : int64 array of shape (ticks,)
        Filled with the market value after each.

    Returns
    -------
    int64 array of shape (3,)
        The first tick of a security that there is not, or -1; the least and the largest price, if it is -1. Where it is
        not, `out` means nothing.
    """
    strange = np.flatnonzero((security < 0) | (security >= len(opening)))
    if len(strange):
        return np.array([strange[0], 0, 0])
    order = np.argsort(security, kind="stable")
    number, prices = security[order], price[order].astype(np.int64)
    first = np.append(True, number[1:] != number[:-1])
    before = np.empty(len(number), np.int64)
    before[1:] = prices[:-1]
    before[first] = opening[number[first]]
    out[order] = (prices - before) * shares[number]
    np.cumsum(out, out=out)
    out += opening @ shares
    return np.array([-1, price.min(), price.max()], np.int64)


def levels_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: float,
    out: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Follow the level of one index: the market value of `value_after_ticks` over a divisor of such counts."""
    values = np.empty(len(security), np.int64)
    found = value_after_ticks(security, price, opening, shares, values)
    np.divide(values, divisor, out=out)
    return found


def bounds(security: NDArray[np.int32], price: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """Give the least and the largest security, and the least and the largest price, of one tick or more."""
    return int(security.min()), int(security.max()), int(price.min()), int(price.max())


def values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Give the market values of many indices at some moments.

    Parameters
    ----------
    security, price : int32 arrays of shape (ticks,)
    ends : int64 array of shape (moments,)
        How many ticks there are by each moment, ascending.
    opening : int64 array of shape (securities,)
        The prices before the first tick.
    shares : int64 array of shape (securities, indices)
    out : int64 array of shape (moments, indices)
        Filled.
    """
    last, begin = opening.copy(), 0
    for moment, end in enumerate(ends.tolist()):
        last[security[begin:end]] = price[begin:end]  # of several the last one stays
        out[moment] = last @ shares
        begin = end
