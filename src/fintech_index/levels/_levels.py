"""Published levels: market value over divisor, half up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._kernels.dispatch import round_levels
from fintech_index.errors import CalculationError
from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.levels._divisor_series import Divisors
    from fintech_index.levels._valuation import Valuation


def published_levels(
    valuation: Valuation, divisors: Divisors, variants: Sequence[str], decimals: int
) -> NDArray[np.float64]:
    """Give the levels of some variants, shape (variants, sessions): each the float64 nearest to its published decimal.

    A float64 quotient decides, and integers do wherever it is near a tie.
    """
    values = valuation.floats()
    levels = np.empty((len(variants), len(values)))
    for at, (variant, rounded) in enumerate(zip(variants, levels, strict=True)):
        alike = [each for each in range(at) if divisors.steps[variants[each]] is divisors.steps[variant]]
        if alike:
            rounded[:] = levels[alike[0]]
            continue
        starts = np.array(divisors.steps[variant].sessions, np.int64) - valuation.first
        factors = 10**decimals / divisors.steps[variant].floats()
        for place in round_levels(values, starts, factors, rounded).tolist():
            session = valuation.first + place
            level = valuation.exact(session) / Fraction(divisors.at(variant, session))
            rounded[place] = round_half_up(level, decimals)
    levels /= 10**decimals
    if not np.isfinite(levels).all():
        raise CalculationError("a level is no finite number: check prices, index shares and the base value")
    return levels
