"""Index shares of a basket: by free-float capitalisation, equal, or by price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import Problem, ReviewError
from fintech_index.reviews._capping import single_cap_factors
from fintech_index.rounding import decimal_of, exact, round_half_up

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Weighted:
    """Index shares in units of the methodology, with what they are made of; -1 and None where that is not the case."""

    index_shares: list[int]
    free_float: list[int]
    factors: list[Decimal | None]


def weigh(method: Methodology, market: MarketData, securities: list[int], dates: ReviewDates) -> Weighted:
    """Give the index shares of constituents, from prices and counts of the price date.

    Raises
    ------
    ReviewError
        A share count is missing, a cap cannot be met, or shares exceed what an integer holds.
    """
    where = f"{method.name}: the review effective {market.sessions[dates.effective]}"
    if method.weighting.by == "free_float_cap":
        weighted = _by_free_float(method, market, securities, dates, where)
    else:
        unit = 10**method.rounding.share_decimals
        shares = [unit] * len(securities)
        if method.weighting.by == "equal":
            part = exact(method.weighting.notional) * unit / len(securities)
            shares = [round_half_up(part / price) for price in _prices(method, market, securities, dates.price_date)]
        weighted = Weighted(shares, [-1] * len(securities), [None] * len(securities))
    if max(weighted.index_shares) >= _INT64:
        raise ReviewError(f"{where} has index shares of more than 2**63: lower rounding.share_decimals")
    return weighted


def _by_free_float(
    method: Methodology, market: MarketData, securities: list[int], dates: ReviewDates, where: str
) -> Weighted:
    price_date = market.sessions[dates.price_date]
    counts = market.shares.free_float(np.array(securities), price_date)
    unknown = [market.securities.codes[who] for who, count in zip(securities, counts, strict=True) if count < 0]
    if unknown:
        raise ReviewError(
            f"{where} lacks share counts",
            [Problem(code, f"no row of `shares` on or before {price_date}") for code in unknown],
        )
    free_float = [int(count) for count in counts]
    prices = _prices(method, market, securities, dates.price_date)
    try:
        factors = _capping_factors(method, [price * n for price, n in zip(prices, free_float, strict=True)])
    except ReviewError as error:
        effective = market.sessions[dates.effective]
        raise ReviewError(f"{method.name}, review effective {effective}: {error.summary}") from error
    unit = method.rounding.share_decimals
    shares = [round_half_up(count * exact(factor), unit) for count, factor in zip(free_float, factors, strict=True)]
    return Weighted(shares, free_float, list(factors))


def _prices(method: Methodology, market: MarketData, securities: list[int], session: int) -> list[Fraction]:
    """Give closes in index currency, a suspended security at its last price."""
    for who in market.panel.unresolved.keys() & set(securities):
        market.panel.require_carried(who, session, session + 1, holder=method.name)
    day, home = market.sessions[session], method.currency
    rates = {own: market.fx.rate(own, home, day) for own in {market.securities.currency[who] for who in securities}}
    return [market.panel.price(who, session) * rates[market.securities.currency[who]] for who in securities]


def _capping_factors(method: Methodology, values: list[Fraction]) -> list[Decimal]:
    places = method.rounding.capping_factor_decimals
    cap = method.weighting.single_cap
    if cap is None:
        return [Decimal(1)] * len(values)
    factors = single_cap_factors(values, exact(cap))
    return [decimal_of(round_half_up(factor, places), -places) for factor in factors]
