"""Market values on a tape of ticks, in numpy. `_compiled_ticks` has the twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def value_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    last: NDArray[np.int64],
    shares: NDArray[np.int64],
    value: int,
    out: NDArray[np.int64],
) -> None:
    """Follow the market value of one index from tick to tick.

    Parameters
    ----------
    security, price : int32 arrays of shape (ticks,)
        Which security, and its new price in counts of the price unit.
    last : int64 array of shape (securities,)
        The prices before the first tick; afterwards those after the last one.
    shares : int64 array of shape (securities,)
        Index shares; 0 for who is not in.
    value : int
        The market value before the first tick.
    out : int64 array of shape (ticks,)
        Filled with the market value after each.
    """
    order = np.argsort(security, kind="stable")
    who, prices = security[order], price[order].astype(np.int64)
    first = np.append(True, who[1:] != who[:-1])[: len(who)]
    before = np.empty(len(who), np.int64)
    before[1:] = prices[:-1]
    before[first] = last[who[first]]
    out[order] = (prices - before) * shares[who]
    np.cumsum(out, out=out)
    out += value
    ends = np.append(first[1:], True)[: len(who)]
    last[who[ends]] = prices[ends]


def levels_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    last: NDArray[np.int64],
    shares: NDArray[np.int64],
    value: int,
    divisor: float,
    out: NDArray[np.float64],
) -> None:
    """Follow the level of one index: the market value of `value_after_ticks` over a divisor of such counts."""
    values = np.empty(len(security), np.int64)
    value_after_ticks(security, price, last, shares, value, values)
    np.divide(values, divisor, out=out)


def bounds(security: NDArray[np.int32], price: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """Give the least and the largest security, and the least and the largest price, of one tick or more."""
    return int(security.min()), int(security.max()), int(price.min()), int(price.max())


def values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    last: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Give the market values of many indices at some moments.

    Parameters
    ----------
    security, price : int32 arrays of shape (ticks,)
    ends : int64 array of shape (moments,)
        How many ticks there are by each moment, ascending.
    last : int64 array of shape (securities,)
        The prices before the first tick; afterwards those at the last moment.
    shares : int64 array of shape (securities, indices)
    out : int64 array of shape (moments, indices)
        Filled.
    """
    begin = 0
    for moment, end in enumerate(ends.tolist()):
        last[security[begin:end]] = price[begin:end]  # of several the last one stays
        out[moment] = last @ shares
        begin = end
