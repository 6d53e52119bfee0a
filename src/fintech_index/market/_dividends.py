"""Ordinary dividends with an ex-date to themselves: they move no share and no other term, so order does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._spans import rows_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASH_DECIMALS = 10
_ONE_DECIMAL_EACH = 10**15  # two decimals of fewer digits are never the same float


@dataclass(frozen=True, slots=True)
class LoneDividends:
    """Ordinary cash dividends that no other action comes with, ordered by security and session.

    Attributes
    ----------
    security, session : int64 arrays
        The session is the one at whose open a dividend applies.
    ex_date : datetime64[D] array
    cash : int64 array
        Before tax, a share, in units of ``10**-CASH_DECIMALS`` of the trading currency.
    """

    security: NDArray[np.int64]
    session: NDArray[np.int64]
    ex_date: NDArray[np.datetime64]
    cash: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.security)

    def within(
        self, security: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the dividends of securities over spans of sessions: the number of a span, and that of a dividend."""
        width = int(max(self.session.max(initial=0), stop.max(initial=0))) + 1
        places = self.security * width + self.session
        first, last = (np.searchsorted(places, security * width + edge) for edge in (start, np.maximum(start, stop)))
        return rows_between(first, last)


def lone_dividends(
    security: NDArray[np.int64],
    session: NDArray[np.int64],
    ex_date: NDArray[np.datetime64],
    kind: NDArray[np.str_],
    cash: NDArray[np.float64],
) -> tuple[LoneDividends, NDArray[np.bool_]]:
    """Pick the lone dividends out of actions ordered by security and ex-date, and tell which rows they are.

    A security with a correction has none: what a dividend was paid on is looked up for it as the sessions go by.
    """
    day = security * (int(session.max(initial=0)) + 1) + session
    _, at, rows = np.unique(day, return_inverse=True, return_counts=True)
    counts = np.rint(np.nan_to_num(cash) * 10**CASH_DECIMALS)
    written_in_full = (counts < _ONE_DECIMAL_EACH) & (counts / 10**CASH_DECIMALS == cash)
    corrected = np.isin(security, security[kind == "dividend_correction"])
    lone = (rows[at] == 1) & (kind == "cash_dividend") & written_in_full & ~corrected
    return LoneDividends(security[lone], session[lone], ex_date[lone], counts[lone].astype(np.int64)), lone
