"""In which order securities stand: by averages over a look-back, or by weighted sums of their places."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.reviews._lookback import LookBack
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology, Ranking


@dataclass(frozen=True, slots=True)
class Ranked:
    """Securities in their order.

    Attributes
    ----------
    order : int array
        Numbers of securities, the best first.
    looked_at : int array
        All whose averages were looked at, ascending.
    notices : tuple of str
    """

    order: NDArray[np.int64]
    looked_at: NDArray[np.int64]
    notices: tuple[str, ...]


def rank(method: Methodology, market: MarketData, securities: NDArray[np.int64], cutoff: int) -> Ranked:
    """Order securities (ascending numbers) by the rules of `ranking`; equal ones by `ties`, and then by code.

    Raises
    ------
    ReviewError
        The rules look at amounts, and the data has none.
    """
    rule = method.ranking
    back = LookBack(method, market, cutoff, rule.lookback_months)
    keys = {rule.by: Decimal(1)} if isinstance(rule.by, str) else rule.by
    weights: dict[str, Decimal] = {str(key): weight for key, weight in keys.items()}
    ties = rule.ties if rule.ties not in ("listed", "security") else None
    averages = {key: back.average(key, securities) for key in {*weights, *([ties] if ties else [])}}
    places = {key: average.places() for key, average in averages.items()}
    sums = _sums(weights, places) if len(weights) > 1 else places[next(iter(weights))]
    order = np.argsort(sums)
    if (sums[order[1:]] == sums[order[:-1]]).any():
        order = np.lexsort((*_ties(rule, market, securities, places), sums))
    return Ranked(securities[order], securities, back.notices)


def _ties(
    rule: Ranking, market: MarketData, securities: NDArray[np.int64], places: dict[str, NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give what orders equal ones, the last first: the code, and what `ranking.ties` says."""
    codes = np.arange(len(securities))  # ascending by code
    if rule.ties == "listed":
        tied = market.securities.listed_days[securities]
        second = np.where(np.isnat(tied), np.datetime64(dt.date.min, "D"), tied).astype(np.int64)
    else:
        second = places.get(rule.ties, codes)
    return codes, second


def _sums(weights: dict[str, Decimal], places: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Add up places by their weights, in whole numbers."""
    parts = {key: exact(weight) for key, weight in weights.items()}
    common = lcm(*(part.denominator for part in parts.values()))
    total = np.zeros(len(next(iter(places.values()))), np.int64)
    for key, part in parts.items():
        total += places[key] * int(part * common)
    return total
