from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import oracle
from answers_csv import answers
from fintech_index.errors import ReviewError
from fintech_index.reviews import single_cap_factors

values_strategy = st.lists(st.integers(1, 10**12), min_size=1, max_size=12)
caps = st.fractions(min_value=Fraction(1, 12), max_value=1, max_denominator=100)


@pytest.mark.parametrize("row", answers("single_cap"), ids=lambda row: f"{row['values']} at {row['cap']}")
def test_worked_examples(row):
    values = [int(value) for value in row["values"].split()]
    assert single_cap_factors(values, Fraction(row["cap"])) == [Fraction(factor) for factor in row["factors"].split()]


@given(values_strategy, caps)
def test_the_closed_form_is_what_redistribution_ends_at(values, cap):
    assume(len(values) * cap >= 1)
    assert single_cap_factors(values, cap) == oracle.capping_factors(values, cap)


@given(values_strategy, caps)
def test_laws(values, cap):
    assume(len(values) * cap >= 1)
    factors = single_cap_factors(values, cap)
    capped = [value * factor for value, factor in zip(values, factors, strict=True)]
    total = sum(capped)
    assert all(value / total <= cap for value in capped)
    assert all(0 < factor <= 1 for factor in factors)
    assert all(value / total == cap for value, factor in zip(capped, factors, strict=True) if factor < 1)
    assert set(single_cap_factors(capped, cap)) == {1}  # once more changes nothing
    assert single_cap_factors(values[::-1], cap) == factors[::-1]  # order does not matter


def test_ten_names_are_the_fewest_for_a_cap_of_ten_percent():
    assert single_cap_factors([3] * 10, Fraction(1, 10)) == [1] * 10
    with pytest.raises(ReviewError, match=r"a cap of 0\.1 on 9 names cannot be met.*needs 10 names"):
        single_cap_factors([3] * 9, Fraction(1, 10))


def test_a_name_without_value_fills_nothing():
    assert single_cap_factors([30, 10, 0], Fraction(1, 2)) == [Fraction(1, 3), 1, 1]
    with pytest.raises(ReviewError, match="on 1 names"):
        single_cap_factors([30, 0, 0], Fraction(1, 2))
