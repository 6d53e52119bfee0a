"""The weights of the Nasdaq-100: a test, and what is done when it fails, in its dated forms.

``1998``: large names, of more than the average weight, are scaled toward it, first until the largest is 20 %, then
until those over 4.5 % are 40 % together; small names take the difference, the largest first, each up to the average.
``2023``: ceilings that are tested before they are set, quarterly and, for the year's reconstitution, closer ones.
The forms are Nasdaq's; how much less a smaller name is scaled up in 1998 is not public, and a reading here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.capping._fill import Bounds, Filled, fill
from fintech_index.capping._top import fill_with_top, largest

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONE = Fraction(1)
_SINGLE_TEST, _SINGLE = Fraction(24, 100), Fraction(20, 100)
_OVER, _AGGREGATE_TEST, _AGGREGATE = Fraction(45, 1000), Fraction(48, 100), Fraction(40, 100)
_ANNUAL_TEST, _ANNUAL = Fraction(15, 100), Fraction(14, 100)
_TOP, _TOP_TEST, _TOP_CAP, _OTHERS = 5, Fraction(40, 100), Fraction(385, 1000), Fraction(44, 1000)


def quarterly(values: Sequence[Fraction]) -> Filled:
    """No name over 24 %, or each at most 20 %; then those over 4.5 % not over 48 % together, or 40 %."""
    weights = _in_proportion(values)
    filled = Filled(weights, 1 / sum(values, Fraction(0)), [_ONE] * len(values), [])
    if max(weights) > _SINGLE_TEST:
        filled = fill(values, _bounds([_SINGLE] * len(values)))
    over = [at for at, weight in enumerate(filled.weights) if weight > _OVER]
    if sum(filled.weights[at] for at in over) <= _AGGREGATE_TEST:
        return filled
    upper = [_OVER] * len(values)
    for at in over:
        upper[at] = filled.ceilings[at]
    return fill(values, Bounds([Fraction(0)] * len(values), upper, [("over 4.5 %", over, _AGGREGATE)]))


def annual(values: Sequence[Fraction]) -> Filled:
    """Test and set the ceilings of December.

    No name over 15 %, or each at most 14 %; then the five largest not over 40 %, or 38.5 % and no other over 4.4 %.
    """
    weights = _in_proportion(values)
    filled = Filled(weights, 1 / sum(values, Fraction(0)), [_ONE] * len(values), [])
    if max(weights) > _ANNUAL_TEST:
        filled = fill(values, _bounds([_ANNUAL] * len(values)))
    if largest(filled.weights, _TOP) <= _TOP_TEST:
        return filled
    order = sorted(range(len(values)), key=lambda at: (-filled.weights[at], -values[at], at))
    upper = [_OTHERS] * len(values)
    for at in order[:_TOP]:
        upper[at] = filled.ceilings[at]
    return fill_with_top(values, _bounds(upper), _TOP, _TOP_CAP)


def of_1998(values: Sequence[Fraction]) -> Filled:
    """Scale the large toward the average weight, and the small up to it."""
    weights, average = _in_proportion(values), Fraction(1, len(values))
    large = [at for at, weight in enumerate(weights) if weight >= average]
    over = [weight for weight in weights if weight > _OVER]
    if max(weights) <= _SINGLE_TEST and sum(over) <= _AGGREGATE_TEST:
        return Filled(weights, 1 / sum(values, Fraction(0)), [_ONE] * len(values), [])
    before = sum((weights[at] for at in large), Fraction(0))
    if max(weights) > _SINGLE_TEST:
        _scale_toward(weights, large, average, (_SINGLE - average) / (max(weights) - average))
    over_now = [at for at in large if weights[at] > _OVER]  # who is over is settled before they are scaled
    together = sum(weights[at] for at in over_now)
    if together > _AGGREGATE_TEST:
        part = (_AGGREGATE - len(over_now) * average) / (together - len(over_now) * average)
        _scale_toward(weights, large, average, part)
    _raise_small(weights, average, before - sum((weights[at] for at in large), Fraction(0)))
    scale = max(weight / value for weight, value in zip(weights, values, strict=True))
    return Filled(weights, scale, [_ONE] * len(values), ["nasdaq_100"])


def _scale_toward(weights: list[Fraction], large: Sequence[int], average: Fraction, part: Fraction) -> None:
    for at in large:
        weights[at] = average + (weights[at] - average) * part


def _raise_small(weights: list[Fraction], average: Fraction, freed: Fraction) -> None:
    """Give the small names what the large have lost: one after another is raised to the average, smaller ones by less.

    Of n small names still under the average, the one of rank r grows by ``(n - r + 1) / n`` of what the largest does.
    """
    small = sorted((at for at, weight in enumerate(weights) if weight < average), key=lambda at: (-weights[at], at))
    while freed > 0 and small:
        growth = average / weights[small[0]] - 1
        added = [weights[at] * growth * Fraction(len(small) - rank, len(small)) for rank, at in enumerate(small)]
        part = min(_ONE, freed / sum(added))
        for at, more in zip(small, added, strict=True):
            weights[at] += more * part
        freed -= sum(added) * part
        small = small[1:]
    if freed > 0:
        raise ValueError("the small names cannot take what the large must leave")


def _in_proportion(values: Sequence[Fraction]) -> list[Fraction]:
    total = sum(values, Fraction(0))
    return [value / total for value in values]


def _bounds(upper: list[Fraction]) -> Bounds:
    return Bounds([Fraction(0)] * len(upper), upper)
