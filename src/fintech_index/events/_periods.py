"""Periods of positions between two records, and how their index shares grow within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.events._position_book import Position, PositionBook
    from fintech_index.events._share_basis import ShareBasis
    from fintech_index.events._share_table import ShareTable


@dataclass(frozen=True, slots=True)
class Periods:
    """Positions from one record to the next; every array has one entry a period.

    Attributes
    ----------
    basket, row, security : int64 arrays
    since : int64 array
        The first session whose actions have still to be applied to the index shares.
    start, until : int64 arrays
        The first session on which it is held, and the first on which it no longer is.
    index_shares : int64 array
        At the record.
    before : int64 array
        Of a record after the actions of `start`: index shares before them. -1 of all others.
    bases : dict of int to ShareBasis
        By period, where it is not simply the row of a basket.
    """

    basket: NDArray[np.int64]
    row: NDArray[np.int64]
    security: NDArray[np.int64]
    since: NDArray[np.int64]
    start: NDArray[np.int64]
    until: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    before: NDArray[np.int64]
    bases: dict[int, ShareBasis]

    def __len__(self) -> int:
        return len(self.basket)

    def grown(self, book: PositionBook) -> Growth:
        """Follow index shares through the actions that multiply all of them alike."""
        table, rows = book.shares, book.shares.rows
        period, row = rows.within(self.security, self.since, self.until)
        if not len(row):
            nothing = np.zeros(len(self), np.int64)
            return Growth(row, row, row, nothing, nothing)
        number = book.effect_numbers(row)
        kept = np.flatnonzero((number >= 0) & table.arrays.multiplies[number])
        period, row, number = period[kept], row[kept], number[kept]
        shares = [
            (2 * base * above + below) // (2 * below)
            for base, (above, below) in zip(*self._multiplied(period, number, table), strict=True)
        ]
        for security, n in zip(self.security[period].tolist(), shares, strict=True):
            book.require_headroom(security, n)
        first = np.searchsorted(period, np.arange(len(self)))
        count = np.searchsorted(period, np.arange(len(self)), side="right") - first
        return Growth(period, rows.session[row], np.array(shares, np.int64), first, count)

    def _multiplied(
        self, period: NDArray[np.int64], number: NDArray[np.int64], table: ShareTable
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Give base index shares, and what one of them has become, of each growth of a period."""
        base, ratios = self.index_shares[period].tolist(), cumulative_ratios(table, period, number)
        for at, own in enumerate(period.tolist()) if self.bases else ():
            if own in self.bases:
                basis, (above, below) = self.bases[own], ratios[at]
                base[at] = basis.base_index_shares
                ratios[at] = above * basis.adjustment_ratio.numerator, below * basis.adjustment_ratio.denominator
        return base, ratios


def cumulative_ratios(table: ShareTable, period: NDArray[np.int64], number: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Give what one share of the beginning of a period has become by each effect, as numerator and denominator.

    Effects, by their numbers in the table, are ordered by period and session.
    """
    growth = table.arrays.growth
    ratios: list[tuple[int, int]] = []
    last, above, below = -1, 1, 1
    for own, by in zip(period.tolist(), number.tolist(), strict=True):
        if own != last:
            last, above, below = own, 1, 1
        above, below = above * growth[by][0], below * growth[by][1]
        ratios.append((above, below))
    return ratios


@dataclass(frozen=True, slots=True)
class Growth:
    """The sessions at whose open index shares grow, ordered by period and session.

    Attributes
    ----------
    period, session : int64 arrays
    index_shares : int64 array
        After the actions of the session.
    first, count : int64 arrays of shape (periods,)
        The entries of each period.
    """

    period: NDArray[np.int64]
    session: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]

    def at_start(
        self, periods: Periods
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Give the first stretch of each period: start, index shares before and after that session's actions, stop."""
        begins = periods.start[self.period]
        before = np.bincount(self.period[self.session < begins], minlength=len(periods))
        by_then = np.bincount(self.period[self.session <= begins], minlength=len(periods))
        opening = np.where(periods.before >= 0, periods.before, self._after(periods, before))
        more = np.flatnonzero(by_then < self.count)
        stop = periods.until.copy()
        stop[more] = self.session[(self.first + by_then)[more]]
        return periods.start, opening, self._after(periods, by_then), stop

    def _after(self, periods: Periods, entries: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give index shares after so many entries of each period."""
        shares = periods.index_shares.copy()
        some = np.flatnonzero(entries)
        shares[some] = self.index_shares[(self.first + entries - 1)[some]]
        return shares

    def after_start(self, periods: Periods) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the entries after the first session of a period, and index shares before each of them."""
        later = np.flatnonzero(self.session > periods.start[self.period])
        alone = later == self.first[self.period[later]]
        before = np.where(alone, periods.index_shares[self.period[later]], self.index_shares[later - 1])
        return later, before

    def until(self, periods: Periods) -> NDArray[np.int64]:
        """Give the session at which the stretch that an entry begins is over."""
        last = np.append(self.period[1:] != self.period[:-1], np.ones(min(len(self.period), 1), np.bool_))
        following = np.append(self.session[1:], 0)[: len(self.session)]
        stop: NDArray[np.int64] = np.where(last, periods.until[self.period], following)
        return stop


def periods_of(book: PositionBook, sessions: int) -> Periods:
    """List the periods of all positions: a basket's row is one, unless something is recorded for it."""
    table = book.table
    ends = np.append(table.effective[1:], sessions)
    recorded = [each for each in book.recorded() if is_more_than_a_row(book, each)]
    rows: NDArray[np.int64] = np.arange(len(table.basket))
    if recorded:
        rows = np.setdiff1d(rows, [each.row for each in recorded if each.row >= 0])
    owner = table.basket[rows]
    columns: list[NDArray[np.int64]] = [
        owner,
        rows,
        table.security[rows],
        table.price_date[owner] + 1,
        table.effective[owner],
        ends[owner],
        table.index_shares[rows],
        np.full(len(rows), -1),
    ]
    bases: dict[int, ShareBasis] = {}
    more: list[tuple[int, ...]] = []
    for position in recorded:
        end = position.stop(int(ends[position.basket]))
        for number, record in enumerate(position.records):
            following = position.records[number + 1 : number + 2]
            until = min(following[0].session if following else end, end)
            start = max(position.start, record.session)
            by_actions = not record.before_actions and record.session >= position.start
            before = _before(book, position, number) if by_actions else -1
            bases[len(rows) + len(more)] = record.basis
            shares = record.basis.index_shares
            more.append((position.basket, position.row, position.security, record.since, start, until, shares, before))
    if more:
        columns = [
            np.concatenate([column, own]) for column, own in zip(columns, np.array(more, np.int64).T, strict=True)
        ]
    return Periods(
        basket=columns[0],
        row=columns[1],
        security=columns[2],
        since=columns[3],
        start=columns[4],
        until=columns[5],
        index_shares=columns[6],
        before=columns[7],
        bases=bases,
    )


def is_more_than_a_row(book: PositionBook, position: Position) -> bool:
    """Tell whether a position is more than the row of its basket: something has happened to it alone."""
    return (
        position.row < 0 or position.left is not None or len(position.records) > 1 or position.row in book.table.resumed
    )


def _before(book: PositionBook, position: Position, number: int) -> int:
    """Give index shares before the actions that a record is made after; 0 of what they bring in."""
    if number == 0:
        return -1 if position.row >= 0 else 0
    return book.index_shares(position, position.records[number].session)
