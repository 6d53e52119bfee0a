"""One cap for every name: the whole numbers say what the general rule says, in every bit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index.capping import CapRules, capped
from fintech_index.capping._single import at_the_cap, factor_of

VALUES = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 10**18), st.fractions(0, 50)), min_size=1, max_size=30)


def test_by_hand():
    """60, 30, 10 with a cap of 1/2: the first is held, and the others share 1/2 in proportion: 3/8 and 1/8."""
    largest, scale = at_the_cap([60, 30, 10], Fraction(1, 2))
    assert largest == [0]
    assert Fraction(*scale) == Fraction(1, 80)
    assert factor_of(60, Fraction(1, 2), scale) == Fraction(1, 2) / (60 * Fraction(1, 80)) == Fraction(2, 3)


def test_all_at_the_cap():
    """Three names at 1/3 each: the last is in proportion to itself."""
    result = capped([5, 3, 1], CapRules(single_cap=Fraction(1, 3)))
    assert result.weights == (Fraction(1, 3),) * 3
    assert result.factors == (Fraction(1, 5), Fraction(1, 3), 1)


@pytest.mark.parametrize("divisor", [1, 3, 10])
@given(values=VALUES)
def test_the_general_rule_says_the_same(divisor, values):
    """A group that nobody is in has the general rule take over."""
    cap = Fraction(1, divisor)
    if sum(value > 0 for value in values) == 0:
        return
    own = capped(values, CapRules(single_cap=cap))
    general = capped(values, CapRules(single_cap=cap, group_caps={"nobody": Fraction(1, 2)}), [""] * len(values))
    for name in ("weights", "factors", "binding", "capacity", "shortfall", "moved"):
        assert getattr(own, name) == getattr(general, name), name


@given(values=VALUES, cap=st.fractions(Fraction(1, 40), 1))
def test_any_cap(values, cap):
    if sum(value > 0 for value in values) == 0:
        return
    own = capped(values, CapRules(single_cap=cap))
    general = capped(values, CapRules(single_cap=cap, group_caps={"nobody": Fraction(1, 2)}), [""] * len(values))
    for name in ("weights", "factors", "binding", "capacity", "shortfall", "moved"):
        assert getattr(own, name) == getattr(general, name), name
