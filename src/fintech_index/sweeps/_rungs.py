"""What all variants of a ladder share: dates, rankings, share counts, and the market values of the uncapped indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import ReviewError
from fintech_index.events import HEADROOM
from fintech_index.levels import add_segments
from fintech_index.reviews import all_dates, counted, rank, screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


class UnlikeError(Exception):
    """Something here is for each variant alone."""


@dataclass(frozen=True, slots=True)
class Ranking:
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


def rankings(method: Methodology, market: MarketData, most: int) -> list[Ranking]:
    """Rank the best `most` names at every review.

    Raises
    ------
    UnlikeError
        A review has fewer names, a name lacks a price or a count, or something happens to one of them.
    """
    try:
        found = [_ranking(method, market, dates, most) for dates in all_dates(method, market)]
    except ReviewError as error:
        raise UnlikeError from error
    _require_calm(market, found)
    return found


def _ranking(method: Methodology, market: MarketData, dates: ReviewDates, most: int) -> Ranking:
    eligible = screen(method, market, dates).eligible
    if len(eligible) < most:
        raise UnlikeError
    securities = rank(method, market, eligible, dates.cutoff).order[:most]
    counts = counted(method, market, securities, dates)
    panel = market.panel
    if (panel.first[securities] > dates.price_date).any() or panel.unresolved.keys() & set(securities.tolist()):
        raise UnlikeError
    shares = counts * 10**method.rounding.share_decimals
    if float(shares.max()) * 10 >= HEADROOM or (panel.highest[securities] * shares).sum() >= HEADROOM:
        raise UnlikeError
    values = panel.values[securities, dates.price_date] * shares
    if not (values > 0).all():
        raise UnlikeError
    return Ranking(dates, securities, shares, values)


def _require_calm(market: MarketData, found: list[Ranking]) -> None:
    """Refuse corporate actions of any of the names from the first price date on."""
    actions = market.actions
    acting = actions.security[actions.session > min(each.dates.price_date for each in found)]
    named = np.concatenate([each.securities for each in found])
    if len(acting) and (np.isin(acting, named).any() or len(actions.related)):
        raise UnlikeError


@dataclass(frozen=True, slots=True)
class Rungs:
    """The uncapped indices of some counts, from the base session on.

    Attributes
    ----------
    counts : int64 array of shape (rungs,)
        How many names each takes, ascending.
    starts : int64 array of shape (reviews,)
        The sessions on which reviews take effect, counted from the base.
    values : int64 array of shape (rungs, sessions)
        Market values.
    openings : int64 array of shape (reviews, rungs)
        What each new basket is worth at the close before; of the base session, at its own.
    """

    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    values: NDArray[np.int64]
    openings: NDArray[np.int64]


def rungs(market: MarketData, reviews: list[Ranking], counts: NDArray[np.int64]) -> Rungs:
    """Add up the uncapped indices: each has the names of the one before, and more."""
    base, end = reviews[0].dates.effective, len(market.sessions)
    starts = np.array([each.dates.effective for each in reviews], np.int64) - base
    stops = np.append(starts[1:], end - base)
    values = np.zeros((len(counts), end - base), np.int64)
    for at, (first, last) in enumerate(zip(np.append(0, counts[:-1]), counts, strict=True)):
        names = last - first
        add_segments(
            market.panel.values[:, base:],
            np.concatenate([each.securities[first:last] for each in reviews]),
            np.repeat(starts, names),
            np.repeat(stops, names),
            np.concatenate([each.shares[first:last] for each in reviews]),
            values[at],
        )
    np.cumsum(values, axis=0, out=values)
    openings = np.empty((len(reviews), len(counts)), np.int64)
    for number, each in enumerate(reviews):
        before = max(each.dates.effective - 1, base)
        worth = np.cumsum(market.panel.values[each.securities, before] * each.shares)
        openings[number] = worth[counts - 1]
    return Rungs(counts, starts, values, openings)
