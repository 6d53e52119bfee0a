"""The k largest together: their sum has a ceiling, and the order of weights stays.

The nearest weights in relative entropy have three parts: above a plateau, values times one factor; a plateau of equal
weights about the k-th; below it, values times another, larger factor. Without the plateau the k-th would fall under
the next one. With a plateau p the two factors follow from the sums, ``k*p + sum(max(0, w - p))`` being the k largest.
The best p balances the plateau: the product of ``p / m`` over its names equals that of the two factors, each as often
as the plateau has places among the k largest and after. It is a root of a polynomial, found by halving integers until
it is known to 40 decimals: published factors have 12. Elsewhere the balance tips at a p that the caps alone decide, as
one name at its ceiling and the plateau make up the largest together: that p is taken exactly, or the name would stay a
last decimal under its ceiling.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.capping._fill import Bounds, Filled, fill, scale_for

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = 10**40
_SHORT = 10**19  # fractions of denominators up to this are further apart than 40 decimals can tell


def largest(weights: Sequence[Fraction], count: int) -> Fraction:
    """Give the sum of the `count` largest."""
    return sum(sorted(weights, reverse=True)[:count], Fraction(0))


def fill_with_top(values: Sequence[Fraction], bounds: Bounds, count: int, most: Fraction) -> Filled:
    """Give weights within bounds of which the `count` largest add up to no more than `most`.

    Raises
    ------
    ValueError
        There are no such weights.
    """
    free = fill(values, bounds)
    if largest(free.weights, count) <= most:
        return free
    if not _reachable(bounds, count, most):
        raise ValueError("the other names cannot take what the largest must leave")
    return _parted(values, bounds, free, count, most) or _with_plateau(values, bounds, count, most)


def capacity_with_top(upper: Sequence[Fraction], count: int, most: Fraction) -> Fraction:
    """Give how much of the index weights can fill of which the `count` largest are at most `most`."""
    if len(upper) <= count:
        return min(most, sum(upper, Fraction(0)))
    plateau = _highest_plateau(upper, count, most)
    covered = sum((min(top, plateau) for top in upper), Fraction(0))
    above = sum((top - plateau for top in upper if top > plateau), Fraction(0))
    return covered + min(above, most - count * plateau)


def _highest_plateau(upper: Sequence[Fraction], count: int, most: Fraction) -> Fraction:
    """Give the most that the k-th largest weight can be."""
    return min(most / count, sorted(upper, reverse=True)[count - 1])


def _reachable(bounds: Bounds, count: int, most: Fraction) -> bool:
    floors = largest(bounds.lower, count)
    return capacity_with_top(bounds.upper, count, most) >= 1 and floors <= most


def _parted(values: Sequence[Fraction], bounds: Bounds, free: Filled, count: int, most: Fraction) -> Filled | None:
    """Fill the largest up to `most` and the others with the rest; None where they would change places."""
    order = sorted(range(len(values)), key=lambda at: free.weights[at], reverse=True)
    if len(order) > count and free.weights[order[count - 1]] == free.weights[order[count]]:
        return None
    top = order[:count]
    filled = fill(values, Bounds(bounds.lower, bounds.upper, [("the largest", top, most)]))
    ends = [filled.weights[at] for at in top], [filled.weights[at] for at in order[count:]]
    if sum(filled.weights) < 1 or min(ends[0]) < max(ends[1], default=Fraction(0)):
        return None
    return Filled(filled.weights, filled.scale, filled.ceilings, ["top"])


def _with_plateau(values: Sequence[Fraction], bounds: Bounds, count: int, most: Fraction) -> Filled:
    plateau = _plateau(values, bounds, count, most)
    upper_scale, lower_scale = _scales(values, bounds, plateau, count, most)
    weights = []
    for value, floor, top in zip(values, bounds.lower, bounds.upper, strict=True):
        middle_weight = max(min(lower_scale * value, plateau), upper_scale * value)
        weights.append(min(top, max(floor, middle_weight)))
    return Filled(weights, lower_scale, list(bounds.upper), ["top"])


def _plateau(values: Sequence[Fraction], bounds: Bounds, count: int, most: Fraction) -> Fraction:
    """Give the least plateau that wants no more: exactly where it is a short fraction, else to 40 decimals."""
    highest = _highest_plateau(bounds.upper, count, most)

    def higher(plateau: Fraction) -> bool:
        return plateau < highest and _wants_more(values, bounds, plateau, count, most)

    low, high = 0, int(highest * _PLACES) + 1
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if higher(Fraction(middle, _PLACES)) else (low, middle)
    found = min(Fraction(high, _PLACES), highest)
    short = found.limit_denominator(_SHORT)
    return short if short <= found and not higher(short) else found


def _scales(
    values: Sequence[Fraction], bounds: Bounds, plateau: Fraction, count: int, most: Fraction
) -> tuple[Fraction, Fraction]:
    """Give the factors above and below a plateau: what exceeds it makes up `most`, what it covers the rest."""
    above = [max(plateau, top) for top in bounds.upper]
    floors = [max(plateau, floor) for floor in bounds.lower]
    excess = most - count * plateau + plateau * len(values)
    upper_scale = scale_for(values, floors, above, excess)
    below = [min(plateau, top) for top in bounds.upper]
    covered = 1 - most + count * plateau
    lower_scale = scale_for(values, [min(plateau, floor) for floor in bounds.lower], below, covered)
    return upper_scale, lower_scale


def _wants_more(values: Sequence[Fraction], bounds: Bounds, plateau: Fraction, count: int, most: Fraction) -> bool:
    """Tell whether a higher plateau is nearer to the uncapped weights, or is needed to make up the whole."""
    if sum((min(plateau, top) for top in bounds.upper), Fraction(0)) < 1 - most + count * plateau:
        return True
    upper_scale, lower_scale = _scales(values, bounds, plateau, count, most)
    if upper_scale >= lower_scale:
        return False
    product, places = Fraction(1), count
    for value, floor, top in zip(values, bounds.lower, bounds.upper, strict=True):
        if min(top, max(floor, upper_scale * value)) > plateau:
            places -= 1
        elif top > plateau and floor < plateau and lower_scale * value >= plateau:
            product *= plateau / (value * lower_scale)
    # Of the plateau's names so many are among the k largest; each of them stands for the factor of the upper part.
    return product < (upper_scale / lower_scale) ** places
