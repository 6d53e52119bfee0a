"""Segments: the holdings of an index as a table, one row for each stretch of sessions with the same index shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.events._periods import is_more_than_a_row, periods_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.events._periods import Periods
    from fintech_index.events._position_book import PositionBook
    from fintech_index.events._share_basis import ShareBasis
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Segments:
    """Holdings, ordered by basket, security and start; every array has one entry a segment.

    Attributes
    ----------
    row : int64 array
        The row of the baskets that a segment comes from; -1 where a security entered between reviews.
    security : int64 array
        Number of the security in the market.
    start, stop : int64 arrays
        First session held, and first session no longer held (the number of sessions while held).
    opening_shares, index_shares : int64 arrays
        At the open of `start` before the day's actions, and after them, in units of ``10**-share_decimals`` shares.
    currency : int64 array
        Entry of `currencies` that the security trades in.
    share_decimals : int
    currencies : tuple of str
    """

    row: NDArray[np.int64]
    security: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    opening_shares: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    currency: NDArray[np.int64]
    share_decimals: int
    currencies: tuple[str, ...]
    _period: NDArray[np.int64]
    _periods: Periods
    _book: PositionBook

    def __len__(self) -> int:
        return len(self.row)

    def basis(self, at: int) -> ShareBasis:
        """Give what the index shares of a segment are made of, after the actions of its first session."""
        period = int(self._period[at])
        known = self._periods.bases.get(period)
        basis = self._book.table.basis(int(self.row[at])) if known is None else known
        since, until = int(self._periods.since[period]), int(self.start[at]) + 1
        return self._book.adjusted(basis, int(self.security[at]), since, until)

    def held_at(self, session: int) -> NDArray[np.bool_]:
        """Tell which segments are held on a session."""
        held: NDArray[np.bool_] = (self.start <= session) & (session < self.stop)
        return held


def lay_out(method: Methodology, market: MarketData, book: PositionBook, share_decimals: int) -> Segments:
    """Cut what is held of every position where its index shares change."""
    periods = periods_of(book, len(market.sessions))
    grown = periods.grown(book)
    if not len(grown.period) and not periods.bases:
        return _as_they_are(method, market, book, periods, share_decimals)
    begin, opening, held, stop = grown.at_start(periods)
    later, before = grown.after_start(periods)
    period = np.concatenate([np.arange(len(periods)), grown.period[later]])
    start = np.concatenate([begin, grown.session[later]])
    columns = (
        np.concatenate([stop, grown.until(periods)[later]]),
        np.concatenate([opening, before]),
        np.concatenate([held, grown.index_shares[later]]),
    )
    there = np.flatnonzero(start < columns[0])
    order = np.lexsort((start[there], periods.security[period[there]], periods.basket[period[there]]))
    chosen = there[order]
    period, start = period[chosen], start[chosen]
    of_security, currencies = _currencies(method, market, periods.security[period])
    return Segments(
        row=periods.row[period],
        security=periods.security[period],
        start=start,
        stop=columns[0][chosen],
        opening_shares=columns[1][chosen],
        index_shares=columns[2][chosen],
        currency=of_security,
        share_decimals=share_decimals,
        currencies=currencies,
        _period=period,
        _periods=periods,
        _book=book,
    )


def _as_they_are(
    method: Methodology, market: MarketData, book: PositionBook, periods: Periods, share_decimals: int
) -> Segments:
    """Lay out baskets that nothing happens to: a segment is a row, and they are in their order already."""
    of_security, currencies = _currencies(method, market, periods.security)
    return Segments(
        row=periods.row,
        security=periods.security,
        start=periods.start,
        stop=periods.until,
        opening_shares=periods.index_shares,
        index_shares=periods.index_shares,
        currency=of_security,
        share_decimals=share_decimals,
        currencies=currencies,
        _period=periods.row,
        _periods=periods,
        _book=book,
    )


def _currencies(
    method: Methodology, market: MarketData, security: NDArray[np.int64]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Give the number of each security's currency, and the currencies, that of the index first."""
    if market.securities.only_currency == method.currency:
        return np.zeros(len(security), np.int64), (method.currency,)
    held, at = np.unique(security, return_inverse=True)
    traded = [market.securities.currency[number] for number in held]
    currencies = (method.currency, *sorted(set(traded) - {method.currency}))
    return np.array([currencies.index(currency) for currency in traded], np.int64)[at], currencies


def opening_shares(book: PositionBook, segments: Segments) -> tuple[NDArray[np.int64], list[tuple[int, int, int]]]:
    """Give index shares as each basket takes effect, before anything of that session.

    Returns
    -------
    int64 array of shape (basket rows,), and a list of (basket, security, index shares)
        The second of those that have entered a basket after its price date.
    """
    table = book.table
    if segments.row is segments._period:  # noqa: SLF001 - rows as they are
        return segments.opening_shares, []
    opening, entered = table.index_shares.copy(), []
    begin = np.flatnonzero((segments.row >= 0) & (segments.start == table.effective[table.basket[segments.row]]))
    opening[segments.row[begin]] = segments.opening_shares[begin]
    for position in book.recorded():
        if not is_more_than_a_row(book, position):
            continue
        effective = int(table.effective[position.basket])
        gone = position.left is not None and position.left < effective
        shares = 0 if gone else book.basis(position, effective - 1, before_actions=False).index_shares
        if position.row >= 0:
            opening[position.row] = shares
        elif position.entered < effective and shares:
            entered.append((position.basket, position.security, shares))
    return opening, entered
