"""Index shares of a basket: by capitalisation with caps, equal, or by price."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.capping import ONE, CapRules, capped
from fintech_index.errors import Problem, ReviewError
from fintech_index.market import ACTING_KINDS
from fintech_index.reviews._free_float import counted_in_bands
from fintech_index.rounding import decimal_of, exact, round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.capping import Capped
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_INT64 = 2**63
_DECEMBER = "12"


@dataclass(frozen=True)
class WeightedBasket:
    """Index shares of constituents in units of the methodology, with what they are made of.

    Attributes
    ----------
    index_shares : list of int
    free_float : list of int
        The shares that count, free float or all; -1 where the weighting counts none.
    factors : list of Decimal or None
        Capping factors.
    price_counts, price_unit : list of int, int
        The prices in index currency that the weights are made of: ``price_counts / price_unit``.
    values : list of Fraction or int
        What the weights would be in proportion to without caps, in any one unit.
    bands : dict of int to Fraction
        By security, the free-float ratio that counts, where it is a band.
    caps : Capped or None
        What the caps do; None where there are none.
    relaxed : tuple of str
        Caps that were dropped.
    """

    index_shares: list[int]
    free_float: list[int]
    factors: list[Decimal | None]
    price_counts: list[int]
    price_unit: int
    values: Sequence[Fraction | int]
    bands: dict[int, Fraction] = field(default_factory=dict)
    caps: Capped | None = None
    relaxed: tuple[str, ...] = ()

    @cached_property
    def prices(self) -> list[Fraction]:
        """The prices that the weights are made of, in index currency."""
        return [Fraction(count, self.price_unit) for count in self.price_counts]

    @cached_property
    def weights(self) -> list[Fraction]:
        """Give each constituent's part of the basket at these prices."""
        values = [price * shares for price, shares in zip(self.price_counts, self.index_shares, strict=True)]
        total = sum(values) or 1
        return [Fraction(value, total) for value in values]


def weight_basket(
    method: Methodology,
    market: MarketData,
    securities: list[int],
    dates: ReviewDates,
    bands: Mapping[int, Fraction] | None = None,
) -> WeightedBasket:
    """Give the index shares of constituents; `bands` are the free-float ratios that count up to now.

    Raises
    ------
    ReviewError
        A share count or a score is missing, a cap cannot be met, or shares exceed what an integer holds.
    """
    where = f"{method.name}: the review effective {market.sessions[dates.effective]}"
    prices, price_unit = _prices(method, market, securities, dates)
    if method.weighting.by_capitalisation:
        weighted = _by_capitalisation(method, market, securities, dates, (prices, price_unit), bands or {})
    else:
        unit = 10**method.rounding.share_decimals
        shares = [unit] * len(securities)
        if method.weighting.by == "equal":
            part = exact(method.weighting.notional) * unit / len(securities)
            shares = [round_half_up(part * price_unit / price) for price in prices]
        values = [1] * len(securities) if method.weighting.by == "equal" else prices
        weighted = WeightedBasket(shares, [-1] * len(securities), [None] * len(securities), prices, price_unit, values)
    if max(weighted.index_shares) >= _INT64:
        raise ReviewError(f"{where} has index shares of more than 2**63: lower rounding.share_decimals")
    return weighted


def shares_date(method: Methodology, dates: ReviewDates) -> int:
    """Give the session on whose basis index shares stand."""
    if method.weighting.shares_as_of == "effective":
        return max(dates.effective - 1, dates.price_date)
    return dates.price_date


def caps_of(
    method: Methodology,
    market: MarketData,
    securities: list[int],
    values: Sequence[Fraction | int],
    effective: np.datetime64,
) -> tuple[Capped | None, tuple[str, ...]]:
    """Cap values of constituents from a date on; give what the caps do, and which were dropped so that they can be met.

    Raises
    ------
    ReviewError
        The caps cannot be met, with all that may be dropped.
    """
    rules = CapRules.of(method.weighting, annual=str(effective)[5:7] == _DECEMBER)
    if not rules:
        return None, ()
    groups = None
    if method.weighting.grouped:
        column = market.securities.texts(method.weighting.group_by)
        groups = [column[security] for security in securities]
    result, relaxed = capped(values, rules, groups), []
    for name in method.weighting.relax if result.shortfall else ():
        rules = rules.without(name)
        relaxed.append(name)
        result = capped(values, rules, groups)
        if not result.shortfall:
            break
    if result.shortfall:
        raise ReviewError(f"the caps cannot be met: {result.shortfall}")
    return result, tuple(relaxed)


