"""From ticks to market values, by the kernel that is fastest for them: all of them give the same bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index._kernels import _ticks
from fintech_index.errors import CalculationError, RequestError
from fintech_index.events import HEADROOM
from fintech_index.levels import loaded

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPILED_FROM = 10**6  # ticks, or moments x securities x indices
PARALLEL_FROM = 2 * 10**7
_NARROW = 2**31


def value_after_ticks(
    security: NDArray[np.int32], price: NDArray[np.int32], opening: NDArray[np.int64], shares: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the market value of an index after every tick.

    Parameters
    ----------
    security, price : int32 arrays of shape (ticks,)
        In the order of the tape: the number of a security, and its price in counts of the price unit.
    opening : int64 array of shape (securities,)
        The prices before the first tick, as the index opens: carried closes, through the day's actions.
    shares : int64 array of shape (securities,)
        Index shares; 0 for who is not in.

    Returns
    -------
    int64 array of shape (ticks,)
        Counts of the price unit x index shares.

    Raises
    ------
    RequestError
        Columns of different lengths, or a security that there is not.
    CalculationError
        Market values that 64 bits may not hold.
    """
    _require(security, price, opening, shares[:, None])
    out = np.empty(len(security), np.int64)
    last, value = opening.astype(np.int64), int(opening.astype(np.int64) @ shares)
    kernel = _ticks.value_after_ticks
    if len(security) >= COMPILED_FROM or loaded():
        from fintech_index._kernels import _compiled_ticks

        kernel = _compiled_ticks.value_after_ticks
    kernel(security, price, last, shares, value, out)
    return out


def values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Give the market values of many indices at some moments, such as the end of every second.

    Parameters
    ----------
    security, price, opening
        As in `value_after_ticks`.
    ends : int64 array of shape (moments,)
        How many ticks there are by each moment, ascending.
    shares : int64 array of shape (securities, indices)

    Returns
    -------
    int64 array of shape (moments, indices)

    Raises
    ------
    RequestError
        Columns of different lengths, a security that there is not, moments out of order or beyond the tape.
    CalculationError
        Market values that 64 bits may not hold.
    """
    _require(security, price, opening, shares)
    if len(ends) and not (ends[0] >= 0 and ends[-1] <= len(security) and (np.diff(ends) >= 0).all()):
        raise RequestError(f"`ends` must ascend from 0 or more to {len(security)} ticks or less")
    out = np.empty((len(ends), shares.shape[1]), np.int64)
    last, products = opening.astype(np.int64), len(security) + len(ends) * shares.size
    if products < COMPILED_FROM and not loaded():
        _ticks.values_at(security, price, ends, last, shares, out)
        return out
    from fintech_index._kernels import _compiled_ticks

    if shares.max(initial=0) < _NARROW and opening.max(initial=0) < _NARROW:
        parts = _compiled_ticks.threads() if products >= PARALLEL_FROM else 1
        narrow = np.ascontiguousarray(shares).astype(np.uint32)
        _compiled_ticks.narrow_values_at(
            security, price, ends, last.astype(np.uint32), narrow, out.view(np.uint64), parts
        )
    else:
        _compiled_ticks.values_at(security, price, ends, last, shares, out)
    return out


def _require(
    security: NDArray[np.int32], price: NDArray[np.int32], opening: NDArray[np.int64], shares: NDArray[np.int64]
) -> None:
    """Refuse what a kernel, which does not look, would read beyond its arrays for."""
    if len(security) != len(price) or len(opening) != len(shares):
        raise RequestError(
            f"{len(security)} securities and {len(price)} prices of ticks, {len(opening)} opening prices and "
            f"{len(shares)} rows of shares: they must be as many"
        )
    if len(security) and not (security.min() >= 0 and security.max() < len(opening)):
        raise RequestError(f"the tape has securities beyond the {len(opening)} that there are")
    if (len(price) and price.min() < 0) or (shares < 0).any() or (opening < 0).any():
        raise RequestError("prices and index shares are not negative")
    highest = max(int(price.max(initial=0)), int(opening.max(initial=0)))
    if float(highest) * float(shares.sum(axis=0, dtype=np.float64).max(initial=0)) >= HEADROOM:
        raise CalculationError("headroom exceeded: at these prices a market value may not fit 64 bits")
