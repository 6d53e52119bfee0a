"""Baskets on a market's own numbers: sessions and securities instead of dates and codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError, Problem, did_you_mean
from fintech_index.events._share_basis import ShareBasis

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.reviews import Baskets


@dataclass(frozen=True, slots=True)
class HeldShares:
    """One constituent of an index at a close, as a state keeps it: a `ShareBasis` in dates and codes.

    `index_shares` are those that `ratio` multiplies, `counted` is the date by which share counts are in, `leaving` how
    many of them are a spun-off child's, and `parent` is its parent's code or "".
    """

    security: str
    index_shares: int
    ratio: Fraction
    free_float: int
    capping_factor: Decimal | None
    float_ratio: Fraction
    counted: dt.date
    total: int | None
    leaving: Fraction
    parent: str


@dataclass(frozen=True, slots=True)
class BasketTable:
    """Basket rows, ordered by basket and security.

    Attributes
    ----------
    effective, price_date : int64 arrays of shape (baskets,)
        Sessions. Actions at the open of a session after the price date multiply the basket's shares.
    basket, security, index_shares, free_float : int64 arrays of shape (rows,)
    capping_factor : sequence of Decimal or None, one a row
    resumed : dict of int to ShareBasis
        Rows of a state that a calculation goes on from.
    reserve : dict of int to tuple of int
        By basket, the securities that stand ready for those who leave.
    """

    effective: NDArray[np.int64]
    price_date: NDArray[np.int64]
    basket: NDArray[np.int64]
    security: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    free_float: NDArray[np.int64]
    capping_factor: Sequence[Decimal | None]
    resumed: dict[int, ShareBasis]
    reserve: dict[int, tuple[int, ...]]

    def basis(self, row: int) -> ShareBasis:
        """Give what a row's index shares are made of at its price date."""
        if row in self.resumed:
            return self.resumed[row]
        return ShareBasis(
            base_index_shares=int(self.index_shares[row]),
            free_float=int(self.free_float[row]),
            capping_factor=self.capping_factor[row],
            counted_session=int(self.price_date[self.basket[row]]),
        )

    def span(self, basket: int) -> tuple[int, int]:
        """Give the rows of a basket, from and up to."""
        start, stop = np.searchsorted(self.basket, [basket, basket + 1])
        return int(start), int(stop)

    def row(self, basket: int, security: int) -> int | None:
        """Give the row of a security in a basket, or None."""
        start, stop = self.span(basket)
        at = int(start + np.searchsorted(self.security[start:stop], security))
        return at if at < stop and self.security[at] == security else None

    def current(self, session: int) -> int:
        """Give the basket in effect at the open of a session; -1 before the first."""
        return int(np.searchsorted(self.effective, session, side="right")) - 1

    def coming(self, session: int) -> Iterator[int]:
        """Give the later baskets whose price date has passed by the open of a session."""
        for basket in range(self.current(session) + 1, len(self.effective)):
            if self.price_date[basket] < session:
                yield basket


def place(
    baskets: Baskets, market: MarketData, index: str, share_decimals: int, state: Mapping[str, HeldShares] | None = None
) -> BasketTable:
    """Look up the sessions and securities of baskets, and count their shares in units of ``10**-share_decimals``.

    `state` has the constituents of the first basket, by security, where a calculation goes on.

    Raises
    ------
    CalculationError
        An unknown security, an effective date that is no session, a price date after it: all problems at once.
    """
    problems: list[Problem] = []
    known = market.securities.index
    named = _permanent_codes(baskets, market, state or {})
    security = market.securities.numbers(named)
    strange = sorted({named[row] for row in np.flatnonzero(security < 0)})
    problems += [Problem("baskets", f"unknown security {code!r}", did_you_mean(code, known)) for code in strange]
    problems += _spelled_twice(baskets, named, security, market)
    begins = np.append(True, baskets.effective[1:] != baskets.effective[:-1])  # ordered by effective date
    first_rows = np.flatnonzero(begins)
    dates = baskets.effective[first_rows]
    effective = np.searchsorted(market.sessions, dates)
    there = market.sessions[np.minimum(effective, len(market.sessions) - 1)] == dates
    problems += [
        Problem("baskets", f"the effective date {date} is no session of the market data") for date in dates[~there]
    ]
    priced = baskets.price_date[first_rows]
    at_the_open = np.isnat(priced)
    price_date = np.where(at_the_open, effective - 1, np.searchsorted(market.sessions, priced, side="right") - 1)
    for at in np.flatnonzero(price_date >= effective):
        date, price, start = dates[at], price_date[at], effective[at]
        if price > start:
            problems.append(Problem("baskets", f"the price date of the basket effective {date} is after it"))
        elif start > effective[0]:
            what = f"the price date of the basket effective {date} is the same day: only the first one's may be"
            problems.append(Problem("baskets", what, "shares that stand at its open need no price date"))
    if problems:
        raise CalculationError(f"{index}: the baskets do not fit the market data", problems)
    basket = np.cumsum(begins) - 1
    shares, factors = _in_unit(baskets, share_decimals, index), baskets.capping_factor
    free_float = baskets.free_float
    if (np.diff(security)[~begins[1:]] < 0).any():  # a permanent code may stand elsewhere than the one of its day
        order = np.lexsort((security, basket))
        security, shares, free_float = security[order], shares[order], free_float[order]
        factors = tuple(factors[row] for row in order)
    placed = BasketTable(
        effective=effective,
        price_date=price_date,
        basket=basket,
        security=security,
        index_shares=shares,
        free_float=free_float,
        capping_factor=factors,
        resumed={},
        reserve={
            int(np.searchsorted(dates, day)): tuple(known[code] for code in names if code in known)
            for day, names in baskets.reserve.items()
        },
    )
    _refuse_twice(placed, market, index)
    if state:
        both = zip(baskets.security, named, strict=True)
        held = {market.securities.find(code): state[own] for own, code in both if own in state}
        for row, number in enumerate(placed.security[placed.basket == 0].tolist()):
            placed.resumed[row] = _basis_of(held[number], market, index)
    return placed


