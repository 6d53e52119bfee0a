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

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from fintech_index.capping._fill import Bounds, Filled, fill, in_units, scale_for, sum_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PLACES = 10**40
_SHORT = 10**19  # fractions of denominators up to this are further apart than 40 decimals can tell
_DIGITS = Context(prec=60)
_HALVINGS = 8  # after as many, a root is looked for anew
_NEWTON_STEPS = 8


def fill_with_top(values: Sequence[int], bounds: Bounds, count: int, most: Fraction) -> Filled:
    """Give weights within bounds of which the `count` largest add up to no more than `most`.

    Raises
    ------
    ValueError
        There are no such weights.
    """
    free = fill(values, bounds)
    if free.largest(count) <= most:
        return free
    if not _reachable(bounds, count, most):
        raise ValueError("the other names cannot take what the largest must leave")
    return _parted(values, bounds, free, count, most) or _with_plateau(values, bounds, count, most)


def capacity_with_top(upper: Sequence[Fraction], count: int, most: Fraction) -> Fraction:
    """Give how much of the index weights can fill of which the `count` largest are at most `most`."""
    if len(upper) <= count:
        return min(most, sum_of(upper))
    plateau = _highest_plateau(upper, count, most)
    covered = sum_of([min(top, plateau) for top in upper])
    above = sum_of([top - plateau for top in upper if top > plateau])
    return covered + min(above, most - count * plateau)


def _highest_plateau(upper: Sequence[Fraction], count: int, most: Fraction) -> Fraction:
    """Give the most that the k-th largest weight can be."""
    return min(most / count, sorted(upper, reverse=True)[count - 1])


def _reachable(bounds: Bounds, count: int, most: Fraction) -> bool:
    floors = sum_of(sorted(bounds.lower, reverse=True)[:count])
    return capacity_with_top(bounds.upper, count, most) >= 1 and floors <= most


def _parted(values: Sequence[int], bounds: Bounds, free: Filled, count: int, most: Fraction) -> Filled | None:
    """Fill the largest up to `most` and the others with the rest; None where they would change places."""
    order = sorted(range(len(values)), key=free.parts.__getitem__, reverse=True)
    if len(order) > count and free.parts[order[count - 1]] == free.parts[order[count]]:
        return None
    top = order[:count]
    filled = fill(values, Bounds(bounds.lower, bounds.upper, [("top", top, most)]))
    ends = [filled.parts[at] for at in top], [filled.parts[at] for at in order[count:]]
    if filled.total < 1 or min(ends[0]) < max(ends[1], default=0):
        return None
    return Filled(filled.parts, filled.unit, filled.scale, ["top"])


def _with_plateau(values: Sequence[int], bounds: Bounds, count: int, most: Fraction) -> Filled:
    about = Plateau(values, bounds, count, most)
    plateau = about.best()
    upper_scale, lower_scale = about.scales(plateau)
    unit = prod(each.denominator for each in (upper_scale, lower_scale, plateau))
    for bound in {*bounds.lower, *bounds.upper}:
        unit *= bound.denominator
    lower, upper = in_units(bounds.lower, unit), in_units(bounds.upper, unit)
    below, above, flat = in_units([lower_scale, upper_scale, plateau], unit)
    parts = [
        min(top, max(floor, min(value * below, flat), value * above))
        for value, floor, top in zip(values, lower, upper, strict=True)
    ]
    return Filled(parts, unit, lower_scale, ["top"])


class Balance(NamedTuple):
    """What the names of a plateau and the two factors weigh against each other.

    Attributes
    ----------
    scales : (Fraction, Fraction)
        The factors above and below the plateau.
    over : list of int
        Positions of the names over the plateau.
    on : list of int
        Positions of the names that it alone holds.
    places : int
        How many of its names are among the largest.
    """

    scales: tuple[Fraction, Fraction]
    over: list[int]
    on: list[int]
    places: int


