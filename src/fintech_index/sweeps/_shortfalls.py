"""What capped variants have less than their uncapped index: shares, opening values, payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._spans import rows_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.sweeps._capped_names import CappedNames
    from fintech_index.sweeps._happenings import Grown, Happenings
    from fintech_index.sweeps._rungs import Ranking


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """Three tables, each ordered by the pair of count and cap.

    Attributes
    ----------
    pair, security, start, stop, fewer : int64 arrays
        Index shares less, from session `start` up to `stop`, counted from the base.
    opening_pair, opening_review, opening : int64 arrays
        What a new basket is worth less at its open.
    payment_pair, payment_session, payment : int64 arrays, and object array of int
        What payments of a session, counted from the base, are less, in index shares x `Payments.amount`.
    """

    pair: NDArray[np.int64]
    security: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    fewer: NDArray[np.int64]
    opening_pair: NDArray[np.int64]
    opening_review: NDArray[np.int64]
    opening: NDArray[np.int64]
    payment_pair: NDArray[np.int64]
    payment_session: NDArray[np.int64]
    payment: NDArray[np.object_]

    @property
    def names(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Security, start, stop and fewer, as kernels take them."""
        return self.security, self.start, self.stop, self.fewer


def shortfalls(market: MarketData, reviews: Sequence[Ranking], happened: Happenings, capped: CappedNames) -> Shortfalls:
    """Follow capped names through what happens to them."""
    base, prices = reviews[0].dates.effective, market.panel.values
    securities = np.stack([each.securities for each in reviews])[capped.review, capped.place]
    before = np.array([max(each.dates.effective - 1, base) for each in reviews])[capped.review]
    opening = _fewer(capped, np.arange(len(capped.pair)), happened.opening[capped.review, capped.place])
    stretches, payments = happened.stretches, happened.payments
    own, row = _of_names(capped, stretches.place, stretches.review, len(reviews))
    paid, payment = _of_names(capped, payments.place, payments.review, len(reviews))
    return Shortfalls(
        pair=capped.pair[own],
        security=securities[own],
        start=stretches.start[row] - base,
        stop=stretches.stop[row] - base,
        fewer=_fewer(capped, own, stretches.grown[row]),
        opening_pair=capped.pair,
        opening_review=capped.review,
        opening=opening * prices[securities, before],
        payment_pair=capped.pair[paid],
        payment_session=payments.session[payment] - base,
        payment=_fewer(capped, paid, payments.grown[payment]).astype(object) * payments.amount[payment],
    )


def _of_names(
    capped: CappedNames, place: NDArray[np.int64], review: NDArray[np.int64], reviews: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the rows, of a table ordered by place and review, that belong to each capped name."""
    keys, wanted = place * reviews + review, capped.place * reviews + capped.review
    return rows_between(np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right"))


def _fewer(capped: CappedNames, rows: NDArray[np.int64], grown: Grown) -> NDArray[np.int64]:
    """Give how many index shares capped names have less, once both counts have grown."""
    return grown.of(capped.uncapped[rows]) - grown.of(capped.index_shares[rows])
