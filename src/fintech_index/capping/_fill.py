"""Weights in proportion to values, each between a floor and a ceiling: exactly, in whole numbers.

With uncapped values m, floors l and ceilings u, the weights that are nearest to the uncapped ones in relative entropy
are ``w_i = min(u_i, max(l_i, scale * m_i))``, where the one scale makes them add up. A group with a ceiling of its own
is filled by itself first; what its members get then is their ceiling in the whole.

Floats propose which names are at a bound, the scale follows from that in whole numbers, and whole numbers then tell
whether it puts just those names at a bound. Where it does not, the sum of the weights, a piecewise linear function of
the scale, is walked from breakpoint to breakpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm, prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EVERYTHING = Fraction(1)
_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the weight of each name may be: one floor and one ceiling a name, and groups with a ceiling together.

    Groups are disjoint; each is a name, the positions of its members, and its ceiling.
    """

    lower: list[Fraction]
    upper: list[Fraction]
    groups: list[tuple[str, list[int], Fraction]] = field(default_factory=list)


@dataclass(frozen=True)
class Filled:
    """Weights that add up to the target, or to all that the bounds allow.

    Attributes
    ----------
    parts, unit : list of int, int
        A weight is its part over the unit.
    scale : Fraction
        What the value of a name that no bound touches is multiplied by.
    full_groups : list of str
        Groups at their ceiling whose members would have more without it.
    """

    parts: list[int]
    unit: int
    scale: Fraction
    full_groups: list[str]

    @cached_property
    def weights(self) -> list[Fraction]:
        """The weights as fractions."""
        return [Fraction(part, self.unit) for part in self.parts]

    def largest(self, count: int) -> Fraction:
        """Give the sum of the `count` largest weights."""
        return Fraction(sum(sorted(self.parts, reverse=True)[:count]), self.unit)

    @property
    def total(self) -> Fraction:
        """The sum of the weights."""
        return Fraction(sum(self.parts), self.unit)


class Scale(NamedTuple):
    """What values are multiplied by: a numerator and a denominator, not reduced."""

    above: int
    below: int


