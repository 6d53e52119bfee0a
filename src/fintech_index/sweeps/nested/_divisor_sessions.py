"""Divisors of many variants: moved together, at the sessions at whose open anything moves one of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._spans import rows_between
from fintech_index.rounding import exact, significant
from fintech_index.sweeps.nested._not_nested import NotNestedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps.nested._cap_adjustments import CapAdjustments
    from fintech_index.sweeps.nested._uncapped import UncappedIndices


@dataclass(frozen=True, slots=True)
class DivisorSessions:
    """The sessions at whose open divisors move, the base first.

    Attributes
    ----------
    sessions : int64 array
        Counted from the base.
    review : int64 array
        The review that takes effect, or -1.
    adjusted : bool array
        Whether there are adjustments.
    """

    sessions: NDArray[np.int64]
    review: NDArray[np.int64]
    adjusted: NDArray[np.bool_]

    @property
    def before(self) -> NDArray[np.int64]:
        """The session of the closing value before each; of the base, its own."""
        return np.maximum(self.sessions - 1, 0)


class Changes(NamedTuple):
    """What divisors are multiplied by, of every move and variant: ``(openings + amounts) / closings``.

    Attributes
    ----------
    openings, closings : int64 arrays
        In counts of a market value.
    amounts : object array of int
        In index shares x `OpeningAdjustments.amount`.
    """

    openings: NDArray[np.int64]
    closings: NDArray[np.int64]
    amounts: NDArray[np.object_]


def changes_of(
    moves: DivisorSessions,
    shared: UncappedIndices,
    removed: CapAdjustments,
    uncapped: NDArray[np.int64],
    pair: NDArray[np.int64],
    closings: NDArray[np.int64],
) -> Changes:
    """Gather what moves the divisors of variants (by uncapped, and pair of count and cap) with these closing values."""
    openings = closings.copy()
    reviewed = np.flatnonzero(moves.review >= 0)
    openings[reviewed] = shared.openings[:, uncapped]
    variant, row = _rows_of(removed.opening_pair, pair)
    np.subtract.at(openings, (reviewed[removed.opening_review[row]], variant), removed.opening[row])
    adjusted = np.flatnonzero(moves.adjusted)
    amounts = shared.amounts[:, uncapped]
    variant, row = _rows_of(removed.adjusted_pair, pair)
    at = np.searchsorted(moves.sessions[adjusted], removed.adjusted_session[row])
    np.subtract.at(amounts, (at, variant), removed.adjustment[row])
    return Changes(openings, closings, amounts)


def _rows_of(ordered: NDArray[np.int64], pair: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return rows_between(np.searchsorted(ordered, pair), np.searchsorted(ordered, pair, side="right"))


class VariantDivisors(NamedTuple):
    """Of every move and variant: ``counts * 10**exponents``, as Python's integers and int64."""

    counts: NDArray[np.object_]
    exponents: NDArray[np.int64]

    @property
    def floats(self) -> NDArray[np.float64]:
        """The same, within a unit or two of the last place."""
        floats: NDArray[np.float64] = self.counts.astype(np.float64) * 10.0**self.exponents
        return floats

    def exact(self, move: int, variant: int) -> Fraction:
        """Give one of them."""
        return Fraction(int(self.counts[move, variant])) * Fraction(10) ** int(self.exponents[move, variant])


def divisors_of(
    method: Methodology, market: MarketData, moves: DivisorSessions, changes: Changes, scale: int
) -> VariantDivisors:
    """Carry divisors from move to move: to significant digits, half up. `scale` is that of the adjustments.

    Raises
    ------
    NotNestedError
        An opening or closing value is not positive.
    """
    digits, unit = method.rounding.divisor_digits, market.panel.unit
    counts, exponents = np.empty(changes.openings.shape, object), np.empty(changes.openings.shape, np.int64)
    base = exact(method.base.value) * unit * 10**method.rounding.share_decimals
    begun = [significant(each * base.denominator, base.numerator, digits) for each in changes.openings[0].tolist()]
    counts[0], exponents[0] = [count for count, _ in begun], [exponent for _, exponent in begun]
    common = lcm(unit, scale)
    adjustment = np.cumsum(moves.adjusted) - 1
    for at in range(1, len(counts)):
        opening, closing = (each[at].astype(object) for each in (changes.openings, changes.closings))
        if moves.adjusted[at]:
            opening = opening * (common // unit) + changes.amounts[adjustment[at]] * (common // scale)
            closing = closing * (common // unit)
        if min(opening) <= 0 or min(closing) <= 0:
            raise NotNestedError
        above = counts[at - 1] * opening
        counts[at], exponents[at] = (2 * above + closing) // (2 * closing), exponents[at - 1]
        moved = (counts[at] >= 10**digits) | (counts[at] <= 10 ** (digits - 1))
        for variant in np.flatnonzero(moved).tolist():  # another power of ten, or near one
            counts[at, variant], exponent = significant(above[variant], closing[variant], digits)
            exponents[at, variant] += exponent
    return VariantDivisors(counts, exponents)
