"""Baskets on a market's own numbers: sessions and securities instead of dates and codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.reviews import Baskets


@dataclass(frozen=True, slots=True)
class Positions:
    """Basket rows, ordered by basket and security.

    Attributes
    ----------
    effective, price_date : int64 arrays of shape (baskets,)
        Sessions. Actions at the open of a session after the price date multiply the basket's shares.
    basket, security, index_shares : int64 arrays of shape (rows,)
    ratio : dict of int to Fraction
        Rows whose shares have been multiplied before, as when a calculation goes on from a state.
    """

    effective: NDArray[np.int64]
    price_date: NDArray[np.int64]
    basket: NDArray[np.int64]
    security: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    ratio: dict[int, Fraction]

    def row(self, basket: int, security: int) -> int | None:
        """Give the row of a security in a basket, or None."""
        start, stop = np.searchsorted(self.basket, [basket, basket + 1])
        at = int(start + np.searchsorted(self.security[start:stop], security))
        return at if at < stop and self.security[at] == security else None

    def current(self, session: int) -> int:
        """Give the basket in effect at the open of a session."""
        return int(np.searchsorted(self.effective, session, side="right")) - 1

    def coming(self, session: int) -> Iterator[int]:
        """Give the later baskets whose price date has passed by the open of a session."""
        for basket in range(self.current(session) + 1, len(self.effective)):
            if self.price_date[basket] < session:
                yield basket


def positions(
    baskets: Baskets, market: MarketData, index: str, ratios: Mapping[str, Fraction] | None = None
) -> Positions:
    """Look up the sessions and securities of baskets.

    `ratios` are what a share of the first basket has become already, by security, where that is not 1.

    Raises
    ------
    CalculationError
        An unknown security, an effective date that is no session, a price date after it: all problems at once.
    """
    problems: list[Problem] = []
    known = market.securities.index
    strange = sorted({code for code in baskets.security if code not in known})
    problems += [Problem("baskets", f"unknown security {code!r}", did_you_mean(code, known)) for code in strange]
    dates, first_rows = np.unique(baskets.effective, return_index=True)
    effective = np.searchsorted(market.sessions, dates)
    for date, session in zip(dates, effective, strict=True):
        if session == len(market.sessions) or market.sessions[session] != date:
            problems.append(Problem("baskets", f"the effective date {date} is no session of the market data"))
    priced = baskets.price_date[first_rows]
    at_the_open = np.isnat(priced)
    price_date = np.where(at_the_open, effective - 1, np.searchsorted(market.sessions, priced, side="right") - 1)
    late = [date for date, price, start in zip(dates, price_date, effective, strict=True) if price > start]
    problems += [Problem("baskets", f"the price date of the basket effective {date} is after it") for date in late]
    if problems:
        raise CalculationError(f"{index}: the baskets do not fit the market data", problems)
    security = np.array([known[code] for code in baskets.security], np.int64)
    basket = np.searchsorted(dates, baskets.effective).astype(np.int64)
    order = np.lexsort((security, basket))
    security, basket = security[order], basket[order]
    of_first = {int(who): row for row, who in enumerate(security[basket == 0])}
    carried = {of_first[known[code]]: ratio for code, ratio in (ratios or {}).items()}
    return Positions(effective, price_date, basket, security, baskets.index_shares[order], carried)
