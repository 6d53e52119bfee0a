"""The single cap: no weight above it, the excess redistributed pro rata, in closed form and in fractions.

With weights in descending order, the first k are capped and the others keep their proportions: k is the least number
for which the next name, scaled up by what the capped ones leave, stays within the cap: ``m[k] * (1 - k*c) <= c *
(m[k] + m[k+1] + ...)``. This is what pro rata redistribution, repeated until no weight exceeds the cap, converges to.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.errors import ReviewError

if TYPE_CHECKING:
    from collections.abc import Sequence


def single_cap_factors(values: Sequence[Fraction | int], cap: Fraction) -> list[Fraction]:
    """Give the capping factor of each constituent, exactly.

    Parameters
    ----------
    values : sequence of Fraction or int
        Uncapped market values, 0 or more.
    cap : Fraction
        The most that a weight may be, as a fraction of 1.

    Returns
    -------
    list of Fraction
        1 for the uncapped; for the capped, what their value is to be multiplied by so that their weight is the cap.
        Where all names together only just fill the index (n x cap = 1), all are capped: ``min(values) / value``.

    Raises
    ------
    ReviewError
        Too few names to fill the index: n x cap < 1.
    """
    held = sorted((value for value in values if value > 0), reverse=True)
    if len(held) * cap < 1:
        raise ReviewError(
            f"a cap of {float(cap):.4g} on {len(held)} names cannot be met: they fill at most "
            f"{float(len(held) * cap):.4g} of the index. "
            f"It needs {-(-cap.denominator // cap.numerator)} names, or a cap of at least 1/{len(held) or 1}"
        )
    if len(held) * cap == 1:
        return [Fraction(held[-1]) / value if value > 0 else Fraction(1) for value in values]
    tail = Fraction(sum(held))
    capped = 0
    while held[capped] * (1 - capped * cap) > cap * tail:
        tail -= held[capped]
        capped += 1
    at_the_cap = cap * tail / (1 - capped * cap)  # the market value that has just the weight of the cap
    return [at_the_cap / value if value > at_the_cap else Fraction(1) for value in values]
