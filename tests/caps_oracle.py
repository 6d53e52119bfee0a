"""Whether capped weights are the nearest ones in relative entropy: from its conditions, and by trying all choices.

With ratios ``r = w / m`` of weights to uncapped weights, the conditions of the least ``sum w log(w / m)`` are: a name
between its bounds has the ratio of its group; one at its ceiling a smaller one, one at its floor a larger one; the
ratio of a group is that of the whole, or smaller where the group is at its ceiling.
"""

from __future__ import annotations

import itertools
import math
from decimal import Context, Decimal
from fractions import Fraction

LOGARITHMS = Context(prec=60)
INFINITE = Fraction(10**9) ** 1000


def ratios_allowed(ratios, weights, lower, upper):
    """(least, most) ratio that these names can be scaled with to be where they are."""
    rows = list(zip(ratios, weights, lower, upper, strict=True))
    least = max((ratio for ratio, weight, floor, _ in rows if weight > floor), default=Fraction(0))
    most = min((ratio for ratio, weight, _, top in rows if weight < top), default=INFINITE)
    return least, most


def are_nearest(values, weights, lower, upper, groups=()):
    """Whether weights within bounds and under the ceilings of disjoint groups fulfil the conditions, exactly."""
    assert sum(weights) == 1
    assert all(floor <= weight <= top for weight, floor, top in zip(weights, lower, upper, strict=True))
    ratios = [weight * sum(values) / value for weight, value in zip(weights, values, strict=True)]
    lone = [at for at in range(len(values)) if all(at not in members for members, _ in groups)]
    least_of_all, most_of_all = Fraction(0), INFINITE
    for members, most_together in [*groups, (lone, INFINITE)]:
        together = sum(weights[at] for at in members)
        assert together <= most_together
        least, most = ratios_allowed(*([side[at] for at in members] for side in (ratios, weights, lower, upper)))
        if least > most:
            return False
        least_of_all = max(least_of_all, least)
        if together < most_together:
            most_of_all = min(most_of_all, most)
    return least_of_all <= most_of_all


def capacity(upper, groups=()):
    """How much can be filled."""
    lone = [top for at, top in enumerate(upper) if all(at not in members for members, _ in groups)]
    return sum(lone) + sum(min(most, sum(upper[at] for at in members)) for members, most in groups)


def logarithm(value):
    return LOGARITHMS.ln(LOGARITHMS.divide(Decimal(value.numerator), Decimal(value.denominator)))


def are_nearest_with_top(values, weights, upper, count, most):
    """Whether weights whose `count` largest are at their ceiling `most` fulfil the conditions, to 20 decimals.

    A name's ratio is that of the names under the `count`-th largest weight, ``below``, times ``exp(-l * t)``: t is 1
    over that weight, 0 under it, and at it what makes all t add up to `count`.
    """
    assert sum(weights) == 1
    assert sum(sorted(weights)[::-1][:count]) == most
    assert all(weight <= top for weight, top in zip(weights, upper, strict=True))
    rows = [
        (weight * sum(values) / value, weight, top) for value, weight, top in zip(values, weights, upper, strict=True)
    ]
    plateau = sorted(weights)[-count]
    near = Fraction(1, 10**30)  # a plateau is a root, known to 40 decimals
    under = [row for row in rows if row[1] < plateau - near]
    over = [row for row in rows if row[1] > plateau + near]
    at = [row for row in rows if abs(row[1] - plateau) <= near]
    below = {ratio for ratio, weight, top in under if weight < top}
    if not below:
        return None  # all under it are at their own ceilings: nothing to compare with
    if len(below) > 1 or max(row[0] for row in rows) > min(below):
        return False
    (below,) = below
    steps = [logarithm(below / ratio) for ratio, _, top in at if plateau < top - near]
    capped = [logarithm(below / ratio) for ratio, _, top in at if plateau >= top - near]
    above = {ratio for ratio, weight, top in over if weight < top}
    if len(above) > 1:
        return False
    most_step = min((logarithm(below / ratio) for ratio, _, _ in over), default=Decimal(10**9))
    least_step = logarithm(below / min(above)) if above else max([*steps, Decimal("1e-30")])
    places, close = count - len(over), Decimal("1e-20")
    if max([*steps, least_step]) > most_step + close:
        return False
    fewest = sum(step / most_step for step in steps)
    fullest = sum(step / least_step for step in steps) + sum(min(Decimal(1), step / least_step) for step in capped)
    return fewest <= places + close and places <= fullest + close


def distance(values, weights):
    """Relative entropy, in floats."""
    total = sum(values)
    return math.fsum(
        weight * math.log(weight * total / value) for value, weight in zip(values, weights, strict=True) if weight
    )


def scaled(values, upper, target):
    """``min(upper, scale * value)`` that add up to the target or are all at their ceilings; by halving, in floats."""
    low, high = 0.0, max(top / value for value, top in zip(values, upper, strict=True))
    for _ in range(80):
        middle = (low + high) / 2
        if math.fsum(min(top, middle * value) for value, top in zip(values, upper, strict=True)) < target:
            low = middle
        else:
            high = middle
    return [min(top, high * value) for value, top in zip(values, upper, strict=True)]


def nearest_with_large(values, single, over, cap, count):
    """The least relative entropy over every choice of the names that may be over the threshold; None if none fills."""
    names, best = range(len(values)), None
    for size in range(min(len(values), count) + 1):
        for large in itertools.combinations(names, size):
            upper = [float(single) if at in large else float(min(single, over)) for at in names]
            if sum(upper) < 1 - 1e-12:
                continue
            if large:
                own = scaled([values[at] for at in large], [upper[at] for at in large], float(cap))
                for at, most in zip(large, own, strict=True):
                    upper[at] = most
            if sum(upper) >= 1 - 1e-12:
                here = distance(values, scaled(values, upper, 1.0))
                best = here if best is None else min(best, here)
    return best
