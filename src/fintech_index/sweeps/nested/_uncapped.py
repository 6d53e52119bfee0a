"""What all variants of a nested family share: dates, rankings, share counts, and the uncapped indices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._kernels.dispatch import add_segments
from fintech_index.conventions import HEADROOM
from fintech_index.sweeps.nested._not_nested import NotNestedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.sweeps.nested._action_schedule import ActionSchedule, OpeningAdjustments
    from fintech_index.sweeps.nested._rankings import ReviewRanking


@dataclass(frozen=True, slots=True)
class UncappedIndices:
    """The uncapped indices of some counts, from the base session on.

    Attributes
    ----------
    counts : int64 array of shape (counts,)
        How many names each takes, ascending.
    values : int64 array of shape (counts, sessions)
        Market values.
    openings : int64 array of shape (reviews, counts)
        What each new basket is worth at the close before; of the base session, at its own.
    amounts : object array of int of shape (sessions with adjustments, counts)
        What adjustments change opening values by, in index shares x `OpeningAdjustments.amount`.
    """

    counts: NDArray[np.int64]
    values: NDArray[np.int64]
    openings: NDArray[np.int64]
    amounts: NDArray[np.object_]


def uncapped_indices(
    market: MarketData,
    reviews: list[ReviewRanking],
    schedule: ActionSchedule,
    counts: NDArray[np.int64],
) -> UncappedIndices:
    """Add up the uncapped indices: each has the names of the one before, and more."""
    base, panel = reviews[0].dates.effective, market.panel
    names = _Names(np.stack([each.securities for each in reviews]), np.stack([each.shares for each in reviews]))
    periods = schedule.periods
    security = names.security[periods.review, periods.place]
    shares = periods.ratios.of(names.shares[periods.review, periods.place])
    if np.bincount(periods.review, panel.highest[security] * shares).max() >= HEADROOM:
        raise NotNestedError
    values = np.zeros((len(counts), len(market.sessions) - base), np.int64)
    ends = np.searchsorted(periods.place, np.append(0, counts))
    for at, (first, last) in enumerate(pairwise(ends.tolist())):
        own = slice(first, last)
        add_segments(
            panel.values[:, base:],
            security[own],
            periods.start[own] - base,
            periods.stop[own] - base,
            shares[own],
            values[at],
        )
    np.cumsum(values, axis=0, out=values)
    before = np.array([max(each.dates.effective - 1, base) for each in reviews])
    worth = panel.values[names.security, before[:, None]] * schedule.opening.of(names.shares)
    openings = np.cumsum(worth, axis=1)[:, counts - 1]
    return UncappedIndices(counts, values, openings, _amounts(names, schedule.adjustments, counts))


class _Names(NamedTuple):
    """The ranked names of all reviews, and their uncapped index shares; int64 arrays of shape (reviews, names)."""

    security: NDArray[np.int64]
    shares: NDArray[np.int64]


def _amounts(names: _Names, adjustments: OpeningAdjustments, counts: NDArray[np.int64]) -> NDArray[np.object_]:
    """Add adjustments up: what every name brings goes to the first count that has it, and to all above."""
    sessions, at = np.unique(adjustments.session, return_inverse=True)
    amounts = np.zeros((len(sessions), len(counts)), object)
    shares = adjustments.ratios.of(names.shares[adjustments.review, adjustments.place])
    uncapped = np.searchsorted(counts, adjustments.place, side="right")
    np.add.at(amounts, (at, uncapped), shares.astype(object) * adjustments.amount)
    added: NDArray[np.object_] = np.cumsum(amounts, axis=1)
    return added
