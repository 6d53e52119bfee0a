"""Large names: those over a threshold may weigh only so much together, or be only so many.

5/10/40 (UCITS), 25/50 and 22.5/45/4.5 (RIC), 35/20. Who is large is part of the answer: in the nearest weights it is a
prefix of the ranking by value. Each length of the prefix is one problem of ceilings: the prefix a group, every other
name at most the threshold. The least relative entropy of them is the answer; a weight of just the threshold is not
over it.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.capping._fill import Bounds, Filled, fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fintech_index.capping._rules import Large

_LOGARITHMS = Context(prec=60)


def fill_with_large(values: Sequence[Fraction], bounds: Bounds, large: Large) -> Filled:
    """Give the nearest weights within bounds that keep the rule of large names.

    Raises
    ------
    ValueError
        There are no such weights.
    """
    free = fill(values, bounds)
    if keeps(free.weights, large):
        return free
    best, least = None, None
    for filled in _cases(values, bounds, large):
        moved = divergence(values, filled.weights)
        if least is None or moved < least:
            best, least = filled, moved
    if best is None:
        raise ValueError("no choice of large names fills the index")
    return best


def keeps(weights: Sequence[Fraction], large: Large) -> bool:
    """Tell whether weights keep the rule; exactly the threshold is not over it."""
    over = [weight for weight in weights if weight > large.over]
    return (large.count is None or len(over) <= large.count) and (large.cap is None or sum(over) <= large.cap)


def capacity_with_large(upper: Sequence[Fraction], large: Large) -> Fraction:
    """Give how much of the index weights that keep the rule can fill."""
    tops = sorted(upper, reverse=True)
    filled = []
    for count in range(_most_large(len(tops), large) + 1):
        among = sum(tops[:count], Fraction(0))
        among = among if large.cap is None else min(among, large.cap)
        filled.append(among + sum((min(top, large.over) for top in tops[count:]), Fraction(0)))
    return max(filled)


def _cases(values: Sequence[Fraction], bounds: Bounds, large: Large) -> Iterator[Filled]:
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
        if sum(filled.weights) == 1 and keeps(filled.weights, large):
            yield Filled(filled.weights, filled.scale, filled.ceilings, ["large"])


def _most_large(names: int, large: Large) -> int:
    """Give how many names can be over the threshold: each is more than it, all together not more than the cap."""
    most = names if large.count is None else min(names, large.count)
    return most if large.cap is None else min(most, int(large.cap / large.over))


def divergence(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Decimal:
    """Give the relative entropy of weights to values in proportion, to 50 digits or so."""
    total = sum(values, Fraction(0))
    terms = [
        _decimal(weight) * _LOGARITHMS.ln(_decimal(weight * total / value))
        for value, weight in zip(values, weights, strict=True)
        if weight > 0
    ]
    result = Decimal(0)
    for term in terms:
        result = _LOGARITHMS.add(result, term)
    return result


def _decimal(value: Fraction) -> Decimal:
    return _LOGARITHMS.divide(Decimal(value.numerator), Decimal(value.denominator))