def _spelled_twice(
    baskets: Baskets, named: tuple[str, ...], security: NDArray[np.int64], market: MarketData
) -> list[Problem]:
    """Find securities that one basket has twice, under two spellings or codes of theirs."""
    if market.securities.spells(named):
        return []  # and so not twice
    held: dict[tuple[int, int], str] = {}
    problems = []
    dates = baskets.effective.astype(np.int64).tolist()
    for effective, code, number in zip(dates, named, security.tolist(), strict=True):
        first = held.setdefault((effective, number), code)
        if number >= 0 and first != code:
            problems.append(Problem("baskets", f"{first} and {code} are one security, in one basket"))
    return problems


def _permanent_codes(baskets: Baskets, market: MarketData, state: Mapping[str, HeldShares]) -> tuple[str, ...]:
    """Give permanent codes; those of a state are permanent, unless a rename has become known since."""
    if not market.securities.aliases:
        return baskets.security
    first = baskets.effective.min()
    return tuple(
        code
        if code in state and date == first and code in market.securities.index
        else market.securities.permanent(code, date.item())
        for code, date in zip(baskets.security, baskets.effective, strict=True)
    )


def _in_unit(baskets: Baskets, share_decimals: int, index: str) -> NDArray[np.int64]:
    finer = 10 ** (share_decimals - baskets.share_decimals)
    if int(baskets.index_shares.max()) * finer >= HEADROOM:
        raise CalculationError(
            f"{index}: headroom exceeded: index shares up to {baskets.index_shares.max()} of 1/"
            f"{10**baskets.share_decimals} do not fit integers of {share_decimals} decimals: "
            "lower rounding.share_decimals"
        )
    scaled: NDArray[np.int64] = baskets.index_shares * finer
    return scaled


def _refuse_twice(placed: BasketTable, market: MarketData, index: str) -> None:
    same = (np.diff(placed.basket) == 0) & (np.diff(placed.security) == 0)
    problems = [
        Problem("baskets", f"{market.securities.codes[placed.security[at]]} is twice in one basket, under two codes")
        for at in np.flatnonzero(same)
    ]
    if problems:
        raise CalculationError(f"{index}: the baskets do not fit the market data", problems)


def _basis_of(held: HeldShares, market: MarketData, index: str) -> ShareBasis:
    counted = int(np.searchsorted(market.sessions, np.datetime64(held.counted), side="right")) - 1
    parent = held.parent
    if parent and parent not in market.securities.index:
        parent = market.securities.permanent(parent, held.counted)
    if parent and parent not in market.securities.index:
        raise CalculationError(f"{index}: the state has {held.security} spun off from an unknown {held.parent!r}")
    return ShareBasis(
        base_index_shares=held.index_shares,
        adjustment_ratio=held.ratio,
        free_float=held.free_float,
        float_ratio=held.float_ratio,
        capping_factor=held.capping_factor,
        counted_session=counted,
        total=held.total,
        spin_off_shares=held.leaving,
        parent=market.securities.index[parent] if parent else -1,
    )
