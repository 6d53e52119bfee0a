from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from answers_csv import answers
from fintech_index.errors import CorporateActionError

TERMS = ("close", "cash", "bonus", "rights_ratio", "rights_price", "tick")


@pytest.mark.parametrize("row", answers("reference_price"), ids=lambda row: row["worked"][:30])
def test_worked_examples(row):
    assert fi.reference_price(*(Decimal(row[term]) for term in TERMS)) == Fraction(row["answer"])


def test_exact_in_exact_out():
    assert fi.reference_price(10, bonus=2) == Fraction(10, 3)
    assert isinstance(fi.reference_price(Decimal("10.05"), bonus=1), Fraction)
    assert isinstance(fi.reference_price(Fraction(10), 1), Fraction)


def test_a_float_stands_for_what_it_is_written_as():
    value = fi.reference_price(10.05, bonus=1, tick=0.01)  # 10.05 as a binary number lies below the tie
    assert isinstance(value, float)
    assert value == 5.03


@given(st.decimals(1, 1000, places=2), st.decimals(0, 5, places=4))
def test_a_bonus_and_its_value_are_neutral(close, bonus):
    assert fi.reference_price(close, bonus=bonus) * (1 + Fraction(bonus)) == Fraction(close)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"close": 10, "cash": 10}, "which is not positive"),
        ({"close": 10, "cash": 11, "tick": Decimal("0.01")}, "which is not positive"),
        ({"close": Decimal("0.004"), "tick": Decimal("0.01")}, "which is not positive"),
        ({"close": 10, "bonus": -1}, "bonus: -1 is negative"),
        ({"close": float("nan")}, "close: nan is not a finite number"),
        ({"close": "ten"}, "close: 'ten' is not a finite number"),
        ({"close": None}, "close: None is not a finite number"),
        ({"close": 10, "tick": 0}, "the tick must be above 0"),
    ],
)
def test_bad_terms(terms, message):
    with pytest.raises(CorporateActionError, match=message):
        fi.reference_price(**terms)