class Plateau:
    """The plateau about the k-th largest weight, for values, bounds, and a ceiling of the k largest together."""

    def __init__(self, values: Sequence[int], bounds: Bounds, count: int, most: Fraction) -> None:
        self._values, self._bounds, self._count, self._most = values, bounds, count, most
        self._highest = _highest_plateau(bounds.upper, count, most)

    def best(self) -> Fraction:
        """Give the least plateau that wants no more: exactly where it is a short fraction, else to 40 decimals."""

        def higher(places: int) -> bool:
            return self._is_too_low(Fraction(places, _PLACES))

        _, high = _least(higher, int(self._highest * _PLACES) + 1, self._root)
        found = min(Fraction(high, _PLACES), self._highest)
        short = found.limit_denominator(_SHORT)
        return short if short <= found and not self._is_too_low(short) else found

    def scales(self, plateau: Fraction) -> tuple[Fraction, Fraction]:
        """Give the factors above and below a plateau: what exceeds it makes up `most`, what it covers the rest."""
        lower, upper = self._bounds.lower, self._bounds.upper
        excess = self._most - self._count * plateau + plateau * len(self._values)
        covered = 1 - self._most + self._count * plateau
        over = scale_for(
            self._values, [max(plateau, each) for each in lower], [max(plateau, each) for each in upper], excess
        )
        under = scale_for(
            self._values, [min(plateau, each) for each in lower], [min(plateau, each) for each in upper], covered
        )
        return over, under

    def _is_too_low(self, plateau: Fraction) -> bool:
        """Tell whether a higher plateau is nearer to the uncapped weights, or is needed to make up the whole."""
        if plateau >= self._highest:
            return False
        covered = sum_of([min(plateau, top) for top in self._bounds.upper])
        if covered < 1 - self._most + self._count * plateau:
            return True
        balance = self._balance(plateau)
        over, under = balance.scales
        if over >= under:
            return False
        # Each of the plateau's places among the k largest stands for the factor of the upper part:
        # is the product of plateau / (value * under) less than (over / under) ** places?
        held = Fraction(plateau.numerator * under.denominator, plateau.denominator * under.numerator) ** len(balance.on)
        wanted = Fraction(over.numerator * under.denominator, over.denominator * under.numerator) ** balance.places
        product = prod(self._values[at] for at in balance.on)
        return held.numerator * wanted.denominator < wanted.numerator * held.denominator * product

    def _balance(self, plateau: Fraction) -> Balance:
        over, under = scales = self.scales(plateau)
        rows = zip(self._values, self._bounds.lower, self._bounds.upper, strict=True)
        above, on = [], []
        for at, (value, floor, top) in enumerate(rows):
            if floor > plateau or (top > plateau and over * value > plateau):
                above.append(at)
            elif top > plateau and floor < plateau and under * value >= plateau:
                on.append(at)
        return Balance(scales, above, on, self._count - len(above))

    def _root(self, places: int) -> int | None:
        """Guess the plateau in 40 decimals from one that is near it: a root, with each name where it is; None if none.

        With the names at their bounds known, the factors are linear in the plateau, and Newton's steps find where
        ``names * log(p) - sum(log(value)) - names * log(under) = places * (log(over) - log(under))``.
        """
        near = Fraction(places, _PLACES)
        balance = self._balance(near)
        lines = self._lines(near, balance.scales)
        names = len(balance.on)
        if not names or lines is None:
            return None
        (over_at, over_by), (under_at, under_by) = lines
        log, plateau = _DIGITS.ln, _decimal(near)
        values, ahead = log(Decimal(prod(self._values[at] for at in balance.on))), names - balance.places
        with localcontext(_DIGITS):
            for _ in range(_NEWTON_STEPS):
                over, under = over_at + over_by * plateau, under_at + under_by * plateau
                if min(over, under, plateau) <= 0:
                    return None
                gap = names * log(plateau) - values - ahead * log(under) - balance.places * log(over)
                slope = names / plateau - ahead * under_by / under - balance.places * over_by / over
                if not slope:
                    return None
                plateau -= gap / slope
            return int(plateau * _PLACES) + 1 if abs(plateau) <= 1 else None

    def _lines(self, near: Fraction, scales: tuple[Fraction, Fraction]) -> list[tuple[Decimal, Decimal]] | None:
        """Give each factor as a line, ``at + by * plateau``, about a plateau; None where no name has it."""
        lines = []
        for side, scale, grows in zip((max, min), scales, (len(self._values) - self._count, self._count), strict=True):
            growing, with_plateau = 0, 0
            for value, floor, top in zip(self._values, self._bounds.lower, self._bounds.upper, strict=True):
                low, high = side(near, floor), side(near, top)
                if scale * value <= low:
                    with_plateau += low == near
                elif scale * value >= high:
                    with_plateau += high == near
                else:
                    growing += value
            if not growing:
                return None
            slope = Fraction(grows - with_plateau, growing)
            lines.append((_decimal(scale - slope * near), _decimal(slope)))
        return lines


def _least(higher: Callable[[int], bool], stop: int, root: Callable[[int], int | None]) -> tuple[int, int]:
    """Find the least whole number under `stop` that is not too low, by halving; guesses of the root make it short.

    Returns
    -------
    int, int
        The highest that is too low, and the one after it.
    """
    low, high, halvings = 0, stop, 0
    while low + 1 < high:
        middle = (low + high) // 2
        guess = root(middle) if halvings % _HALVINGS == _HALVINGS - 1 else None
        for each in [middle] if guess is None else [guess, guess - 1, guess + 1]:
            if low < each < high:
                low, high = (each, high) if higher(each) else (low, each)
        halvings += 1
    return low, high


def _decimal(value: Fraction) -> Decimal:
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
