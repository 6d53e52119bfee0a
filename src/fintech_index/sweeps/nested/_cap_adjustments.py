"""What capped variants have less than their uncapped index: shares, opening values, adjustments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._spans import rows_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.sweeps.nested._action_schedule import ActionSchedule, ShareRatios
    from fintech_index.sweeps.nested._capped_names import CappedNames
    from fintech_index.sweeps.nested._rankings import ReviewRanking


@dataclass(frozen=True, slots=True)
class CapAdjustments:
    """Three tables, each ordered by the pair of count and cap.

    Attributes
    ----------
    pair, security, start, stop, shares_removed : int64 arrays
        Index shares less, from session `start` up to `stop`, counted from the base.
    opening_pair, opening_review, opening : int64 arrays
        What a new basket is worth less at its open.
    adjusted_pair, adjusted_session, adjustment : int64 arrays, and object array of int
        What adjustments of a session, counted from the base, are less, in index shares x `OpeningAdjustments.amount`.
    """

    pair: NDArray[np.int64]
    security: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    shares_removed: NDArray[np.int64]
    opening_pair: NDArray[np.int64]
    opening_review: NDArray[np.int64]
    opening: NDArray[np.int64]
    adjusted_pair: NDArray[np.int64]
    adjusted_session: NDArray[np.int64]
    adjustment: NDArray[np.object_]

    @property
    def names(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Security, start, stop and shares_removed, as kernels take them."""
        return self.security, self.start, self.stop, self.shares_removed


def cap_adjustments(
    market: MarketData, reviews: Sequence[ReviewRanking], schedule: ActionSchedule, capped: CappedNames
) -> CapAdjustments:
    """Follow capped names through what happens to them."""
    base, prices = reviews[0].dates.effective, market.panel.values
    securities = np.stack([each.securities for each in reviews])[capped.review, capped.place]
    before = np.array([max(each.dates.effective - 1, base) for each in reviews])[capped.review]
    opening = _shares_removed(capped, np.arange(len(capped.pair)), schedule.opening[capped.review, capped.place])
    periods, adjustments = schedule.periods, schedule.adjustments
    own, row = _of_names(capped, periods.place, periods.review, len(reviews))
    owner, adjustment = _of_names(capped, adjustments.place, adjustments.review, len(reviews))
    without = _shares_removed(capped, owner, adjustments.ratios[adjustment])
    return CapAdjustments(
        pair=capped.pair[own],
        security=securities[own],
        start=periods.start[row] - base,
        stop=periods.stop[row] - base,
        shares_removed=_shares_removed(capped, own, periods.ratios[row]),
        opening_pair=capped.pair,
        opening_review=capped.review,
        opening=opening * prices[securities, before],
        adjusted_pair=capped.pair[owner],
        adjusted_session=adjustments.session[adjustment] - base,
        adjustment=without.astype(object) * adjustments.amount[adjustment],
    )


def _of_names(
    capped: CappedNames, place: NDArray[np.int64], review: NDArray[np.int64], reviews: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the rows, of a table ordered by place and review, that belong to each capped name."""
    keys, wanted = place * reviews + review, capped.place * reviews + capped.review
    return rows_between(np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right"))


def _shares_removed(capped: CappedNames, rows: NDArray[np.int64], grown: ShareRatios) -> NDArray[np.int64]:
    """Give how many index shares capped names have less, once both counts have grown."""
    return grown.of(capped.uncapped[rows]) - grown.of(capped.index_shares[rows])
