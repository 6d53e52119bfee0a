"""What corporate actions do to the ranked names of every review, per index share: the same for all variants."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CorporateActionError, MarketDataError
from fintech_index.events import paid_apart, per_share, refuse_impossible, taxes_on
from fintech_index.market import CASH_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fintech_index.events import PerShare
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps._rungs import Ranking


class UnlikeError(Exception):
    """Something here is for each variant alone."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Ratios that index shares counted at a review are multiplied by, ``above / below``; int64 arrays."""

    above: NDArray[np.int64]
    below: NDArray[np.int64]

    def __getitem__(self, rows: NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.int64]]) -> Grown:
        return Grown(self.above[rows], self.below[rows])

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
            raise UnlikeError
        return np.array(whole.tolist(), np.int64)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Sessions over which a ranked name has the same index shares, ordered by place, review and start.

    Attributes
    ----------
    place, review : int64 arrays
        The place of the name in the ranking of its review.
    start, stop : int64 arrays
        Sessions of the market.
    grown : Grown
    """

    place: NDArray[np.int64]
    review: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    grown: Grown


@dataclass(frozen=True, slots=True)
class Payments:
    """What an opening value changes by for each index share, ordered by place, review and session.

    Attributes
    ----------
    place, review, session : int64 arrays
    grown : Grown
        Of the index shares before the actions of the session.
    amount : object array of int
        In units of ``1 / scale`` of index currency.
    scale : int
    """

    place: NDArray[np.int64]
    review: NDArray[np.int64]
    session: NDArray[np.int64]
    grown: Grown
    amount: NDArray[np.object_]
    scale: int


@dataclass(frozen=True, slots=True)
class Happenings:
    """All that happens to the ranked names; `opening` are the ratios by the open of effective dates, one a name.

    `opening` is ordered by review and place.
    """

    stretches: Stretches
    opening: Grown
    payments: Payments


@dataclass(slots=True)
class _Name:
    """What happens to one name of one review: ratios by session, and amounts by session, with the ratio before it."""

    ratios: list[tuple[int, Fraction]] = field(default_factory=list)
    amounts: list[tuple[int, Fraction, Fraction]] = field(default_factory=list)

    def ratio_before(self, session: int) -> Fraction:
        return next((ratio for at, ratio in reversed(self.ratios) if at < session), Fraction(1))


def happenings(method: Methodology, market: MarketData, reviews: Sequence[Ranking], returns: str) -> Happenings:
    """Follow every ranked name from its price date on, as long as its review is in effect.

    Raises
    ------
    UnlikeError
        An action brings a security in or out, or cannot be applied, or its amount is rounded.
    """
    names = len(reviews[0].securities)
    begins = np.array([each.dates.price_date + 1 for each in reviews])
    effective = np.array([each.dates.effective for each in reviews])
    ends = np.append(effective[1:], len(market.sessions))
    found: dict[tuple[int, int], _Name] = {}
    try:
        for place, review, session, share in _acting(method, market, reviews, begins, ends):
            name = found.setdefault((place, review), _Name())
            ratio = name.ratio_before(session)
            if session >= effective[review] and getattr(share, returns):
                name.amounts.append((session, ratio, getattr(share, returns)))
            if share.growth != 1:
                name.ratios.append((session, ratio * share.growth))
        lone = _lone_payments(method, market, reviews, returns, begins, effective, ends)
    except (CorporateActionError, MarketDataError) as error:
        raise UnlikeError from error
    grown = {key: name for key, name in found.items() if name.ratios}
    return Happenings(
        _stretches(grown, names, effective, ends),
        _opening(grown, (len(reviews), names), effective),
        _payments(found, lone),
    )


def _acting(
    method: Methodology,
    market: MarketData,
    reviews: Sequence[Ranking],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> Iterator[tuple[int, int, int, PerShare]]:
    """Give place, review, session and outcome of what is more than a lone dividend, in the order of sessions."""
    apart = paid_apart(method, market)
    days = market.actions.besides_lone_dividends if apart else tuple(market.actions)
    place_of = [
        dict(zip(each.securities.tolist(), range(len(each.securities)), strict=True)) if days else {}
        for each in reviews
    ]
    for who, day in sorted(days, key=lambda each: each[1].session):
        during: list[int] = np.flatnonzero((begins <= day.session) & (day.session < ends)).tolist()
        over = [review for review in during if who in place_of[review]]
        share = per_share(method, market, who, day) if over else None
        for review in over:
            if share is None or not apart:
                raise UnlikeError
            yield place_of[review][who], review, day.session, share


class _Lone(NamedTuple):
    """Lone dividends on ranked names: what each takes out of an opening value a share, in units of ``1 / scale``."""

    place: NDArray[np.int64]
    review: NDArray[np.int64]
    session: NDArray[np.int64]
    taken_out: list[int]
    scale: int


def _lone_payments(
    method: Methodology,
    market: MarketData,
    reviews: Sequence[Ranking],
    returns: str,
    begins: NDArray[np.int64],
    effective: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> _Lone | None:
    """Give the lone dividends that are paid; None where they change no opening value."""
    lone, names = market.actions.lone_dividends, len(reviews[0].securities)
    if not len(lone) or not paid_apart(method, market):
        return None
    securities = np.concatenate([each.securities for each in reviews])
    span, row = lone.within(securities, np.repeat(begins, names), np.repeat(ends, names))
    refuse_impossible(method, market, np.unique(row), base=int(effective[0]))
    review, place = span // names, span % names
    held = lone.session[row] >= np.where(review == 0, effective[0] + 1, effective[review])
    if returns == "price" or not held.any():
        return None
    row, review, place = row[held], review[held], place[held]
    cash, scale = lone.cash[row].tolist(), 10**CASH_DECIMALS
    if returns == "net":
        taxes, whole = taxes_on(method, market, lone.security[row], lone.ex_date[row])
        cash = [each * (whole - tax) for each, tax in zip(cash, taxes, strict=True)]
        scale *= whole
    return _Lone(place, review, lone.session[row], cash, scale)


def _stretches(
    grown: dict[tuple[int, int], _Name], names: int, effective: NDArray[np.int64], ends: NDArray[np.int64]
) -> Stretches:
    """Cut the stretch of each name where its index shares change."""
    place, review = (each.ravel() for each in np.mgrid[:names, : len(effective)])
    start, stop = effective[review], ends[review]
    above, below = np.ones(len(place), np.int64), np.ones(len(place), np.int64)
    more = []
    for (own_place, own_review), name in grown.items():
        row = own_place * len(effective) + own_review
        above[row], below[row] = _as_int64(name.ratio_before(int(effective[own_review]) + 1))
        later = [(session, ratio) for session, ratio in name.ratios if session > effective[own_review]]
        until = [session for session, _ in later[1:]] + [int(ends[own_review])]
        if later:
            stop[row] = later[0][0]
        more += [
            (own_place, own_review, session, end, *_as_int64(ratio))
            for (session, ratio), end in zip(later, until, strict=False)
        ]
    columns = np.array([place, review, start, stop, above, below])
    if more:
        columns = np.concatenate([columns, np.array(more, np.int64).T], axis=1)
        columns = columns[:, np.lexsort((columns[2], columns[1], columns[0]))]
    return Stretches(columns[0], columns[1], columns[2], columns[3], Grown(columns[4], columns[5]))


def _opening(grown: dict[tuple[int, int], _Name], shape: tuple[int, int], effective: NDArray[np.int64]) -> Grown:
    above, below = np.ones(shape, np.int64), np.ones(shape, np.int64)
    for (place, review), name in grown.items():
        above[review, place], below[review, place] = _as_int64(name.ratio_before(int(effective[review])))
    return Grown(above, below)


def _payments(found: dict[tuple[int, int], _Name], lone: _Lone | None) -> Payments:
    """Bring all amounts together, over one denominator."""
    acting = [(key, *amount) for key, name in found.items() for amount in name.amounts]
    scale = lcm(1 if lone is None else lone.scale, *(amount.denominator for *_, amount in acting))
    where = [(*key, session) for key, session, _, _ in acting]
    before = [_as_int64(ratio) for _, _, ratio, _ in acting]
    amounts = [amount.numerator * (scale // amount.denominator) for *_, amount in acting]
    if lone is not None:
        rows = list(zip(lone.place.tolist(), lone.review.tolist(), lone.session.tolist(), strict=True))
        where += rows
        before += [_as_int64(found[row[:2]].ratio_before(row[2])) if row[:2] in found else (1, 1) for row in rows]
        amounts += [-each * (scale // lone.scale) for each in lone.taken_out]
    place, review, session = np.array(where, np.int64).reshape(-1, 3).T
    above, below = np.array(before, np.int64).reshape(-1, 2).T
    order = np.lexsort((session, review, place))
    counted = np.empty(len(amounts), object)
    counted[:] = amounts
    return Payments(
        place[order], review[order], session[order], Grown(above[order], below[order]), counted[order], scale
    )


def _as_int64(ratio: Fraction) -> tuple[int, int]:
    if max(ratio.numerator, ratio.denominator) >= HEADROOM:
        raise UnlikeError
    return ratio.numerator, ratio.denominator
