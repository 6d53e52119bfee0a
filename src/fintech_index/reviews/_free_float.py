"""The free float that counts: exact, or by the bands of a provider."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fintech_index.methodology import Methodology

_CSI_REVISION = dt.date(2015, 3, 1)
_HUNDRED = 100


def counted_shares(
    method: Methodology, free_float: int, total: int, date: dt.date, before: Fraction | None = None
) -> tuple[int, Fraction | None]:
    """Give the shares that count, and the ratio that they are of all shares where that is a band.

    Parameters
    ----------
    free_float, total : int
        Shares.
    date : date
        Of the review, for rules that have changed.
    before : Fraction, optional
        The ratio that has counted up to now.
    """
    by = method.free_float.by
    if by == "exact" or total <= 0:
        return free_float, None
    if by == "csi":
        band = csi_band(free_float, total, date)
    elif by == "ftse":
        band = ftse_band(Fraction(free_float, total), before)
    else:
        band = msci_band(free_float, total)
    above, below = band.numerator, band.denominator
    return (2 * total * above + below) // (2 * below), band  # rounded half up


_PERCENTS = [Fraction(percent, _HUNDRED) for percent in range(_HUNDRED + 1)]


def csi_band(free_float: int, total: int, date: dt.date) -> Fraction:
    """Give the ratio of CSI's bands (分级靠档); each ends with its upper border.

    To 15 % rounded up to a whole percent, then 20, 30 ... 80, and 100 % above 80 (CSI, Equity Indexes Calculation and
    Maintenance Methodology, from v6.0 of March 2015). Before: to 10 % as it is, then 20, 30 ... (CSI FAQ of 2010).
    """
    hundredfold = free_float * _HUNDRED
    if date < _CSI_REVISION:
        if hundredfold <= 10 * total:
            return Fraction(free_float, total)
    elif hundredfold <= 15 * total:
        return _PERCENTS[-(-hundredfold // total)]
    if hundredfold > 80 * total:
        return _PERCENTS[100]
    return _PERCENTS[-(-hundredfold // (10 * total)) * 10]


def ftse_band(ratio: Fraction, before: Fraction | None) -> Fraction:
    """Give the ratio of FTSE: rounded up to a whole percent, above 99 % all.

    It replaces the one before only where it is more than 3 points from it; up to 15 %, and above 99 %, always (FTSE
    Russell, Free Float Restrictions).
    """
    if ratio * _HUNDRED > 99:  # noqa: PLR2004
        return Fraction(1)
    fresh = Fraction(-(-ratio * _HUNDRED // 1), _HUNDRED)
    if before is None or ratio * _HUNDRED <= 15:  # noqa: PLR2004
        return fresh
    return fresh if abs(fresh - before) > Fraction(3, _HUNDRED) else before


def msci_band(free_float: int, total: int) -> Fraction:
    """Give the ratio of MSCI: to the next 5 % from 15 % on, to the nearest 1 % below.

    From 15 % on it is rounded up (MSCI, Global Investable Market Indexes Methodology, foreign inclusion factors).
    """
    hundredfold = free_float * _HUNDRED
    if hundredfold >= 15 * total:
        return Fraction(-(-hundredfold // (5 * total)) * 5, _HUNDRED)
    return _PERCENTS[(2 * hundredfold + total) // (2 * total)]  # rounded half up
