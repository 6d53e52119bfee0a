"""A review: from the rules and the market of its dates to a basket."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import ReviewDates, review_dates
from fintech_index.errors import Problem, RequestError, ReviewError, require_kind
from fintech_index.market import MarketData, as_day
from fintech_index.methodology import Methodology
from fintech_index.reviews._baskets import Baskets
from fintech_index.reviews._eligibility import eligible
from fintech_index.reviews._index_view import as_seen_by
from fintech_index.reviews._weighting import Weighted, weigh

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class _Basket:
    dates: ReviewDates
    securities: list[int]
    weighted: Weighted


def review(
    method: Methodology,
    market: MarketData,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
) -> Baskets:
    """Carry out the reviews of an index: the basket of the base date, and one for each review since.

    Parameters
    ----------
    method : Methodology
    market : MarketData
    start, end : date, optional
        Only baskets effective within these dates, both included.

    Raises
    ------
    RequestError
        The start is after the end, or no basket takes effect between them.
    ReviewError
        The base date is no session, the data does not reach back to a cut-off, nobody is eligible, a share count is
        missing, or a cap cannot be met.
    """
    require_kind(method, Methodology, "method")
    require_kind(market, MarketData, "market")
    market = as_seen_by(method, market)
    first = as_day(start) if start is not None else market.sessions[0]
    last = as_day(end) if end is not None else market.sessions[-1]
    if first > last:
        raise RequestError(f"the start {first} is after the end {last}")
    dates = [each for each in all_dates(method, market) if first <= market.sessions[each.effective] <= last]
    if not dates:
        raise RequestError(f"{method.name}: no basket takes effect from {first} to {last}")
    return _joined([_basket(method, market, each) for each in dates], market, method.rounding.share_decimals)


def all_dates(method: Methodology, market: MarketData) -> list[ReviewDates]:
    """Give the dates of the base, which uses its own date for all of them, and of every review after it."""
    try:
        base = market.session(method.base.date)
    except RequestError as error:
        raise ReviewError(f"{method.name}: the base date {error.summary}") from error
    return [ReviewDates(base, base, base), *_reviews(method, market, base)]


def reviews_after(method: Methodology, market: MarketData, session: int) -> Baskets | None:
    """Carry out the reviews that take effect after a session, whatever the base; None where there are none."""
    dates = _reviews(method, market, session)
    if not dates:
        return None
    return _joined([_basket(method, market, each) for each in dates], market, method.rounding.share_decimals)


def _reviews(method: Methodology, market: MarketData, after: int) -> list[ReviewDates]:
    dates = list(review_dates(method, market.sessions, after))
    for one, next_one in pairwise(dates):
        if one.effective == next_one.effective:
            raise ReviewError(
                f"{method.name}: two reviews take effect on {market.sessions[one.effective]}, since the data has "
                "no session between their dates: leave one of their months out of review.months"
            )
    return dates


def _basket(method: Methodology, market: MarketData, dates: ReviewDates) -> _Basket:
    effective = market.sessions[dates.effective]
    gone = market.actions.removals
    securities = [
        who for who in eligible(method, market, dates.cutoff) if gone.get(who, dates.price_date + 1) > dates.price_date
    ]
    if not securities:
        raise ReviewError(f"{method.name}: no security is eligible for the review effective {effective}")
    price_date = market.sessions[dates.price_date]
    unpriced = [market.securities.codes[who] for who in securities if market.panel.first[who] > dates.price_date]
    if unpriced:
        raise ReviewError(
            f"{method.name}: the review effective {effective} has constituents without a price on its price date",
            [Problem(code, f"eligible on the cut-off date, and no price by {price_date}") for code in unpriced],
        )
    weighted = weigh(method, market, securities, dates)
    return _Basket(dates, securities, weighted)


def _joined(baskets: list[_Basket], market: MarketData, share_decimals: int) -> Baskets:
    sizes = [len(basket.securities) for basket in baskets]
    sessions = market.sessions
    return Baskets(
        effective=np.repeat([sessions[basket.dates.effective] for basket in baskets], sizes),
        price_date=np.repeat([sessions[basket.dates.price_date] for basket in baskets], sizes),
        security=tuple(market.securities.codes[who] for basket in baskets for who in basket.securities),
        index_shares=np.array([count for basket in baskets for count in basket.weighted.index_shares], np.int64),
        free_float=np.array([count for basket in baskets for count in basket.weighted.free_float], np.int64),
        capping_factor=tuple(factor for basket in baskets for factor in basket.weighted.factors),
        share_decimals=share_decimals,
    )
