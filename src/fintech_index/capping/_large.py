"""Large names: those over a threshold may weigh only so much together, or be only so many.

5/10/40 (UCITS), 25/50 and 22.5/45/4.5 (RIC), 35/20. Who is large is part of the answer: in the nearest weights it is a
prefix of the ranking by value. Each length of the prefix is one problem of ceilings: the prefix a group, every other
name at most the threshold. The least relative entropy of them is the answer; a weight of just the threshold is not
over it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction
from math import log
from typing import TYPE_CHECKING

from fintech_index.capping._fill import Bounds, Filled, fill, sum_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fintech_index.capping._rules import Large

_LOGARITHMS = Context(prec=60)
_NEAR = 1e-9


def fill_with_large(values: Sequence[int], bounds: Bounds, large: Large) -> Filled:
    """Give the nearest weights within bounds that keep the rule of large names.

    Raises
    ------
    ValueError
        There are no such weights.
    """
    free = fill(values, bounds)
    if keeps(free, large):
        return free
    cases = [(_about(values, filled), filled) for filled in _cases(values, bounds, large)]
    if not cases:
        raise ValueError("no choice of large names fills the index")
    least = min(moved for moved, _ in cases)
    near = [filled for moved, filled in cases if moved <= least + _NEAR]  # floats tell the others apart
    return near[0] if len(near) == 1 else min(near, key=lambda filled: divergence(values, filled))


def keeps(filled: Filled, large: Large) -> bool:
    """Tell whether weights keep the rule; exactly the threshold is not over it."""
    threshold, unit = large.over.numerator * filled.unit, large.over.denominator
    over = [part for part in filled.parts if part * unit > threshold]
    return (large.count is None or len(over) <= large.count) and (
        large.cap is None or Fraction(sum(over), filled.unit) <= large.cap
    )


def capacity_with_large(upper: Sequence[Fraction], large: Large) -> Fraction:
    """Give how much of the index weights that keep the rule can fill."""
    tops = sorted(upper, reverse=True)
    filled, among, others = [], Fraction(0), sum_of([min(top, large.over) for top in tops])
    for count in range(_most_large(len(tops), large) + 1):
        filled.append(others + (among if large.cap is None else min(among, large.cap)))
        if count < len(tops):
            among, others = among + tops[count], others - min(tops[count], large.over)
    return max(filled)


def _cases(values: Sequence[int], bounds: Bounds, large: Large) -> Iterator[Filled]:
    order = sorted(range(len(values)), key=lambda at: (-values[at], at))
    for count in range(_most_large(len(values), large) + 1):
        prefix = order[:count]
        upper = [min(top, large.over) for top in bounds.upper]
        for at in prefix:
            upper[at] = bounds.upper[at]
        groups = [("large", prefix, large.cap)] if large.cap is not None and prefix else []
        if any(low > top for low, top in zip(bounds.lower, upper, strict=True)):
            continue
        filled = fill(values, Bounds(bounds.lower, upper, groups))
        if filled.total == 1 and keeps(filled, large):
            yield replace(filled, full_groups=["large"])


def _most_large(names: int, large: Large) -> int:
    """Give how many names can be over the threshold: each is more than it, all together not more than the cap."""
    most = names if large.count is None else min(names, large.count)
    return most if large.cap is None else min(most, int(large.cap / large.over))


def _about(values: Sequence[int], filled: Filled) -> float:
    """Give the relative entropy of weights to values in proportion, in floats."""
    total, unit = sum(values), filled.unit
    return sum(
        part / unit * log((part * total) / (unit * value))
        for value, part in zip(values, filled.parts, strict=True)
        if part > 0
    )


def divergence(values: Sequence[int], filled: Filled) -> Decimal:
    """Give the relative entropy of weights to values in proportion, to 50 digits or so."""
    total, unit = sum(values), filled.unit
    result = Decimal(0)
    for value, part in zip(values, filled.parts, strict=True):
        if part > 0:
            ratio = _LOGARITHMS.divide(Decimal(part * total), Decimal(unit * value))
            weight = _LOGARITHMS.divide(Decimal(part), Decimal(unit))
            result = _LOGARITHMS.add(result, _LOGARITHMS.multiply(weight, _LOGARITHMS.ln(ratio)))
    return result
