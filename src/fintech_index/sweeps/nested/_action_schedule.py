"""What corporate actions do to the ranked names of every review, per index share: the same for all variants."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CorporateActionError, MarketDataError
from fintech_index.events import IN_ORDER, cumulative_ratios, share_table
from fintech_index.sweeps.nested._not_nested import NotNestedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.events import ShareTable
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps.nested._rankings import ReviewRanking


@dataclass(frozen=True, slots=True)
class ShareRatios:
    """Ratios that index shares counted at a review are multiplied by, ``above / below``; int64 arrays."""

    above: NDArray[np.int64]
    below: NDArray[np.int64]

    def __getitem__(self, rows: NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.int64]]) -> ShareRatios:
        return ShareRatios(self.above[rows], self.below[rows])

    def of(self, shares: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give what index shares have become, half up."""
        if (self.above == self.below).all():
            return shares
        doubled = 2 * self.below
        if (2.0 * shares * self.above + self.below).max() < HEADROOM and doubled.max() < HEADROOM:
            grown: NDArray[np.int64] = (2 * shares * self.above + self.below) // doubled
            return grown
        whole: NDArray[np.object_] = (2 * shares.astype(object) * self.above + self.below) // doubled.astype(object)
        if max(whole) >= HEADROOM:
            raise NotNestedError
        return np.array(whole.tolist(), np.int64)


@dataclass(frozen=True, slots=True)
class HoldingPeriods:
    """Sessions over which a ranked name has the same index shares, ordered by place, review and start.

    Attributes
    ----------
    place, review : int64 arrays
        The place of the name in the ranking of its review.
    start, stop : int64 arrays
        Sessions of the market.
    ratios : ShareRatios
    """

    place: NDArray[np.int64]
    review: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    ratios: ShareRatios


@dataclass(frozen=True, slots=True)
class OpeningAdjustments:
    """What an opening value changes by for each index share, ordered by place, review and session.

    Attributes
    ----------
    place, review, session : int64 arrays
    ratios : ShareRatios
        Of the index shares before the actions of the session.
    amount : object array of int
        In units of ``1 / scale`` of index currency.
    scale : int
    """

    place: NDArray[np.int64]
    review: NDArray[np.int64]
    session: NDArray[np.int64]
    ratios: ShareRatios
    amount: NDArray[np.object_]
    scale: int


@dataclass(frozen=True, slots=True)
class ActionSchedule:
    """All that happens to the ranked names.

    `opening` are the ratios by the open of effective dates, one a name, of shape (reviews, names).
    """

    periods: HoldingPeriods
    opening: ShareRatios
    adjustments: OpeningAdjustments


@dataclass(frozen=True, slots=True)
class _Rows:
    """The ex-dates of ranked names in their order, each with the ratio before it and after it.

    `name` counts names from review to review, `number` is that of the effect in the table.
    """

    name: NDArray[np.int64]
    session: NDArray[np.int64]
    number: NDArray[np.int64]
    before: ShareRatios
    after: ShareRatios


def action_schedule(
    method: Methodology, market: MarketData, reviews: Sequence[ReviewRanking], returns: str
) -> ActionSchedule:
    """Follow every ranked name from its price date on, as long as its review is in effect.

    Raises
    ------
    NotNestedError
        An action brings a security in or out, or cannot be applied, or its amount is rounded.
    """
    names = len(reviews[0].securities)
    effective = np.array([each.dates.effective for each in reviews])
    ends = np.append(effective[1:], len(market.sessions))
    table = share_table(method, market)
    rows = _rows(method, market, table, reviews, ends)
    return ActionSchedule(
        _periods(rows, names, effective, ends),
        _by(rows, effective, names),
        _adjustments(rows, table, returns, effective, names),
    )


