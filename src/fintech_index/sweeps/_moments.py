"""Divisors of many variants: moved together, at the sessions at whose open anything moves one of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index._spans import rows_between
from fintech_index.rounding import exact, significant
from fintech_index.sweeps._happenings import UnlikeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps._rungs import Rungs
    from fintech_index.sweeps._shortfalls import Shortfalls


@dataclass(frozen=True, slots=True)
class Moments:
    """The sessions at whose open divisors move, the base first.

    Attributes
    ----------
    sessions : int64 array
        Counted from the base.
    review : int64 array
        The review that takes effect, or -1.
    paid : bool array
        Whether there are payments.
    """

    sessions: NDArray[np.int64]
    review: NDArray[np.int64]
    paid: NDArray[np.bool_]

    @property
    def before(self) -> NDArray[np.int64]:
        """The session of the closing value before each; of the base, its own."""
        return np.maximum(self.sessions - 1, 0)


class Changes(NamedTuple):
    """What divisors are multiplied by, of every moment and variant: ``(openings + amounts) / closings``.

    Attributes
    ----------
    openings, closings : int64 arrays
        In counts of a market value.
    amounts : object array of int
        In index shares x `Payments.amount`.
    """

    openings: NDArray[np.int64]
    closings: NDArray[np.int64]
    amounts: NDArray[np.object_]


def changes_of(
    moments: Moments,
    shared: Rungs,
    short: Shortfalls,
    rung: NDArray[np.int64],
    pair: NDArray[np.int64],
    closings: NDArray[np.int64],
) -> Changes:
    """Gather what moves the divisors of variants (by rung, and pair of count and cap) with these closing values."""
    openings = closings.copy()
    reviewed = np.flatnonzero(moments.review >= 0)
    openings[reviewed] = shared.openings[:, rung]
    variant, row = _rows_of(short.opening_pair, pair)
    np.subtract.at(openings, (reviewed[short.opening_review[row]], variant), short.opening[row])
    paid = np.flatnonzero(moments.paid)
    amounts = shared.amounts[:, rung]
    variant, row = _rows_of(short.payment_pair, pair)
    at = np.searchsorted(moments.sessions[paid], short.payment_session[row])
    np.subtract.at(amounts, (at, variant), short.payment[row])
    return Changes(openings, closings, amounts)


def _rows_of(ordered: NDArray[np.int64], pair: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return rows_between(np.searchsorted(ordered, pair), np.searchsorted(ordered, pair, side="right"))


class Divisors(NamedTuple):
    """Of every moment and variant: ``counts * 10**exponents``, as Python's integers and int64."""

    counts: NDArray[np.object_]
    exponents: NDArray[np.int64]

    @property
    def floats(self) -> NDArray[np.float64]:
        """The same, within a unit or two of the last place."""
        floats: NDArray[np.float64] = self.counts.astype(np.float64) * 10.0**self.exponents
        return floats

    def exact(self, moment: int, variant: int) -> Fraction:
        """Give one of them."""
        return Fraction(int(self.counts[moment, variant])) * Fraction(10) ** int(self.exponents[moment, variant])


def divisors_of(method: Methodology, market: MarketData, moments: Moments, changes: Changes, scale: int) -> Divisors:
    """Carry divisors from moment to moment: to significant digits, half up. `scale` is that of the payments.

    Raises
    ------
    UnlikeError
        An opening or closing value is not positive.
    """
    digits, unit = method.rounding.divisor_digits, market.panel.unit
    counts, exponents = np.empty(changes.openings.shape, object), np.empty(changes.openings.shape, np.int64)
    base = exact(method.base.value) * unit * 10**method.rounding.share_decimals
    begun = [significant(each * base.denominator, base.numerator, digits) for each in changes.openings[0].tolist()]
    counts[0], exponents[0] = [count for count, _ in begun], [exponent for _, exponent in begun]
    common = lcm(unit, scale)
    payment = np.cumsum(moments.paid) - 1
    for at in range(1, len(counts)):
        opening, closing = (each[at].astype(object) for each in (changes.openings, changes.closings))
        if moments.paid[at]:
            opening = opening * (common // unit) + changes.amounts[payment[at]] * (common // scale)
            closing = closing * (common // unit)
        if min(opening) <= 0 or min(closing) <= 0:
            raise UnlikeError
        above = counts[at - 1] * opening
        counts[at], exponents[at] = (2 * above + closing) // (2 * closing), exponents[at - 1]
        moved = (counts[at] >= 10**digits) | (counts[at] <= 10 ** (digits - 1))
        for variant in np.flatnonzero(moved).tolist():  # another power of ten, or near one
            counts[at, variant], exponent = significant(above[variant], closing[variant], digits)
            exponents[at, variant] += exponent
    return Divisors(counts, exponents)
