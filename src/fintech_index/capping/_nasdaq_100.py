"""The weights of the Nasdaq-100: a test, and what is done when it fails, in its dated forms.

``1998``: large names, of more than the average weight, are scaled toward it, first until the largest is 20 %, then
until those over 4.5 % are 40 % together; small names take the difference, the largest first, each up to the average.
``2023``: ceilings that are tested before they are set, quarterly and, for the year's reconstitution, closer ones.
The forms are Nasdaq's; how much less a smaller name is scaled up in 1998 is not public, and a reading here.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from fintech_index.capping._fill import Bounds, Filled, fill, in_units, sum_of
from fintech_index.capping._top import fill_with_top

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONE = Fraction(1)
_PLACES = 10**40
_SINGLE_TEST, _SINGLE = Fraction(24, 100), Fraction(20, 100)
_OVER, _AGGREGATE_TEST, _AGGREGATE = Fraction(45, 1000), Fraction(48, 100), Fraction(40, 100)
_ANNUAL_TEST, _ANNUAL = Fraction(15, 100), Fraction(14, 100)
_TOP, _TOP_TEST, _TOP_CAP, _OTHERS = 5, Fraction(40, 100), Fraction(385, 1000), Fraction(44, 1000)


def quarterly(values: Sequence[int]) -> Filled:
    """No name over 24 %, or each at most 20 %; then those over 4.5 % not over 48 % together, or 40 %."""
    first, ceiling = _first_stage(values, _SINGLE_TEST, _SINGLE)
    over = [at for at, weight in enumerate(first.weights) if weight > _OVER]
    if sum_of([first.weights[at] for at in over]) <= _AGGREGATE_TEST:
        return first
    upper = [_OVER] * len(values)
    for at in over:
        upper[at] = ceiling
    zero = [Fraction(0)] * len(values)
    return _second_stage(first, fill(first.parts, Bounds(zero, upper, [("over 4.5 %", over, _AGGREGATE)])))


def annual(values: Sequence[int]) -> Filled:
    """Test and set the ceilings of December.

    No name over 15 %, or each at most 14 %; then the five largest not over 40 %, or 38.5 % and no other over 4.4 %.
    """
    first, ceiling = _first_stage(values, _ANNUAL_TEST, _ANNUAL)
    if first.largest(_TOP) <= _TOP_TEST:
        return first
    order = sorted(range(len(values)), key=lambda at: (-first.parts[at], -values[at], at))
    upper = [_OTHERS] * len(values)
    for at in order[:_TOP]:
        upper[at] = ceiling
    return _second_stage(first, fill_with_top(first.parts, _bounds(upper), _TOP, _TOP_CAP))


def _first_stage(values: Sequence[int], test: Fraction, ceiling: Fraction) -> tuple[Filled, Fraction]:
    """Give weights under a ceiling where one is over the test, and the ceiling that holds."""
    if Fraction(max(values), sum(values)) > test:
        return fill(values, _bounds([ceiling] * len(values))), ceiling
    return _in_proportion(values), _ONE


def _second_stage(first: Filled, second: Filled) -> Filled:
    """Give weights made of those of the first stage, with their scale upon the values."""
    return Filled(second.parts, second.unit, first.scale * first.unit * second.scale, second.full_groups)


def of_1998(values: Sequence[int]) -> Filled:
    """Scale the large toward the average weight, and the small up to it.

    Raises
    ------
    ValueError
        So few names, or so many large ones, that scaling toward the average does not reach the limits.
    """
    untouched = _in_proportion(values)
    weights, average = list(untouched.weights), Fraction(1, len(values))
    over = [weight for weight in weights if weight > _OVER]
    if max(weights) <= _SINGLE_TEST and sum_of(over) <= _AGGREGATE_TEST:
        return untouched
    large = [at for at, weight in enumerate(weights) if weight >= average]
    small = [at for at, weight in enumerate(weights) if weight < average]
    if max(weights) > _SINGLE_TEST:
        _scale_toward(weights, large, average, _SINGLE - average, max(weights) - average)
    over_now = [at for at in large if weights[at] > _OVER]  # who is over is settled before they are scaled
    together = sum((weights[at] for at in over_now), Fraction(0))
    if together > _AGGREGATE_TEST:
        at_average = len(over_now) * average
        _scale_toward(weights, large, average, _AGGREGATE - at_average, together - at_average)
    _raise_small(weights, small, average)
    scale = max(weight / value for weight, value in zip(weights, values, strict=True))
    unit = lcm(*(weight.denominator for weight in weights))
    return Filled(in_units(weights, unit), unit, scale, ["nasdaq_100"])


def _scale_toward(
    weights: list[Fraction], large: Sequence[int], average: Fraction, wanted: Fraction, now: Fraction
) -> None:
    """Bring weights nearer to the average, so that what was `now` more than it is `wanted` more."""
    if wanted < 0 or now <= 0:
        raise ValueError("the average weight is over the limits")
    for at in large:
        weights[at] = average + (weights[at] - average) * wanted / now


def _raise_small(weights: list[Fraction], small: list[int], average: Fraction) -> None:
    """Give the small names what the large have lost: one after another is raised to the average, smaller ones by less.

    Of n small names still under the average, the one of rank r grows by ``(n - r + 1) / n`` of what the largest does;
    equal ones share the better rank.
    """
    small = sorted(small, key=lambda at: -weights[at])
    while (freed := 1 - sum(weights, Fraction(0))) > 0:
        under = [at for at in small if weights[at] < average]
        if not under:
            raise ValueError("the small names cannot take what the large must leave")
        growth, count = average / weights[under[0]] - 1, len(under)
        ranks = {weights[at]: rank for rank, at in reversed(list(enumerate(under)))}
        added = {at: weights[at] * growth * Fraction(count - ranks[weights[at]], count) for at in under}
        total = sum(added.values(), Fraction(0))
        for at, more in added.items():
            weights[at] = _tidy(weights[at] + more) if total < freed else weights[at] + more * freed / total


def _tidy(weight: Fraction) -> Fraction:
    """Cut a weight to 40 decimals where it has more than 80 digits, or every round would double them."""
    return weight if weight.denominator < _PLACES**2 else Fraction(int(weight * _PLACES), _PLACES)


def _in_proportion(values: Sequence[int]) -> Filled:
    return Filled(list(values), sum(values), Fraction(1, sum(values)), [])


def _bounds(upper: list[Fraction]) -> Bounds:
    return Bounds([Fraction(0)] * len(upper), upper)
