"""What an index holds when a session opens: what levels within the session begin from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import RequestError
from fintech_index.index_view import with_future_sessions
from fintech_index.levels._calculate import calculation_of
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._snapshot import snapshot
from fintech_index.market import carried_price

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from numpy.typing import NDArray

    from fintech_index.levels._calculation import Calculation

_DAYS_LOOKED_AHEAD = 30  # no exchange is closed for as long


@dataclass(frozen=True)
class OpeningComposition:
    """An index at the open of a session, after the day's actions and reviews.

    Attributes
    ----------
    index : str
    date : date
    securities : tuple of str
        The constituents, by code.
    currencies : tuple of str
        What each trades in.
    prices : tuple of Fraction
        What each opens from, in its currency: the close before, or the exchange's reference price where the security
        goes ex (rounded to its tick); 0 for a spun-off child, which has no price yet.
    index_shares : int64 array of shape (constituents,)
        After the day's actions, in units of ``10**-share_decimals`` shares.
    share_decimals : int
    divisors : dict of str to Decimal
        In force on the session, by return variant.
    rates : dict of str to Fraction
        Units of index currency for one unit of each currency, at the close before.
    """

    index: str
    date: dt.date
    securities: tuple[str, ...]
    currencies: tuple[str, ...]
    prices: tuple[Fraction, ...]
    index_shares: NDArray[np.int64]
    share_decimals: int
    divisors: dict[str, Decimal]
    rates: dict[str, Fraction]

    @property
    def value(self) -> Fraction:
        """The market value at these prices and rates, in index currency."""
        parts = (
            price * int(shares) * self.rates[currency]
            for price, shares, currency in zip(self.prices, self.index_shares, self.currencies, strict=True)
        )
        total: Fraction = sum(parts, Fraction(0)) / 10**self.share_decimals
        return total


def opening(calculation: Calculation, date: np.datetime64) -> OpeningComposition:
    """Give the composition at the open of a session; see `History.opening`."""
    sessions = calculation.market.sessions
    if date > sessions[-1]:
        return _of_the_next_session(calculation, date)
    session = calculation.market.session(date)
    if session <= calculation.valuation.first:
        raise RequestError(
            f"{calculation.method.name}: {date} is not after {calculation.sessions[0]}, the first session: an index "
            "has an opening from the second on"
        )
    return _composition(calculation, session)


def _of_the_next_session(calculation: Calculation, date: np.datetime64) -> OpeningComposition:
    """Go on to the session after the last close, on which nothing has traded yet."""
    method, last = calculation.method, calculation.market.sessions[-1]
    coming = with_future_sessions(
        method, calculation.source_market, (last + np.timedelta64(_DAYS_LOOKED_AHEAD, "D")).item()
    )
    following = coming.sessions[coming.sessions > last]
    if len(following) == 0 or following[0] != date:
        ahead = f"the next session is {following[0]}" if len(following) else "no session after it is known"
        raise RequestError(f"{method.name}: {date} is not the session after {last}; {ahead}")
    own = None if calculation.baskets.outcomes else calculation.baskets
    state = snapshot(calculation, len(calculation.market.sessions) - 1)
    after = calculation_of(method, coming.until(date), own, state)
    return _composition(after, after.market.session(date))


def _composition(calculation: Calculation, session: int) -> OpeningComposition:
    market, segments = calculation.market, calculation.holdings.segments
    held = np.flatnonzero(segments.held_at(session))
    held = held[np.argsort(segments.security[held])]
    securities = segments.security[held].tolist()
    before, home = market.sessions[session - 1], calculation.method.currency
    currencies = tuple(market.securities.currency[security] for security in securities)
    return OpeningComposition(
        index=calculation.method.name,
        date=market.sessions[session].item(),
        securities=tuple(market.securities.codes[security] for security in securities),
        currencies=currencies,
        prices=tuple(_opening_price(calculation, security, session) for security in securities),
        index_shares=segments.index_shares[held],
        share_decimals=calculation.holdings.share_decimals,
        divisors={each: calculation.divisors.at(each, session) for each in VARIANTS},
        rates={each: market.fx.rate(each, home, before) for each in sorted(set(currencies))},
    )


def _opening_price(calculation: Calculation, security: int, session: int) -> Fraction:
    """Give what a constituent opens from: the close before, through the actions that apply at the open."""
    market = calculation.market
    if market.panel.suspended(security, session):
        return market.panel.price(security, session)  # carried through them already
    price = market.panel.price(security, session - 1)
    for day in market.actions.on(security, session):
        price = carried_price(
            day, price, market.securities.tick[security], calculation.method.actions.basis, to_come=True
        )
    return price
