"""The levels of all variants of a ladder, in one pass over the prices."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._kernels.dispatch import round_levels, variant_kernels
from fintech_index.rounding import exact, round_half_up
from fintech_index.sweeps._capped_names import capped_names
from fintech_index.sweeps._happenings import happenings
from fintech_index.sweeps._moments import Moments, changes_of, divisors_of
from fintech_index.sweeps._rungs import rankings, rungs
from fintech_index.sweeps._shortfalls import shortfalls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fintech_index._kernels.dispatch import VariantKernels
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps._happenings import Happenings
    from fintech_index.sweeps._rungs import Ranking, Rungs
    from fintech_index.sweeps._shortfalls import Shortfalls

_CELLS = 2**19  # moments x variants that are looked at together: a few of Python's integers each


class LadderLevels(NamedTuple):
    """Levels of the variants whose caps can be met.

    Attributes
    ----------
    names : list of str
    sessions : datetime64[D] array
    levels : float64 array of shape (names, sessions)
        Published levels.
    """

    names: list[str]
    sessions: NDArray[np.datetime64]
    levels: NDArray[np.float64]


def ladder_levels(family: Mapping[str, Methodology], market: MarketData, returns: str) -> LadderLevels:
    """Calculate a family together.

    Raises
    ------
    UnlikeError
        Its variants cannot be calculated together.
    """
    method = next(iter(family.values()))
    counts, rung = np.unique([int(each.selection.count) for each in family.values()], return_inverse=True)
    given = [each.weighting.single_cap for each in family.values()]
    number = {cap: at for at, cap in enumerate(dict.fromkeys(given))}
    caps = [Fraction(1) if cap is None else exact(cap) for cap in number]
    pair = rung * len(caps) + np.array([number[cap] for cap in given])

    reviews = rankings(method, market, int(counts[-1]))
    happened = happenings(method, market, reviews, returns)
    shared = rungs(market, reviews, happened, counts)
    kernels = variant_kernels(len(pair) * shared.values.shape[1])
    capped = capped_names(method, reviews, counts, caps, kernels)
    short = shortfalls(market, reviews, happened, capped)
    possible = np.flatnonzero(~capped.infeasible[pair])
    ladder = _Ladder(method, market, _moments(reviews, happened), happened.payments.scale, shared, short, kernels)
    base = reviews[0].dates.effective
    levels = np.empty((len(possible), len(market.sessions) - base))
    step = max(_CELLS // len(ladder.moments.sessions), 1)
    for begin in range(0, len(possible), step):
        own = possible[begin : begin + step]
        ladder.fill(rung[own], pair[own], market.panel.values[:, base:], levels[begin : begin + step])
    every = list(family)
    return LadderLevels([every[at] for at in possible], market.sessions[base:], levels)


def _moments(reviews: Sequence[Ranking], happened: Happenings) -> Moments:
    effective = np.array([each.dates.effective for each in reviews])
    sessions = np.union1d(effective, happened.payments.session)
    review = np.full(len(sessions), -1)
    review[np.searchsorted(sessions, effective)] = np.arange(len(reviews))
    return Moments(sessions - effective[0], review, np.isin(sessions, happened.payments.session))


class _Ladder(NamedTuple):
    """What all variants share, and what some have less."""

    method: Methodology
    market: MarketData
    moments: Moments
    scale: int
    shared: Rungs
    short: Shortfalls
    kernels: VariantKernels

    def fill(
        self,
        rung: NDArray[np.int64],
        pair: NDArray[np.int64],
        prices: NDArray[np.int32],
        levels: NDArray[np.float64],
    ) -> None:
        """Fill in the levels of some variants, by rung and pair of count and cap; prices are from the base on."""
        shared, short, moments, places = self.shared, self.short, self.moments, self.method.rounding.level_decimals
        unit = self.market.panel.unit * 10**self.method.rounding.share_decimals
        first, last = (np.searchsorted(short.pair, pair, side=side) for side in ("left", "right"))
        of_variants = (prices, shared.values, rung, first, last, *short.names)
        closings = np.empty((len(pair), len(moments.sessions)), np.int64)
        self.kernels.values_of_variants(*of_variants, moments.before, closings)
        changes = changes_of(moments, shared, short, rung, pair, np.ascontiguousarray(closings.T))
        divisors = divisors_of(self.method, self.market, moments, changes, self.scale)
        factors = np.ascontiguousarray((10.0**places / divisors.floats).T)
        in_doubt = self.kernels.levels_of_variants(*of_variants, float(unit), moments.sessions, factors, levels)
        doubtful = np.flatnonzero(in_doubt)
        values = np.empty((len(doubtful), levels.shape[1]), np.int64)
        bounds = rung[doubtful], first[doubtful], last[doubtful]
        every = np.arange(levels.shape[1])
        self.kernels.values_of_variants(prices, shared.values, *bounds, *short.names, every, values)
        for at, own in zip(doubtful.tolist(), values, strict=True):
            for session in round_levels(own / unit, moments.sessions, factors[at], levels[at]).tolist():
                moment = int(np.searchsorted(moments.sessions, session, side="right")) - 1
                level = Fraction(int(own[session]), unit) / divisors.exact(moment, at)
                levels[at, session] = round_half_up(level, places)
        levels /= 10**places
