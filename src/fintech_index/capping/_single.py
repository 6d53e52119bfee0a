"""One cap for every name, and no other rule: in whole numbers, since the names at the cap are the largest.

With values ``v`` in descending order and a cap of ``p / q``, the first k names are at the cap, where k is the least
number with which no other name is above it: ``v_{k+1} (q - k p) <= p (v_{k+1} + ... + v_n)``, multiplied out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class AtTheCap(NamedTuple):
    """Which names are at the cap, and what the others share.

    Attributes
    ----------
    names : list of int
        The positions of the names at the cap.
    scale : (int, int)
        What the value of any other name is multiplied by, as numerator and denominator.
    """

    names: list[int]
    scale: tuple[int, int]


def at_the_cap(values: Sequence[int], cap: Fraction) -> AtTheCap:
    """Find the names at a cap that can be met: whole positive values, and ``len(values) * cap >= 1``."""
    above, below = cap.numerator, cap.denominator
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    left, held = sum(values), 0
    while values[order[held]] * (below - held * above) > above * left:
        left -= values[order[held]]
        held += 1
    return AtTheCap(order[:held], (below - held * above, below * left))


def factor_of(value: int, cap: Fraction, scale: tuple[int, int]) -> Fraction:
    """Give the factor of a name at the cap: its weight over the one that the scale of the others would give."""
    return Fraction(cap.numerator * scale[1], cap.denominator * scale[0] * value)
