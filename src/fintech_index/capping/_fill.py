"""Weights in proportion to values, each between a floor and a ceiling: exactly, by sorted breakpoints.

With uncapped values m, floors l and ceilings u, the weights that are nearest to the uncapped ones in relative entropy
are ``w_i = min(u_i, max(l_i, scale * m_i))``, where the one scale makes them add up. Their sum is a piecewise linear
function of the scale: it is walked from breakpoint to breakpoint, and solved on the piece that holds the target. A
group with a ceiling of its own is filled by itself first; what its members get then is their ceiling in the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EVERYTHING = Fraction(1)
_NEAR = 1e-12


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the weight of each name may be: one floor and one ceiling a name, and groups with a ceiling together.

    Groups are disjoint; each is a name, the positions of its members, and its ceiling.
    """

    lower: list[Fraction]
    upper: list[Fraction]
    groups: list[tuple[str, list[int], Fraction]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filled:
    """Weights that add up to the target, or to all that the bounds allow.

    Attributes
    ----------
    weights : list of Fraction
    scale : Fraction
        What the value of a name that no bound touches is multiplied by.
    ceilings : list of Fraction
        The most that each name may weigh, with its group at its ceiling.
    full_groups : list of str
        Groups at their ceiling whose members would have more without it.
    """

    weights: list[Fraction]
    scale: Fraction
    ceilings: list[Fraction]
    full_groups: list[str]


def fill(values: Sequence[Fraction], bounds: Bounds, target: Fraction = _EVERYTHING) -> Filled:
    """Give the weights in proportion to positive values, within bounds, that add up to a target.

    Where the ceilings do not reach the target, every name is at its ceiling; where the floors exceed it, at its floor.
    """
    ceilings, limits = list(bounds.upper), {}
    for name, members, most in bounds.groups:
        if sum(ceilings[at] for at in members) > most:
            own = [values[at] for at in members]
            floors, tops = ([side[at] for at in members] for side in (bounds.lower, ceilings))
            limits[name] = scale = scale_for(own, floors, tops, most)
            for at, value, floor, top in zip(members, own, floors, tops, strict=True):
                ceilings[at] = _within(value, scale, floor, top)
    scale = scale_for(values, bounds.lower, ceilings, target)
    weights = [
        _within(value, scale, floor, top) for value, floor, top in zip(values, bounds.lower, ceilings, strict=True)
    ]
    return Filled(weights, scale, ceilings, [name for name, limit in limits.items() if limit < scale])


def sum_of(values: Sequence[Fraction]) -> Fraction:
    """Add up fractions over one common denominator."""
    common = lcm(*(value.denominator for value in values))
    return Fraction(sum(value.numerator * (common // value.denominator) for value in values), common)


def scale_for(
    values: Sequence[Fraction], lower: Sequence[Fraction], upper: Sequence[Fraction], target: Fraction
) -> Fraction:
    """Give the least scale with which the bounded weights add up to a target, or reach all their ceilings.

    0 where the floors alone are that much.
    """
    total = sum((floor for floor in lower if floor), Fraction(0))
    if total >= target:
        return Fraction(0)
    scale = Fraction(0)
    steps: list[tuple[Fraction, Fraction, Fraction]] = []
    growing: list[Fraction] = []  # from the first on
    for value, floor, top in zip(values, lower, upper, strict=True):
        if floor < top:  # a weight grows with its value from floor / value on, up to top / value
            steps.append((top, value, -value))
            if floor:
                steps.append((floor, value, value))
            else:
                growing.append(value)
    slope = sum_of(growing)
    for weight, value, change in _ascending(steps):
        place = weight / value
        reached = total + slope * (place - scale)
        if reached >= target:
            return scale + (target - total) / slope
        total, scale, slope = reached, place, slope + change
    return scale


def _ascending(steps: list[tuple[Fraction, Fraction, Fraction]]) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Give steps by ascending weight / value: floats order them, fractions those that are near one another."""
    try:
        places = [float(weight) / float(value) for weight, value, _ in steps]
    except (OverflowError, ZeroDivisionError):  # beyond what floats hold
        yield from sorted(steps, key=lambda step: step[0] / step[1])
        return
    order = sorted(range(len(steps)), key=places.__getitem__)
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and places[order[stop]] - places[order[stop - 1]] <= _NEAR * places[order[stop]]:
            stop += 1
        group = [steps[at] for at in order[start:stop]]
        yield from sorted(group, key=lambda step: step[0] / step[1]) if len(group) > 1 else group
        start = stop


def _within(value: Fraction, scale: Fraction, floor: Fraction, top: Fraction) -> Fraction:
    """Give ``scale * value`` within its bounds; whole numbers are compared, so that few fractions are made."""
    above, below = value.numerator * scale.numerator, value.denominator * scale.denominator
    if above * top.denominator > top.numerator * below:
        return top
    if floor and above * floor.denominator < floor.numerator * below:
        return floor
    return Fraction(above, below)
