"""The positions of all baskets: what each constituent's index shares are made of, from session to session.

A position is recorded only where something happens to it that is not the same for every share. In between its shares
follow from the table of what actions do to a share (`ShareTable`), so that a position nothing is recorded for is a row
of its basket and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError
from fintech_index.events._share_table import IN_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.events._basket_table import BasketTable
    from fintech_index.events._share_basis import ShareBasis
    from fintech_index.events._share_table import ShareTable
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


class Record(NamedTuple):
    """A position from a session's open on: before the actions of the session, or after them."""

    session: int
    before_actions: bool
    basis: ShareBasis

    @property
    def since(self) -> int:
        """The first session whose actions have still to be applied."""
        return self.session if self.before_actions else self.session + 1


@dataclass(slots=True)
class Position:
    """One constituent of one basket.

    Attributes
    ----------
    row : int
        Its row of the baskets; -1 where it entered between reviews.
    entered : int
        The session at whose open it came in: of a row the one after the basket's price date.
    start : int
        The first session on which it is held: when it entered, or when its basket takes effect, if that is later.
    records : list of Record
        Ascending.
    left : int or None
        The session at whose open it left.
    """

    basket: int
    row: int
    security: int
    entered: int
    start: int
    records: list[Record] = field(default_factory=list)
    left: int | None = None

    def stop(self, end: int) -> int:
        """Give the first session on which it is no longer held; `end` is that of its basket."""
        return end if self.left is None else min(max(self.left, self.start), end)

    def latest(self, session: int, *, before_actions: bool) -> int:
        """Give the number of the last record by a session's open, -1 where there is none."""
        places = [(each.session, not each.before_actions) for each in self.records]
        return bisect_left(places, (session, not before_actions, 1)) - 1


class PositionBook:
    """The positions of all baskets of an index.

    Attributes
    ----------
    table : BasketTable
    shares : ShareTable
    unit : int
        Units of index shares in one share.
    base : int
        The base session of the index.
    """

    def __init__(
        self, method: Methodology, market: MarketData, table: BasketTable, shares: ShareTable, share_decimals: int
    ) -> None:
        self._method, self._market, self.shares = method, market, shares
        self.table, self.unit, self.base = table, 10**share_decimals, int(table.effective[0])
        self._of_basket: list[dict[int, Position]] = [{} for _ in table.effective]
        self._gone: list[Position] = []  # of securities that have entered again since
        self._sessions: dict[int, list[tuple[int, int]]] = {}
        for row in table.resumed:
            self._begin(row)

    def _begin(self, row: int) -> Position:
        table = self.table
        basket, security = int(table.basket[row]), int(table.security[row])
        counted, start = int(table.price_date[basket]), int(table.effective[basket])
        position = Position(basket, row, security, counted + 1, start)
        self.record(position, counted, table.basis(row), before_actions=False)
        self._of_basket[basket][security] = position
        return position

    def of(self, basket: int, security: int) -> Position | None:
        """Give the position of a security in a basket; None where it is not, or no longer, in it."""
        position = self._of_basket[basket].get(security)
        if position is None:
            row = self.table.row(basket, security)
            return None if row is None else self._begin(row)
        return position if position.left is None else None

    def members(self, basket: int) -> list[Position]:
        """Give every position of a basket that is still in it, in the order of securities."""
        start, stop = self.table.span(basket)
        securities = {*self.table.security[start:stop].tolist(), *self._of_basket[basket]}
        positions = (self.of(basket, security) for security in sorted(securities))
        return [position for position in positions if position is not None]

    def recorded(self) -> Iterator[Position]:
        """Give all positions that something is recorded for, those that have left among them."""
        yield from self._gone
        for positions in self._of_basket:
            yield from positions.values()

    def basis(self, position: Position, session: int, *, before_actions: bool = True) -> ShareBasis:
        """Give what its index shares are made of at a session's open, before or after the actions of the session."""
        record = position.records[max(position.latest(session, before_actions=before_actions), 0)]
        return self.adjusted(record.basis, position.security, record.since, session if before_actions else session + 1)

    def index_shares(self, position: Position, session: int) -> int:
        """Give its index shares at a session's open, before the actions of the session."""
        return self.basis(position, session).index_shares

    def adjusted(self, basis: ShareBasis, security: int, since: int, until: int) -> ShareBasis:
        """Apply what is the same for every share, of the sessions from `since` up to `until`."""
        for session, row in self._rows_of(security):
            if since <= session < until and (number := self._number(row)) != IN_ORDER:
                effect = self.shares.effects[number]
                basis = basis.adjusted(effect.growth, effect.float_growth)
        return basis

    def effect_number(self, security: int, session: int) -> int:
        """Give the number of the effect that a session's actions have on every share, or `IN_ORDER`."""
        rows = [row for at, row in self._rows_of(security) if at == session]
        return self._number(rows[0]) if rows else 0

    def effect_numbers(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the numbers of the effects of rows of `shares`."""
        return self.shares.numbers(self._method, self._market, rows, self.base)

    def _number(self, row: int) -> int:
        return int(self.effect_numbers(np.array([row]))[0])

    def _rows_of(self, security: int) -> list[tuple[int, int]]:
        """Give the sessions on which a security has actions for its holders, and their rows in the table."""
        if security not in self._sessions:
            rows = self.shares.rows
            start, stop = np.searchsorted(rows.security, [security, security + 1])
            own = np.arange(start, stop)[rows.for_holders[start:stop]]
            self._sessions[security] = list(zip(rows.session[own].tolist(), own.tolist(), strict=True))
        return self._sessions[security]

    def enter(self, basket: int, security: int, session: int, basis: ShareBasis, *, before_actions: bool) -> Position:
        """Let a security into a basket at a session's open: before the actions of the session, or by one of them."""
        positions = self._of_basket[basket]
        if security in positions:
            self._gone.append(positions[security])
        start = max(session, int(self.table.effective[basket]))
        position = positions[security] = Position(basket, -1, security, session, start)
        self.record(position, session, basis, before_actions=before_actions)
        return position

    def leave(self, position: Position, session: int) -> None:
        """Let a position end at a session's open."""
        position.left = session

    def record(self, position: Position, session: int, basis: ShareBasis, *, before_actions: bool) -> None:
        """Record what a position's shares are made of from a session's open on.

        Raises
        ------
        CalculationError
            Its index shares do not fit an integer.
        """
        self.require_headroom(position.security, basis.index_shares)
        while position.records and position.records[-1].session == session:
            if position.records[-1].before_actions and not before_actions:
                break
            position.records.pop()
        position.records.append(Record(session, before_actions, basis))

    def require_headroom(self, security: int, index_shares: int) -> None:
        """Raise where index shares do not fit an integer."""
        if index_shares >= HEADROOM:
            raise CalculationError(
                f"{self._method.name}: headroom exceeded: {self._market.securities.codes[security]} would have "
                f"{index_shares} index shares of 1/{self.unit}, and integers hold {HEADROOM:.3g}: check the ratios of "
                "its actions"
            )
