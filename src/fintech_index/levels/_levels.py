"""Published levels: market value over divisor, half up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.levels._divisors import Divisors
    from fintech_index.levels._valuation import Valuation

_NEAR_A_TIE = 1e-5
_UNITS_OF_THE_LAST_PLACE = 2.0**-49  # what a float64 quotient may be off by, generously


def published_levels(valuation: Valuation, divisors: Divisors, variant: str, decimals: int) -> NDArray[np.float64]:
    """Give the level of every session of the valuation, each the float64 nearest to its published decimal.

    A float64 quotient decides, and integers do wherever it is near a tie.
    """
    first, last = valuation.first, valuation.first + valuation.counts.shape[1]
    counts = valuation.floats() / divisors.floats(variant, first, last) * 10**decimals
    rounded = np.floor(counts + 0.5)
    doubt = np.maximum(_NEAR_A_TIE, counts * _UNITS_OF_THE_LAST_PLACE)
    for at in np.flatnonzero(np.abs(counts - np.floor(counts) - 0.5) < doubt):
        session = first + int(at)
        level = valuation.exact(session) / Fraction(divisors.at(variant, session))
        rounded[at] = round_half_up(level, decimals)
    levels: NDArray[np.float64] = rounded / 10**decimals
    return levels
