"""What opening values change by where it is the same amount for every share: holdings joined with `ShareTable`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._spans import rows_between
from fintech_index.events._session_open import OpeningChange, Stage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.events._segments import Segments
    from fintech_index.events._share_table import ShareTable
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True)
class ActionAmounts:
    """Changes of opening values, ordered by session and security; every array has one entry a change.

    Attributes
    ----------
    session, security : int64 arrays
    kind : list of str
        Of the action.
    price, gross, net : object arrays of int
        What the opening value of each variant changes by, in units of ``1 / scale`` of index currency.
    scale : int
    dividends : Dividends
        What dividends were paid on.
    """

    session: NDArray[np.int64]
    security: NDArray[np.int64]
    kind: list[str]
    price: NDArray[np.object_]
    gross: NDArray[np.object_]
    net: NDArray[np.object_]
    scale: int
    dividends: Dividends

    def by_session(self, variant: str) -> dict[int, int]:
        """Give what the opening value of a variant changes by on each session, in units of ``1 / scale``."""
        amounts: NDArray[np.object_] = getattr(self, variant)
        moved = np.flatnonzero(amounts)
        if not len(moved):
            return {}
        sessions, first = np.unique(self.session[moved], return_index=True)
        return dict(zip(sessions.tolist(), np.add.reduceat(amounts[moved], first).tolist(), strict=True))

    def changes(self) -> Iterator[OpeningChange]:
        """Give each as a change of the opening values."""
        rows = zip(
            self.session.tolist(), self.security.tolist(), self.kind, self.price, self.gross, self.net, strict=True
        )
        for session, security, kind, *amounts in rows:
            price, gross, net = (Fraction(amount, self.scale) for amount in amounts)
            yield OpeningChange(session, security, kind, Stage.ACTION, price, gross, net)


@dataclass(frozen=True, slots=True)
class Dividends:
    """What dividends were paid on; `row` are rows of actions, and `index_shares` are in units of ``1 / unit``."""

    market: MarketData
    security: NDArray[np.int64]
    row: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    unit: int

    def paid(self) -> dict[tuple[str, dt.date], Fraction]:
        """Give the index shares that each was paid on, by security and ex-date."""
        codes, dates = self.market.securities.codes, self.market.actions.terms(self.row, ["ex_date"])
        rows = zip(self.security.tolist(), dates, self.index_shares.tolist(), strict=True)
        return {(codes[security], date): Fraction(n, self.unit) for security, (date,), n in rows}


def amounts_of(
    method: Methodology, market: MarketData, segments: Segments, shares: ShareTable, base: int
) -> ActionAmounts:
    """Multiply what is held at the open of each session by what its actions change for every share."""
    # Nothing is chained into the base session.
    held, row = shares.rows.within(segments.security, np.maximum(segments.start, base + 1), segments.stop)
    if not len(row):
        nothing = np.array([], object)
        dividends = Dividends(market, row, row, row, 1)
        return ActionAmounts(row, row, [], nothing, nothing, nothing, 1, dividends)
    number = shares.numbers(method, market, row, base)
    effects = shares.arrays
    many = np.diff(effects.end, prepend=0)
    kept = np.flatnonzero((number >= 0) & ((many > 0) | effects.pays)[number])
    held, row, number = held[kept], row[kept], number[kept]
    session, security = shares.rows.session[row], shares.rows.security[row]
    begins = segments.start[held] == session
    count = np.where(begins, segments.opening_shares[held], segments.index_shares[held])
    order = np.lexsort((security, session))
    order = order[count[order] > 0]  # what enters with the actions of a day has not gone ex
    row, session, security, count, number = (each[order] for each in (row, session, security, count, number))
    unit = 10**segments.share_decimals
    at, amount = rows_between((effects.end - many)[number], effects.end[number])
    rates, of_rates = _rates(method, market, security, session)
    multiple = (count.astype(object) * rates)[at]
    pays = np.flatnonzero(effects.pays[number])
    return ActionAmounts(
        session=session[at],
        security=security[at],
        kind=[effects.kind[each] for each in amount.tolist()],
        price=effects.price[amount] * multiple,
        gross=effects.gross[amount] * multiple,
        net=effects.net[amount] * multiple,
        scale=unit * effects.scale * of_rates,
        dividends=Dividends(market, security[pays], shares.rows.first[row[pays]], count[pays], unit),
    )


def _rates(
    method: Methodology, market: MarketData, security: NDArray[np.int64], session: NDArray[np.int64]
) -> tuple[NDArray[np.object_] | int, int]:
    """Give what each amount is converted at, the rate of the session before, over one denominator."""
    if market.securities.only_currency == method.currency:
        return 1, 1
    currency, sessions = market.securities.currency, market.sessions
    rates = [
        market.fx.rate(currency[number], method.currency, sessions[at - 1])
        for number, at in zip(security.tolist(), session.tolist(), strict=True)
    ]
    common = lcm(1, *(rate.denominator for rate in rates))
    counts = np.empty(len(rates), object)
    counts[:] = [rate.numerator * (common // rate.denominator) for rate in rates]
    return counts, common