def _rows(
    method: Methodology,
    market: MarketData,
    table: ShareTable,
    reviews: Sequence[ReviewRanking],
    ends: NDArray[np.int64],
) -> _Rows:
    names = len(reviews[0].securities)
    begins = np.array([each.dates.price_date + 1 for each in reviews])
    securities = np.concatenate([each.securities for each in reviews])
    name, row = table.rows.within(securities, np.repeat(begins, names), np.repeat(ends, names))
    try:
        number = table.numbers(method, market, row, reviews[0].dates.effective)
    except (CorporateActionError, MarketDataError) as error:
        raise NotNestedError from error
    recounted = method.actions.share_changes != "at_review" and table.rows.recounts[row].any()
    if (number == IN_ORDER).any() or table.rows.removes[row].any() or recounted:
        raise NotNestedError
    ratios = cumulative_ratios(table, name, number)
    after = np.array([_as_int64(*ratio) for ratio in ratios], np.int64).reshape(-1, 2).T
    first = np.append(True, name[1:] != name[:-1])[: len(name)]
    above, below = (np.where(first, 1, np.append(1, each[:-1])[: len(name)]) for each in after)
    return _Rows(name, table.rows.session[row], number, ShareRatios(above, below), ShareRatios(*after))


def _as_int64(above: int, below: int) -> tuple[int, int]:
    if max(above, below) >= HEADROOM:
        raise NotNestedError
    return above, below


def _by(rows: _Rows, sessions: NDArray[np.int64], names: int) -> ShareRatios:
    """Give what a share of each name has become by the open of a session of its review, before its actions."""
    above, below = np.ones(len(sessions) * names, np.int64), np.ones(len(sessions) * names, np.int64)
    by_then = rows.session < sessions[rows.name // names]
    above[rows.name[by_then]], below[rows.name[by_then]] = rows.after.above[by_then], rows.after.below[by_then]
    return ShareRatios(above.reshape(-1, names), below.reshape(-1, names))


def _periods(rows: _Rows, names: int, effective: NDArray[np.int64], ends: NDArray[np.int64]) -> HoldingPeriods:
    """Cut the period of each name where its index shares change."""
    from_then = _by(rows, effective + 1, names)
    grows = (rows.after.above * rows.before.below != rows.after.below * rows.before.above) & (
        rows.session > effective[rows.name // names]
    )
    review, place = (each.ravel() for each in np.mgrid[: len(effective), :names])
    name = np.concatenate([np.arange(len(place)), rows.name[grows]])
    start = np.concatenate([effective[review], rows.session[grows]])
    above = np.concatenate([from_then.above.ravel(), rows.after.above[grows]])
    below = np.concatenate([from_then.below.ravel(), rows.after.below[grows]])
    review, place = name // names, name % names
    order = np.lexsort((start, review, place))
    review, place, start = review[order], place[order], start[order]
    same = np.append(name[order][1:] == name[order][:-1], False)
    stop = np.where(same, np.append(start[1:], 0), ends[review])
    return HoldingPeriods(place, review, start, stop, ShareRatios(above[order], below[order]))


def _adjustments(
    rows: _Rows, table: ShareTable, returns: str, effective: NDArray[np.int64], names: int
) -> OpeningAdjustments:
    """Bring the amounts of all effects together, over one denominator."""
    totals = [sum(getattr(amount, returns) for amount in effect.amounts) for effect in table.effects]
    review = rows.name // names
    held = rows.session >= np.where(
        review == 0, effective[0] + 1, effective[review]
    )  # nothing is chained into the base
    kept = np.flatnonzero(held & np.array([bool(total) for total in totals])[rows.number])
    used = {number: totals[number] for number in np.unique(rows.number[kept]).tolist()}
    scale = lcm(1, *(total.denominator for total in used.values()))
    counts = {number: total.numerator * (scale // total.denominator) for number, total in used.items()}
    place, session = rows.name[kept] % names, rows.session[kept]
    order = np.lexsort((session, review[kept], place))
    kept = kept[order]
    amount = np.empty(len(kept), object)
    amount[:] = [counts[number] for number in rows.number[kept].tolist()]
    return OpeningAdjustments(place[order], review[kept], session[order], rows.before[kept], amount, scale)