def fill(values: Sequence[int], bounds: Bounds, target: Fraction = _EVERYTHING) -> Filled:
    """Give the weights in proportion to positive whole values, within bounds, that add up to a target.

    Where the ceilings do not reach the target, every name is at its ceiling; where the floors exceed it, at its floor.
    """
    unit = lcm(*_denominators([*bounds.lower, *bounds.upper, target, *(most for _, _, most in bounds.groups)]))
    lower, upper = in_units(bounds.lower, unit), in_units(bounds.upper, unit)
    limits: list[tuple[str, list[int], Scale]] = []
    for name, members, most in bounds.groups:
        tops = [upper[at] for at in members]
        (ceiling,) = in_units([most], unit)
        if sum(tops) > ceiling:
            scale = _scale([values[at] for at in members], [lower[at] for at in members], tops, ceiling)
            limits.append((name, members, scale))
    finer = prod(limit.below for _, _, limit in limits)  # of which all that a full group gives is a whole number
    if finer > 1:
        unit, lower, upper = unit * finer, [each * finer for each in lower], [each * finer for each in upper]
    for _, members, limit in limits:
        times = limit.above * (finer // limit.below)
        for at in members:
            upper[at] = min(upper[at], max(lower[at], values[at] * times))
    scale = _scale(values, lower, upper, *in_units([target], unit))
    above, below = scale
    parts = [
        min(top * below, max(floor * below, value * above))
        for value, floor, top in zip(values, lower, upper, strict=True)
    ]
    full = [name for name, _, limit in limits if limit.above * finer * below < above * limit.below]
    return Filled(parts, unit * below, Fraction(above, below * unit), full)


def in_units(values: Sequence[Fraction], unit: int) -> list[int]:
    """Give fractions as counts of ``1 / unit``, which their denominators divide."""
    return [value.numerator * (unit // value.denominator) for value in values]


def whole(values: Sequence[Fraction | int]) -> list[int]:
    """Give values in proportion that are whole numbers."""
    return in_units(values, lcm(*_denominators(values)))  # type: ignore[arg-type]


def sum_of(values: Sequence[Fraction]) -> Fraction:
    """Add up fractions over one common denominator."""
    unit = lcm(*_denominators(values))
    return Fraction(sum(in_units(values, unit)), unit)


def _denominators(values: Iterable[Fraction | int]) -> set[int]:
    return {value.denominator for value in values}


def scale_for(
    values: Sequence[int], lower: Sequence[Fraction], upper: Sequence[Fraction], target: Fraction
) -> Fraction:
    """Give the least scale with which the bounded weights add up to a target, or reach all their ceilings.

    0 where the floors alone are that much.
    """
    unit = lcm(*_denominators([*lower, *upper, target]))
    scale = _scale(values, in_units(lower, unit), in_units(upper, unit), *in_units([target], unit))
    return Fraction(scale.above, scale.below * unit)


def _scale(values: Sequence[int], lower: Sequence[int], upper: Sequence[int], target: int) -> Scale:
    """Give the scale for whole values and for bounds and a target in one unit."""
    if sum(lower) >= target:
        return Scale(0, 1)
    if sum(upper) > target:
        scale = _proposed(values, lower, upper, target)
        for _ in range(_PROPOSALS):
            if scale is None:
                break
            found = _solved(values, lower, upper, target, scale)
            if found == scale:
                return scale
            scale = found
    return _walked(values, lower, upper, target)


def _proposed(values: Sequence[int], lower: Sequence[int], upper: Sequence[int], target: int) -> Scale | None:
    """Give about the scale, by floats; None where they do not hold the numbers."""
    largest = max(values)
    value = np.array([each / largest for each in values])  # whole numbers may be beyond what floats hold, ratios not
    floor, top = np.array([each / target for each in lower]), np.array([each / target for each in upper])
    if not value.all():
        return None
    grows = floor < top
    value, starts, ends = value[grows], (floor / value)[grows], (top / value)[grows]
    places, slopes = np.concatenate([starts, ends]), np.concatenate([value, -value])
    order = np.argsort(places, kind="stable")
    places, slopes = places[order], np.cumsum(slopes[order])
    reached = floor.sum() + np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(places))])
    step = int(np.searchsorted(reached, 1.0))  # the sum of the weights never falls
    if not 0 < step < len(places) or slopes[step - 1] <= 0:
        return None
    scale = places[step - 1] + (1.0 - reached[step - 1]) / slopes[step - 1]
    above, below = float(scale).as_integer_ratio()
    return Scale(above * target, below * largest)


def _solved(
    values: Sequence[int], lower: Sequence[int], upper: Sequence[int], target: int, scale: Scale
) -> Scale | None:
    """Give the scale that makes up the target where the names are at bounds as another scale has them; None if none.

    The same scale comes back where it is the answer: nobody else is at a bound then, and it is the only one.
    """
    above, below = scale
    rest, growing, grown = target, 0, 0
    for value, floor, top in zip(values, lower, upper, strict=True):
        weight = value * above
        if weight >= top * below:
            rest -= top
        elif weight <= floor * below:
            rest -= floor
        else:
            growing += value
            grown += weight
    if growing <= 0 or rest <= 0:
        return None
    if grown == rest * below:  # it makes up the target
        return scale
    return Scale(rest, growing)


def _walked(values: Sequence[int], lower: Sequence[int], upper: Sequence[int], target: int) -> Scale:
    """Walk the sum of the weights from breakpoint to breakpoint."""
    steps = []
    for value, floor, top in zip(values, lower, upper, strict=True):
        if floor < top:  # a weight grows with its value from floor / value on, up to top / value
            steps += [(Fraction(floor, value), value), (Fraction(top, value), -value)]
    steps.sort(key=lambda step: step[0])
    total, scale, slope = Fraction(sum(lower)), Fraction(0), 0
    for place, change in steps:
        reached = total + slope * (place - scale)
        if reached >= target:
            scale += (target - total) / slope
            break
        total, scale, slope = reached, place, slope + change
    return Scale(scale.numerator, scale.denominator)
