"""The levels of all variants of a ladder, in one pass over the prices."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._kernels import _levels
from fintech_index.rounding import exact, round_half_up, significant
from fintech_index.sweeps._capped_names import capped_names
from fintech_index.sweeps._kernels import kernels_for
from fintech_index.sweeps._rungs import rankings, rungs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps._capped_names import CappedNames
    from fintech_index.sweeps._rungs import Rungs


class LadderLevels(NamedTuple):
    """Levels of the variants whose caps can be met.

    Attributes
    ----------
    names : list of str
    sessions : datetime64[D] array
    levels : float64 array of shape (names, sessions)
        Published levels. No dividend is paid on a ladder: they are those of every return variant.
    """

    names: list[str]
    sessions: NDArray[np.datetime64]
    levels: NDArray[np.float64]


def ladder_levels(family: Mapping[str, Methodology], market: MarketData) -> LadderLevels:
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
    base = reviews[0].dates.effective
    shared = rungs(market, reviews, counts)
    kernels = kernels_for(len(pair) * shared.values.shape[1])
    capped = capped_names(method, reviews, counts, caps, kernels)
    possible = np.flatnonzero(~capped.infeasible[pair])
    prices = market.panel.values[:, base:]
    unit = market.panel.unit * 10**method.rounding.share_decimals
    places = method.rounding.level_decimals
    divisors = _divisors(_ends(prices, shared, capped), unit * exact(method.base.value), method.rounding.divisor_digits)
    factors = 10.0**places / divisors.floats
    pair = pair[possible]
    first, last = (np.searchsorted(capped.pair, pair, side=side) for side in ("left", "right"))
    stops = np.append(shared.starts[1:], prices.shape[1])
    rung = pair // len(caps)
    names = (capped.security, shared.starts[capped.review], stops[capped.review], capped.fewer)
    levels = np.empty((len(pair), prices.shape[1]))
    in_doubt = kernels.levels_of_variants(
        prices, shared.values, rung, first, last, *names, float(unit), shared.starts, factors.T[pair], levels
    )
    for at in np.flatnonzero(in_doubt).tolist():
        values = shared.values[rung[at]].copy()
        own = slice(first[at], last[at])
        for row, start, stop, fewer in zip(*(column[own] for column in names), strict=True):
            values[start:stop] -= prices[row, start:stop] * fewer
        for session in _levels.round_levels(values / unit, shared.starts, factors[:, pair[at]], levels[at]).tolist():
            review = int(np.searchsorted(shared.starts, session, side="right")) - 1
            level = Fraction(int(values[session]), unit) / divisors.exact(review, int(pair[at]))
            levels[at, session] = round_half_up(level, places)
    levels /= 10**places
    every = list(family)
    return LadderLevels([every[at] for at in possible], market.sessions[base:], levels)


class _Ends(NamedTuple):
    """Of every review and pair of count and cap: closing value before, and opening value; int64 of that shape."""

    closings: NDArray[np.int64]
    openings: NDArray[np.int64]


def _ends(prices: NDArray[np.int32], shared: Rungs, capped: CappedNames) -> _Ends:
    """Value what each review ends and begins; the first one begins at the close of its own session."""
    caps = len(capped.infeasible) // len(shared.counts)
    before = np.maximum(shared.starts - 1, 0)
    openings = np.repeat(shared.openings, caps, axis=1)
    closings = np.repeat(shared.values[:, before].T, caps, axis=1)
    less = capped.fewer * prices[capped.security, before[capped.review]]
    np.subtract.at(openings, (capped.review, capped.pair), less)
    ended = capped.review + 1 < len(before)
    review, pair, security = capped.review[ended] + 1, capped.pair[ended], capped.security[ended]
    np.subtract.at(closings, (review, pair), capped.fewer[ended] * prices[security, before[review]])
    return _Ends(closings, openings)


class _Divisors(NamedTuple):
    """Of every review and pair: ``counts * 10**exponents``, as Python integers and int64."""

    counts: NDArray[np.object_]
    exponents: NDArray[np.int64]

    @property
    def floats(self) -> NDArray[np.float64]:
        floats: NDArray[np.float64] = self.counts.astype(np.float64) * 10.0**self.exponents
        return floats

    def exact(self, review: int, pair: int) -> Fraction:
        return Fraction(int(self.counts[review, pair])) * Fraction(10) ** int(self.exponents[review, pair])


def _divisors(ends: _Ends, base: Fraction, digits: int) -> _Divisors:
    """Carry divisors from review to review: ``D * opening / closing``, to significant digits, half up.

    `base` are the counts of a market value whose level is the base value with a divisor of 1.
    """
    counts, exponents = np.empty(ends.openings.shape, object), np.empty(ends.openings.shape, np.int64)
    worth = ends.openings[0].tolist()
    begun = [significant(each * base.denominator, base.numerator, digits) for each in worth]
    counts[0], exponents[0] = [count for count, _ in begun], [exponent for _, exponent in begun]
    for review in range(1, len(counts)):
        above = counts[review - 1] * ends.openings[review].astype(object)
        below = ends.closings[review].astype(object)
        counts[review], exponents[review] = (2 * above + below) // (2 * below), exponents[review - 1]
        moved = (counts[review] >= 10**digits) | (counts[review] < 10 ** (digits - 1))
        for at in np.flatnonzero(moved).tolist():  # another power of ten
            counts[review, at], exponent = significant(above[at], below[at], digits)
            exponents[review, at] += exponent
    return _Divisors(counts, exponents)
