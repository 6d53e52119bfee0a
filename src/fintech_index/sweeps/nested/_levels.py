"""The levels of all variants of a nested family, in one pass over the prices."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._kernels.dispatch import round_levels, variant_kernels
from fintech_index.rounding import exact, round_half_up
from fintech_index.sweeps.nested._action_schedule import action_schedule
from fintech_index.sweeps.nested._cap_adjustments import cap_adjustments
from fintech_index.sweeps.nested._capped_names import capped_names
from fintech_index.sweeps.nested._divisor_sessions import DivisorSessions, changes_of, divisors_of
from fintech_index.sweeps.nested._rankings import rankings
from fintech_index.sweeps.nested._uncapped import uncapped_indices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fintech_index._kernels.dispatch import VariantKernels
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps.nested._action_schedule import ActionSchedule
    from fintech_index.sweeps.nested._cap_adjustments import CapAdjustments
    from fintech_index.sweeps.nested._rankings import ReviewRanking
from fintech_index.sweeps.nested._uncapped import UncappedIndices

_CELLS = 2**19  # moves x variants that are looked at together: a few of Python's integers each


class NestedLevels(NamedTuple):
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


def nested_levels(family: Mapping[str, Methodology], market: MarketData, returns: str) -> NestedLevels:
    """Calculate a family together.

    Raises
    ------
    NotNestedError
        Its variants cannot be calculated together.
    """
    method = next(iter(family.values()))
    counts, uncapped = np.unique([int(each.selection.count) for each in family.values()], return_inverse=True)
    given = [each.weighting.single_cap for each in family.values()]
    number = {cap: at for at, cap in enumerate(dict.fromkeys(given))}
    caps = [Fraction(1) if cap is None else exact(cap) for cap in number]
    pair = uncapped * len(caps) + np.array([number[cap] for cap in given])

    reviews = rankings(method, market, int(counts[-1]))
    schedule = action_schedule(method, market, reviews, returns)
    shared = uncapped_indices(market, reviews, schedule, counts)
    kernels = variant_kernels(len(pair) * shared.values.shape[1])
    capped = capped_names(method, reviews, counts, caps, kernels)
    removed = cap_adjustments(market, reviews, schedule, capped)
    possible = np.flatnonzero(~capped.infeasible[pair])
    nested = _NestedFamily(
        method, market, _divisor_sessions(reviews, schedule), schedule.adjustments.scale, shared, removed, kernels
    )
    base = reviews[0].dates.effective
    levels = np.empty((len(possible), len(market.sessions) - base))
    step = max(_CELLS // len(nested.moves.sessions), 1)
    for begin in range(0, len(possible), step):
        own = possible[begin : begin + step]
        nested.fill(uncapped[own], pair[own], market.panel.values[:, base:], levels[begin : begin + step])
    every = list(family)
    return NestedLevels([every[at] for at in possible], market.sessions[base:], levels)


def _divisor_sessions(reviews: Sequence[ReviewRanking], schedule: ActionSchedule) -> DivisorSessions:
    effective = np.array([each.dates.effective for each in reviews])
    sessions = np.union1d(effective, schedule.adjustments.session)
    review = np.full(len(sessions), -1)
    review[np.searchsorted(sessions, effective)] = np.arange(len(reviews))
    return DivisorSessions(sessions - effective[0], review, np.isin(sessions, schedule.adjustments.session))


class _NestedFamily(NamedTuple):
    """What all variants share, and what some have less."""

    method: Methodology
    market: MarketData
    moves: DivisorSessions
    scale: int
    shared: UncappedIndices
    removed: CapAdjustments
    kernels: VariantKernels

    def fill(
        self,
        uncapped: NDArray[np.int64],
        pair: NDArray[np.int64],
        prices: NDArray[np.int32],
        levels: NDArray[np.float64],
    ) -> None:
        """Fill in the levels of some variants, by uncapped and pair of count and cap; prices are from the base on."""
        shared, removed, moves, places = self.shared, self.removed, self.moves, self.method.rounding.level_decimals
        unit = self.market.panel.unit * 10**self.method.rounding.share_decimals
        first, last = (np.searchsorted(removed.pair, pair, side=side) for side in ("left", "right"))
        of_variants = (prices, shared.values, uncapped, first, last, *removed.names)
        closings = np.empty((len(pair), len(moves.sessions)), np.int64)
        self.kernels.values_of_variants(*of_variants, moves.before, closings)
        changes = changes_of(moves, shared, removed, uncapped, pair, np.ascontiguousarray(closings.T))
        divisors = divisors_of(self.method, self.market, moves, changes, self.scale)
        factors = np.ascontiguousarray((10.0**places / divisors.floats).T)
        in_doubt = self.kernels.levels_of_variants(*of_variants, float(unit), moves.sessions, factors, levels)
        doubtful = np.flatnonzero(in_doubt)
        values = np.empty((len(doubtful), levels.shape[1]), np.int64)
        bounds = uncapped[doubtful], first[doubtful], last[doubtful]
        every = np.arange(levels.shape[1])
        self.kernels.values_of_variants(prices, shared.values, *bounds, *removed.names, every, values)
        for at, own in zip(doubtful.tolist(), values, strict=True):
            for session in round_levels(own / unit, moves.sessions, factors[at], levels[at]).tolist():
                move = int(np.searchsorted(moves.sessions, session, side="right")) - 1
                level = Fraction(int(own[session]), unit) / divisors.exact(move, at)
                levels[at, session] = round_half_up(level, places)
        levels /= 10**places
