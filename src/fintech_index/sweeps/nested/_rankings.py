"""The rankings that the variants of a nested family share, a review each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fintech_index.conventions import HEADROOM
from fintech_index.errors import ReviewError
from fintech_index.reviews import all_dates, counted, rank, screen
from fintech_index.sweeps.nested._not_nested import NotNestedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class ReviewRanking:
    """One review: the best names, the best first.

    Attributes
    ----------
    dates : ReviewDates
    securities : int64 array of shape (names,)
    shares : int64 array of shape (names,)
        Index shares without a cap, in units of the methodology.
    values : int64 array of shape (names,)
        Closes of the price date times shares.
    """

    dates: ReviewDates
    securities: NDArray[np.int64]
    shares: NDArray[np.int64]
    values: NDArray[np.int64]


def rankings(method: Methodology, market: MarketData, most: int) -> list[ReviewRanking]:
    """Rank the best `most` names at every review.

    Raises
    ------
    NotNestedError
        A review has shares_removed names, or a name lacks a price or a count.
    """
    try:
        return [_ranking(method, market, dates, most) for dates in all_dates(method, market)]
    except ReviewError as error:
        raise NotNestedError from error


def _ranking(method: Methodology, market: MarketData, dates: ReviewDates, most: int) -> ReviewRanking:
    eligible = screen(method, market, dates).eligible
    if len(eligible) < most:
        raise NotNestedError
    securities = rank(method, market, eligible, dates.cutoff).order[:most]
    counts = counted(method, market, securities, dates)
    panel = market.panel
    if (panel.first_session[securities] > dates.price_date).any() or (
        panel.uncarriable and panel.uncarriable.keys() & set(securities.tolist())
    ):
        raise NotNestedError
    shares = counts * 10**method.rounding.share_decimals
    if float(shares.max()) * 10 >= HEADROOM or (panel.highest[securities] * shares).sum() >= HEADROOM:
        raise NotNestedError
    values = panel.values[securities, dates.price_date] * shares
    if not (values > 0).all():
        raise NotNestedError
    return ReviewRanking(dates, securities, shares, values)
