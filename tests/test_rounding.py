from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index.rounding import exact, exact_decimal, plain, round_half_up, round_significant, round_to_tick

positive = st.fractions(min_value=Fraction(1, 10**12), max_value=10**18)


@pytest.mark.parametrize(
    ("value", "decimals", "answer"),
    [
        ("0.5", 0, 1),
        ("1.5", 0, 2),
        ("2.4999", 0, 2),
        ("2.5", 0, 3),
        ("1.00005", 4, 10001),
        ("1.00004999", 4, 10000),
        ("7", 2, 700),
    ],
)
def test_round_half_up(value, decimals, answer):
    assert round_half_up(Fraction(value), decimals) == answer


@pytest.mark.parametrize(
    ("price", "tick", "answer"),
    [("8.545", "0.01", "8.55"), ("8.5449", "0.01", "8.54"), ("8.52", "0.05", "8.5"), ("3.9577", "0.001", "3.958")],
)
def test_round_to_tick(price, tick, answer):
    assert round_to_tick(Fraction(price), Fraction(tick)) == Fraction(answer)


@pytest.mark.parametrize(
    ("value", "digits", "answer"),
    [
        ("123456789", 3, "123000000"),
        ("1.005", 3, "1.01"),  # a tie goes up
        ("9.995", 3, "10.0"),  # one digit more
        ("0.00012345", 2, "0.00012"),
        ("1000", 18, "1000.00000000000000"),
        ("99999999999999999.95", 18, "100000000000000000"),
    ],
)
def test_round_significant(value, digits, answer):
    assert round_significant(Fraction(value), digits) == Decimal(answer)


@given(positive, st.integers(1, 28))
def test_round_significant_is_within_half_a_unit_of_its_last_digit(value, digits):
    rounded = round_significant(value, digits)
    assert len(rounded.as_tuple().digits) <= digits
    unit = Fraction(10) ** rounded.as_tuple().exponent
    assert -unit / 2 < Fraction(rounded) - value <= unit / 2


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9))
def test_exact_decimal_loses_nothing(value):
    assert exact_decimal(Fraction(value)) == value


def test_exact_decimal_refuses_what_never_ends():
    with pytest.raises(ValueError, match="no finite decimal"):
        exact_decimal(Fraction(1, 3))


def test_round_significant_refuses_zero():
    with pytest.raises(ValueError, match="positive"):
        round_significant(Fraction(0), 18)


def test_exact_takes_a_float_as_it_is_written():
    assert exact(0.1) == Fraction(1, 10)
    assert exact(Decimal("0.10")) == exact("0.1") == Fraction(1, 10)


def test_plain_has_no_exponent():
    assert plain(Decimal("1E+3")) == "1000"
