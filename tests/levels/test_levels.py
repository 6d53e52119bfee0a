from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fintech_index.levels._divisor_series import Divisors, DivisorSteps
from fintech_index.levels._levels import published_levels
from fintech_index.levels._valuation import Valuation
from fintech_index.rounding import exact, round_half_up, round_significant


@given(st.lists(st.integers(1, 2**62), min_size=1, max_size=5), st.integers(10**17, 10**18 - 1), st.integers(0, 6))
def test_a_level_is_the_quotient_half_up(counts, mantissa, decimals):
    divisor = round_significant(Fraction(mantissa, 10**9), 18)
    valuation = Valuation(0, np.array([counts], np.int64), 100, np.ones((1, len(counts))))
    (levels,) = published_levels(valuation, Divisors({"price": DivisorSteps.begin(0, divisor)}), ["price"], decimals)
    for level, count in zip(levels, counts, strict=True):
        assert float(level) == round_half_up(Fraction(count, 100) / Fraction(divisor), decimals) / 10**decimals


@given(st.integers(1, 10**9), st.integers(1, 10**8))
def test_ties_and_their_neighbours_are_decided_by_integers(units, divisor):
    """Market values at, and one unit of the last place beside, an exact tie of the fourth decimal."""
    tie = Fraction(2 * units + 1, 20000) * divisor
    finer = 1
    while tie.numerator * finer * 10 < 2**62:
        finer *= 10
    divisors = Divisors({"price": DivisorSteps.begin(0, Decimal(divisor))})
    for step, expected in ((-1, units), (0, units + 1), (1, units + 1)):
        count = tie.numerator * finer + step
        valuation = Valuation(0, np.array([[count]], np.int64), tie.denominator * finer, np.ones((1, 1)))
        ((level,),) = published_levels(valuation, divisors, ["price"], 4)
        assert exact(float(level)) == Fraction(expected, 10**4)