def _by_capitalisation(
    method: Methodology,
    market: MarketData,
    securities: list[int],
    dates: ReviewDates,
    priced: tuple[list[int], int],
    before: Mapping[int, Fraction],
) -> WeightedBasket:
    counts, bands = _counts(method, market, securities, dates, before)
    tilts = _scores(method, market, securities, dates)
    values: Sequence[Fraction | int] = [price * count for price, count in zip(priced[0], counts, strict=True)]
    if tilts is not None:
        values = [value * tilt for value, tilt in zip(values, tilts, strict=True)]
    if not any(values):
        date = market.sessions[dates.effective]
        raise ReviewError(f"{method.name}: the review effective {date} has no constituent with shares that count")
    effective = market.sessions[dates.effective]
    try:
        caps, relaxed = caps_of(method, market, securities, values, effective)
    except ReviewError as error:
        raise ReviewError(f"{method.name}, review effective {effective}: {error.summary}") from error
    exact_factors = [ONE] * len(securities) if caps is None else list(caps.factors)
    if tilts is not None:
        exact_factors = [factor * tilt for factor, tilt in zip(exact_factors, tilts, strict=True)]
    places = method.rounding.capping_factor_decimals
    one = Decimal(1) if caps is None else decimal_of(10**places, -places)
    factors = [
        one if factor is ONE or factor == 1 else decimal_of(round_half_up(factor, places), -places)
        for factor in exact_factors
    ]
    unit = method.rounding.share_decimals
    shares = [
        count * 10**unit if factor is one else round_half_up(count * exact(factor), unit)
        for count, factor in zip(counts, factors, strict=True)
    ]
    return WeightedBasket(shares, counts, list(factors), *priced, values, bands, caps, relaxed)


def _counts(
    method: Methodology,
    market: MarketData,
    securities: list[int],
    dates: ReviewDates,
    before: Mapping[int, Fraction],
) -> tuple[list[int], dict[int, Fraction]]:
    """Give the shares that count, and the bands that they are in."""
    day, security = market.sessions[shares_date(method, dates)], np.array(securities)
    free_floats, totals = market.shares.free_float(security, day), market.shares.total(security, day)
    if (free_floats < 0).any():
        unknown = [market.securities.codes[each] for each in security[free_floats < 0].tolist()]
        raise ReviewError(
            f"{method.name}: the review effective {market.sessions[dates.effective]} lacks share counts",
            [Problem(code, f"no row of `shares` on or before {day}") for code in unknown],
        )
    if method.weighting.by == "total_cap":
        return totals.tolist(), {}
    earlier = [before.get(each) for each in securities]
    counts, bands = counted_in_bands(method, free_floats, totals, day.item(), earlier)
    known = {each: band for each, band in zip(securities, bands, strict=True) if band is not None}
    return counts.tolist(), known


def counted(
    method: Methodology, market: MarketData, securities: NDArray[np.int64], dates: ReviewDates
) -> NDArray[np.int64]:
    """Give the shares of securities that count at a review, for rules that remember no review before it.

    Raises
    ------
    ReviewError
        A share count is missing.
    """
    day = market.sessions[shares_date(method, dates)]
    of_all = method.weighting.by == "total_cap"
    if of_all or method.free_float.by == "exact":
        counts = (market.shares.total if of_all else market.shares.free_float)(securities, day)
        if (counts >= 0).all():
            return counts
    return np.array(_counts(method, market, securities.tolist(), dates, {})[0], np.int64)


def _scores(
    method: Methodology, market: MarketData, securities: list[int], dates: ReviewDates
) -> list[Fraction] | None:
    """Give what values are multiplied by, None where the weighting does not ask for it."""
    if method.weighting.by != "score":
        return None
    scores = market.securities.table.column("score").to_pylist()
    missing = [market.securities.codes[security] for security in securities if scores[security] is None]
    if missing:
        raise ReviewError(
            f"{method.name}: the review effective {market.sessions[dates.effective]} lacks scores",
            [Problem(code, "`score` of `securities` is empty") for code in missing],
        )
    return [exact(scores[security]) for security in securities]


def _prices(
    method: Methodology, market: MarketData, securities: list[int], dates: ReviewDates
) -> tuple[list[int], int]:
    """Give the price of one counted share in index currency: the close of the price date, or what it has become.

    Where price and count are of different dates, the price is that of as many shares as the counted one was or became.

    Returns
    -------
    list of int, int
        Counts of one unit, and how many units are one of index currency.
    """
    session = dates.price_date
    for security in market.panel.uncarriable.keys() & set(securities):
        market.panel.require_carried(security, session, session + 1, holder=method.name)
    day, home = market.sessions[session], method.currency
    as_of_two_dates = "effective" in (method.weighting.prices_as_of, method.weighting.shares_as_of)
    if market.panel.exact and market.securities.only_currency == home and not as_of_two_dates:
        return market.panel.values[securities, session].tolist(), market.panel.unit
    rates = {
        own: market.fx.rate(own, home, day) for own in {market.securities.currency[security] for security in securities}
    }
    prices = [market.panel.price(security, session) for security in securities]
    if as_of_two_dates:
        prices = [
            _as_of(method, market, security, price, dates) for security, price in zip(securities, prices, strict=True)
        ]
    prices = [
        price * rates[market.securities.currency[security]] for security, price in zip(securities, prices, strict=True)
    ]
    unit = lcm(*{price.denominator for price in prices})
    return [price.numerator * (unit // price.denominator) for price in prices], unit


def _as_of(method: Methodology, market: MarketData, security: int, close: Fraction, dates: ReviewDates) -> Fraction:
    """Take a close through the ex-dates after the price date and before the effective date, as the settings say."""
    price, growth = close, Fraction(1)
    for day in market.actions.ex_dates(security):
        if dates.price_date < day.session < dates.effective and day.of_kinds(ACTING_KINDS):
            for step in day.steps(method.actions.basis):
                growth *= step.share_growth(price)
                price = step.reference_price(price)
    if method.weighting.prices_as_of == "price_date":
        return close / growth
    return price if method.weighting.shares_as_of == "effective" else price * growth
