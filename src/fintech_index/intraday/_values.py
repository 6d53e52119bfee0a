"""From ticks to market values, by the kernel that is fastest for them: all of them give the same bits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernels import dispatch
from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError, RequestError, shown, translated

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    _require_alike(security, price, opening, shares)
    out = np.empty(len(security), np.int64)
    _follow("value_after_ticks", security, price, opening, shares, (), out)
    return out


def levels_after_ticks(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: float,
) -> NDArray[np.float64]:
    """Give the level of an index after every tick, unrounded: the exact market value over the divisor, as a float.

    Parameters
    ----------
    security, price, opening, shares
        As in `value_after_ticks`.
    divisor : float
        Of market values in counts of the price unit x index shares.

    Returns
    -------
    float64 array of shape (ticks,)

    Raises
    ------
    RequestError, CalculationError
        As in `value_after_ticks`; or a divisor that is not positive.
    """
    _require_alike(security, price, opening, shares)
    with translated("a divisor is a positive number", RequestError):
        divisor = float(divisor)
    if not 0 < divisor < math.inf:
        raise RequestError(f"a divisor is positive and finite, not {divisor!r}")
    out = np.empty(len(security))
    _follow("levels_after_ticks", security, price, opening, shares, (divisor,), out)
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
    _require_alike(security, price, opening, shares, indices=2)
    _require_array("ends", ends, 1)
    if len(security):
        lowest, highest, low, high = dispatch.bounds_of_ticks(security, price)
        if lowest < 0 or highest >= len(opening):
            raise _nobody(highest if lowest >= 0 else lowest, len(opening))
        _require_headroom(low, high, shares, price)
    if len(ends) and not (ends[0] >= 0 and ends[-1] <= len(security) and (np.diff(ends) >= 0).all()):
        raise RequestError(f"`ends` must ascend from 0 or more to {len(security)} ticks or less")
    out = np.empty((len(ends), shares.shape[1]), np.int64)
    dispatch.values_at(security, price, ends, opening, shares, out)
    return out


def _follow(
    name: str,
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    divisor: tuple[float, ...],
    out: NDArray[Any],
) -> None:
    """Run a kernel over one tick or more; refuse what it has seen, if it must be, when it is done."""
    if not len(security):
        return
    columns = (security, price, opening.astype(np.int64), shares, *divisor)
    strange, lowest, highest = dispatch.follow_ticks(name, len(security), *columns, out=out)
    if strange >= 0:
        raise _nobody(int(security[strange]), len(opening), f"tick {strange + 1:,} of ")
    _require_headroom(lowest, highest, shares, price)


def _require_alike(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    indices: int = 1,
) -> None:
    """Refuse columns that do not go together, and an opening that cannot be."""
    columns = {"security": security, "price": price, "opening": opening}
    for name, array in columns.items():
        _require_array(name, array, 1)
    _require_array("shares", shares, indices)
    if len(security) != len(price) or len(opening) != len(shares):
        raise RequestError(
            f"{len(security)} securities and {len(price)} prices of ticks, {len(opening)} opening prices and "
            f"{len(shares)} rows of shares: they must be as many"
        )
    _require_headroom(1, int(opening.max(initial=0)), shares, opening)
    held = shares if indices == 1 else shares.any(axis=1)
    unpriced = np.flatnonzero((opening <= 0) & (held != 0))
    if len(unpriced) or opening.min(initial=0) < 0:
        raise RequestError("the opening price of a constituent must be above 0, and none may be below it")


def _require_array(name: str, array: object, dimensions: int) -> None:
    if not isinstance(array, np.ndarray):
        raise RequestError(f"{name} must be an array of numpy, not {shown(array)}")
    if array.ndim != dimensions:
        raise RequestError(f"{name} must have {dimensions} dimension{'s' if dimensions > 1 else ''}, not {array.ndim}")
    if array.dtype.kind != "i":
        raise RequestError(f"{name} must be whole numbers, not {array.dtype}")


def _require_headroom(lowest: int, highest: int, shares: NDArray[np.int64], price: NDArray[Any]) -> None:
    if lowest <= 0:
        tick = int(np.argmax(price <= 0))
        raise RequestError(
            f"the price of a tick must be above 0, and that of tick {tick + 1:,} is {price[tick]}: leave ticks without "
            "a price out"
        )
    if (shares < 0).any():
        raise RequestError("index shares are not negative")
    if float(highest) * float(np.max(shares.sum(axis=0, dtype=np.float64), initial=0)) >= HEADROOM:
        raise CalculationError("headroom exceeded: at these prices a market value may not fit 64 bits")


def _nobody(security: int, securities: int, where: str = "") -> RequestError:
    return RequestError(f"{where}the tape has security {security}, and they go from 0 up to {securities - 1}")
