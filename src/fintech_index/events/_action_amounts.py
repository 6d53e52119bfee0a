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
    from fintech_index.events._share_table import Amount, ShareTable
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class ActionAmounts:
    """Changes of opening values, ordered by session and security; every list has one entry a change.

    Attributes
    ----------
    session, security : int64 arrays
    kind : list of str
        Of the action.
    price, gross, net : lists of int
        What the opening value of each variant changes by, in units of ``1 / scale`` of index currency.
    scale : int
    paid : dict of (str, date) to Fraction
        The index shares that each dividend was paid on, by security and ex-date.
    """

    session: NDArray[np.int64]
    security: NDArray[np.int64]
    kind: list[str]
    price: list[int]
    gross: list[int]
    net: list[int]
    scale: int
    paid: dict[tuple[str, dt.date], Fraction]

    def by_session(self, variant: str) -> dict[int, int]:
        """Give what the opening value of a variant changes by on each session, in units of ``1 / scale``."""
        amounts: list[int] = getattr(self, variant)
        changed: dict[int, int] = {}
        for session, amount in zip(self.session.tolist(), amounts, strict=True):
            if amount:
                changed[session] = changed.get(session, 0) + amount
        return changed

    def changes(self) -> Iterator[OpeningChange]:
        """Give each as a change of the opening values."""
        rows = zip(
            self.session.tolist(), self.security.tolist(), self.kind, self.price, self.gross, self.net, strict=True
        )
        for session, security, kind, *amounts in rows:
            price, gross, net = (Fraction(amount, self.scale) for amount in amounts)
            yield OpeningChange(session, security, kind, Stage.ACTION, price, gross, net)


def amounts_of(
    method: Methodology, market: MarketData, segments: Segments, shares: ShareTable, base: int
) -> ActionAmounts:
    """Multiply what is held at the open of each session by what its actions change for every share."""
    # Nothing is chained into the base session.
    held, row = shares.rows.within(segments.security, np.maximum(segments.start, base + 1), segments.stop)
    number = shares.numbers(method, market, row, base)
    matter = np.array([bool(effect.amounts) or effect.pays for effect in shares.effects])
    kept = np.flatnonzero((number >= 0) & matter[number])
    held, row, number = held[kept], row[kept], number[kept]
    session, security = shares.rows.session[row], shares.rows.security[row]
    begins = segments.start[held] == session
    count = np.where(begins, segments.opening_shares[held], segments.index_shares[held])
    order = np.lexsort((security, session))
    order = order[count[order] > 0]  # what enters with the actions of a day has not gone ex
    row, session, security, count, number = (each[order] for each in (row, session, security, count, number))
    used, of_used = np.unique(number, return_inverse=True)
    effects = [shares.effects[at] for at in used.tolist()]
    ends = np.cumsum([len(effect.amounts) for effect in effects], dtype=np.int64)
    begin = np.append(0, ends[:-1]).astype(np.int64)
    at, amount = rows_between(begin[of_used], ends[of_used]) if effects else (of_used, of_used)
    every = [each for effect in effects for each in effect.amounts]
    common = lcm(1, *(part.denominator for each in every for part in each[1:]))
    rates, of_rates = _rates(method, market, security, session)
    multiples = [n * rate for n, rate in zip(count.tolist(), rates, strict=True)]
    multiples = [multiples[each] for each in at.tolist()]
    price, gross, net = (
        [of_share * n for of_share, n in zip(_over(common, every, part, amount), multiples, strict=True)]
        for part in ("price", "gross", "net")
    )
    pays = np.array([effect.pays for effect in effects], np.bool_)
    return ActionAmounts(
        session=session[at],
        security=security[at],
        kind=[every[each].kind for each in amount.tolist()],
        price=price,
        gross=gross,
        net=net,
        scale=10**segments.share_decimals * common * of_rates,
        paid=_paid(market, shares, row[pays[of_used]], count[pays[of_used]], 10**segments.share_decimals),
    )


def _over(common: int, every: list[Amount], part: str, chosen: NDArray[np.int64]) -> list[int]:
    """Give a part of chosen amounts as counts of ``1 / common``."""
    parts = [getattr(each, part) for each in every]
    counts = [each.numerator * (common // each.denominator) for each in parts]
    return [counts[at] for at in chosen.tolist()]


def _paid(
    market: MarketData, shares: ShareTable, row: NDArray[np.int64], count: NDArray[np.int64], unit: int
) -> dict[tuple[str, dt.date], Fraction]:
    first, codes = shares.rows.first[row], market.securities.codes
    dates = [date for (date,) in market.actions.terms(first, ["ex_date"])]
    owners = shares.rows.security[row].tolist()
    return {
        (codes[security], date): Fraction(n, unit)
        for security, date, n in zip(owners, dates, count.tolist(), strict=True)
    }


def _rates(
    method: Methodology, market: MarketData, security: NDArray[np.int64], session: NDArray[np.int64]
) -> tuple[list[int], int]:
    """Give what each amount is converted at, the rate of the session before, over one denominator."""
    if market.securities.only_currency == method.currency:
        return [1] * len(security), 1
    currency, sessions = market.securities.currency, market.sessions
    rates = [
        market.fx.rate(currency[who], method.currency, sessions[at - 1])
        for who, at in zip(security.tolist(), session.tolist(), strict=True)
    ]
    common = lcm(1, *(rate.denominator for rate in rates))
    return [rate.numerator * (common // rate.denominator) for rate in rates], common
