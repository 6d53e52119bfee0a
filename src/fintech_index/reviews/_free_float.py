"""The free float that counts: exact, or by the bands of a provider. Bands are in whole percent of all shares."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.methodology import Methodology

_CSI_REVISION = dt.date(2015, 3, 1)
_HUNDRED = 100
_SAFE = 2**62 // (2 * _HUNDRED)
_PERCENTS = [Fraction(percent, _HUNDRED) for percent in range(_HUNDRED + 1)]


def counted_shares(
    method: Methodology, free_float: int, total: int, date: dt.date, before: Fraction | None = None
) -> tuple[int, Fraction | None]:
    """Give the shares of one security that count, and the ratio that they are of all shares where that is a band.

    Parameters
    ----------
    free_float, total : int
        Shares.
    date : date
        Of the review, for rules that have changed.
    before : Fraction, optional
        The ratio that has counted up to now.
    """
    counts, bands = counted_in_bands(method, np.array([free_float]), np.array([total]), date, [before])
    return int(counts[0]), bands[0]


def counted_in_bands(
    method: Methodology,
    free_float: NDArray[np.int64],
    total: NDArray[np.int64],
    date: dt.date,
    before: Sequence[Fraction | None],
) -> tuple[NDArray[np.int64], list[Fraction | None]]:
    """Do the same for many securities: arrays of shares, and a list of ratios."""
    by = method.free_float.by
    if by == "exact":
        return free_float, [None] * len(total)
    if max(int(free_float.max(initial=0)), int(total.max(initial=0))) >= _SAFE:
        free_float, total = free_float.astype(object), total.astype(object)
    whole = np.maximum(total, 1)
    if by == "csi":
        percent = csi_percent(free_float, whole, date)
    elif by == "ftse":
        percent = ftse_percent(free_float, whole)
    else:
        percent = msci_percent(free_float, whole)
    as_it_is = (percent < 0) | (total <= 0)
    counts: NDArray[Any] = np.where(as_it_is, free_float, (2 * total * percent + _HUNDRED) // (2 * _HUNDRED))
    bands: list[Fraction | None] = [_PERCENTS[each] for each in np.maximum(percent, 0).tolist()]
    for at in np.flatnonzero(as_it_is).tolist():
        bands[at] = Fraction(int(free_float[at]), int(total[at])) if total[at] > 0 else None
    if by == "ftse":
        for at in _still(free_float, total, bands, before):
            bands[at] = band = before[at] or Fraction(0)
            above, below = band.numerator, band.denominator
            counts[at] = (2 * int(total[at]) * above + below) // (2 * below)
    return counts.astype(np.int64), bands


def csi_percent(free_float: NDArray[Any], total: NDArray[Any], date: dt.date) -> NDArray[np.int64]:
    """Give the percent of CSI's bands (分级靠档); each ends with its upper border. -1: the ratio as it is.

    To 15 % rounded up to a whole percent, then 20, 30 ... 80, and 100 % above 80 (CSI, Equity Indexes Calculation and
    Maintenance Methodology, from v6.0 of March 2015). Before: to 10 % as it is, then 20, 30 ... (CSI FAQ of 2010).
    """
    hundredfold = free_float * _HUNDRED
    tens = np.where(hundredfold > 80 * total, _HUNDRED, -(-hundredfold // (10 * total)) * 10)
    if date < _CSI_REVISION:
        percent = np.where(hundredfold <= 10 * total, -1, tens)
    else:
        percent = np.where(hundredfold <= 15 * total, -(-hundredfold // total), tens)
    return percent.astype(np.int64)


def ftse_percent(free_float: NDArray[Any], total: NDArray[Any]) -> NDArray[np.int64]:
    """Give the percent of FTSE: rounded up, above 99 % all; whether it replaces the one before is `_still`'s."""
    hundredfold = free_float * _HUNDRED
    percent: NDArray[np.int64] = np.where(hundredfold > 99 * total, _HUNDRED, -(-hundredfold // total)).astype(np.int64)
    return percent


def _still(
    free_float: NDArray[Any], total: NDArray[Any], fresh: Sequence[Fraction | None], before: Sequence[Fraction | None]
) -> list[int]:
    """Give whose ratio of before still counts by FTSE's rule.

    A ratio is replaced only where the fresh one is more than 3 points from it; up to 15 %, and above 99 %, always (FTSE
    Russell, Free Float Restrictions).
    """
    hundredfold = free_float * _HUNDRED
    between = (hundredfold > 15 * total) & (hundredfold <= 99 * total)
    near = Fraction(3, _HUNDRED)
    found = []
    for at in np.flatnonzero(between).tolist():
        old, new = before[at], fresh[at]
        if old is not None and new is not None and abs(new - old) <= near:
            found.append(at)
    return found


def msci_percent(free_float: NDArray[Any], total: NDArray[Any]) -> NDArray[np.int64]:
    """Give the percent of MSCI: to the next 5 from 15 on, to the nearest 1 below.

    From 15 % on it is rounded up (MSCI, Global Investable Market Indexes Methodology, foreign inclusion factors).
    """
    hundredfold = free_float * _HUNDRED
    fives, ones = -(-hundredfold // (5 * total)) * 5, (2 * hundredfold + total) // (2 * total)
    percent: NDArray[np.int64] = np.where(hundredfold >= 15 * total, fives, ones).astype(np.int64)
    return percent
