from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import caps_oracle
from fintech_index.capping import CapRules, capped

QUARTERLY = CapRules(nasdaq_100="2023")
ANNUAL = CapRules(nasdaq_100="2023", annual=True)
OF_1998 = CapRules(nasdaq_100="1998")
FORMS = {"quarterly": QUARTERLY, "annual": ANNUAL, "1998": OF_1998}
CONCENTRATED = [2500, *[400] * 16, 200, 196, 192, 176, 128, 102, 72, 34]
forms = pytest.mark.parametrize("rules", FORMS.values(), ids=FORMS)


def percents(*numbers):
    return [Fraction(str(number)) / 100 for number in numbers]


def weights_of(values, rules):
    result = capped(values, rules)
    assert not result.shortfall
    assert sum(result.weights) == 1
    return list(result.weights)


@pytest.mark.parametrize(
    ("rules", "percentages"),
    [
        (QUARTERLY, [24, *[2] * 38]),  # just 24 %
        (QUARTERLY, [*[8] * 6, *[2] * 26]),  # just 48 % over 4.5 %
        (QUARTERLY, [*[12] * 4, 4.5, *[2.5] * 19]),  # 4.5 % is not over 4.5 %
        (ANNUAL, [15, *[6] * 4, *[2] * 30, 1]),  # just 15 %, and five at 39 %
        (ANNUAL, [*[8] * 5, *[2] * 30]),  # five at just 40 %
        (OF_1998, [24, *[2] * 38]),
        (OF_1998, [*[8] * 6, *[2] * 26]),
    ],
)
def test_nothing_moves_where_the_test_is_passed(rules, percentages):
    result = capped([Fraction(str(percentage)) for percentage in percentages], rules)
    assert list(result.weights) == percents(*percentages)
    assert (result.moved, result.binding, set(result.factors)) == (0, (), {1})


def test_quarterly_a_name_over_24_percent_comes_down_to_20():
    # 80 % are left for the 70 of the others.
    assert weights_of([30, *[2] * 35], QUARTERLY) == [Fraction(20, 100), *[Fraction(80, 100) * 2 / 70] * 35]


def test_quarterly_a_second_name_may_come_to_20_as_well():
    # 80 % for 74: 19 becomes 20.5 %, so it is held too; 60 % for 55 ones.
    values = [26, 19, *[1] * 55]
    weights = weights_of(values, QUARTERLY)
    assert weights == [Fraction(20, 100), Fraction(20, 100), *[Fraction(60, 5500)] * 55]


def test_quarterly_names_over_4_5_percent_come_down_to_40_together():
    # 50 become 40 %, each x 8/10; the other 50 become 60 %, each x 12/10.
    assert weights_of([*[10] * 5, *[2] * 25], QUARTERLY) == percents(*[8] * 5, *[2.4] * 25)


def test_quarterly_no_name_comes_over_4_5_percent_from_below():
    # 4.4 x 12/10 would be 5.28 %; 55.5 % are left for the other 45.6.
    values = [Fraction(10)] * 5 + [Fraction(44, 10)] + [Fraction(24, 10)] * 19
    assert weights_of(values, QUARTERLY) == percents(*[8] * 5, 4.5) + [Fraction(555, 1000) / 19] * 19


def test_annual_a_name_over_15_percent_comes_down_to_14():
    assert weights_of([20, *[2] * 40], ANNUAL) == [Fraction(14, 100), *[Fraction(86, 100) / 40] * 40]


def test_annual_five_names_over_40_percent_come_down_to_38_5():
    # 50 become 38.5 %, the other 50 become 61.5 %.
    assert weights_of([*[10] * 5, *[2] * 25], ANNUAL) == percents(*[7.7] * 5, *[2.46] * 25)


def test_annual_no_other_name_is_over_4_4_percent():
    # 4 x 61.5/50 would be 4.92 %; 57.1 % are left for 23 names.
    assert weights_of([*[10] * 5, 4, *[2] * 23], ANNUAL) == percents(*[7.7] * 5, 4.4) + [Fraction(571, 1000) / 23] * 23


def test_annual_no_other_name_is_over_the_fifth():
    # 52 to 38.5 % would make the fifth 2.96 %, 48 to 61.5 % the sixteen others 3.84 % each: the fifth is as large as they.
    values = [*[12] * 4, 4, *[3] * 16]
    level = Fraction(615, 1000) / 16
    assert weights_of(values, ANNUAL) == [(Fraction(385, 1000) - level) / 4] * 4 + [level] * 17


def test_1998_the_largest_comes_down_to_20_and_the_first_iteration_is_enough():
    # 25 names of 4 % on average: 25 % loses 5, those just at 4 % keep it. Eight small ones: 2 % would double, the next
    # grow by 7/8, 6/8 .. of 100 %: 2 + 1.715 + 1.44 + 1.1 + 0.64 + 0.3825 + 0.18 + 0.0425 = 7.5, of which 5 are two thirds.
    small = [2, 1.96, 1.92, 1.76, 1.28, 1.02, 0.72, 0.34]
    weights = weights_of(percents(25, *[4] * 16, *small), OF_1998)
    assert weights[:17] == percents(20, *[4] * 16)
    assert weights[17:] == [
        weight * (1 + Fraction(8 - rank, 8) * Fraction(2, 3)) for rank, weight in enumerate(percents(*small))
    ]


def test_1998_a_second_iteration_raises_the_second_largest():
    # First: 2 becomes 4; .84 + 5/6 = 1.54; .06 + 4/6 = .1; .04 + 3/6 = .06; .036 + 2/6 = .048; .024 + 1/6 = .028: that is
    # 2.776 of 5. Second: 2.224 for 1.54, 4/5 of .1, 3/5 of .06, 2/5 of .048, 1/5 of .028, which are 1.6808.
    weights = weights_of(percents(25, *[4] * 18, 2, 0.84, 0.06, 0.04, 0.036, 0.024), OF_1998)
    growth = Fraction(22240, 16808)
    assert weights[:20] == percents(20, *[4] * 18, 4)
    assert weights[20:] == [
        weight * (1 + Fraction(5 - rank, 5) * growth)
        for rank, weight in enumerate(percents(1.54, 0.1, 0.06, 0.048, 0.028))
    ]


def test_1998_names_over_4_5_percent_come_down_to_40_together():
    # 60 is 35 over four times the average of 6.25 %; 40 is 15 over it: each keeps 15/35 of what it has over 6.25 %.
    small = [4.4, 4.3, 4.2, 4.1, 4, 3.9, 3.7, 3.4, 3, 2.4, 1.6, 1]
    weights = weights_of(percents(20, 16, 14, 10, *small), OF_1998)
    average = Fraction(1, 16)
    assert weights[:4] == [average + (weight - average) * 15 / 35 for weight in percents(20, 16, 14, 10)]
    assert sum(weights[:4]) == Fraction(40, 100)
    assert max(weights[4:]) <= average
    assert all(a >= b for a, b in pairwise(weights[4:]))


@given(st.lists(st.integers(1, 300), min_size=100, max_size=100), st.lists(st.integers(300, 3000), max_size=6))
@settings(max_examples=25, deadline=None)
def test_2023_weights_are_within_the_limits(others, leaders):
    values = [*leaders, *others][:100]
    quarterly = weights_of(values, QUARTERLY)
    assert max(quarterly) <= Fraction(24, 100)
    assert sum(weight for weight in quarterly if weight > Fraction(45, 1000)) <= Fraction(48, 100)
    annual = weights_of(values, ANNUAL)
    assert max(annual) <= Fraction(15, 100)
    assert sum(sorted(annual)[-5:]) <= Fraction(40, 100)
    for weights in (quarterly, annual):
        assert [weight for _, weight in sorted(zip(values, weights, strict=True))] == sorted(weights)


@forms
def test_the_order_of_the_names_changes_nothing(rules):
    forward, backward = capped(CONCENTRATED, rules), capped(CONCENTRATED[::-1], rules)
    assert forward.moved > 0
    assert (backward.weights, backward.factors) == (forward.weights[::-1], forward.factors[::-1])


@forms
def test_factors_scale_values_to_the_weights(rules):
    result = capped(CONCENTRATED, rules)
    whole = [value * factor for value, factor in zip(CONCENTRATED, result.factors, strict=True)]
    assert [value / sum(whole) for value in whole] == list(result.weights)
    assert all(0 < factor <= 1 for factor in result.factors)
    assert result.binding == ("nasdaq_100",)


@forms
@pytest.mark.parametrize(
    "values", [[9], [1, 1], [9, 1], [1, 1, 1], [5, 2, 2, 1], [8, 5, 4, 3, 2, 1], [9] * 12], ids=str
)
def test_with_few_names_the_limits_hold_or_are_said_not_to(rules, values):
    result = capped(values, rules)
    if not result.shortfall:
        most = Fraction(15 if rules is ANNUAL else 24, 100)
        assert sum(result.weights) == 1
        assert max(result.weights) <= most


def test_annual_too_few_other_names_cannot_take_what_the_five_leave():
    assert capped([*[10] * 5, *[2] * 10], ANNUAL).shortfall  # 10 x 4.4 % are less than 61.5 %


def test_quarterly_too_few_other_names_cannot_take_what_the_large_leave():
    assert capped([*[10] * 8, *[2] * 10], QUARTERLY).shortfall  # 10 x 4.5 % are less than 60 %


def test_1998_equal_names_stay_equal():
    weights = weights_of(percents(25, *[4] * 16, *[1.375] * 8), OF_1998)
    assert len(set(weights[17:])) == 1


def test_1998_no_large_name_falls_under_the_average():
    # Eight over 4.5 % are 66.7 % at the average of 8.33 % alone, so they cannot be 40 % without falling under it.
    result = capped(percents(*[11] * 8, 3.6, 3.2, 2.8, 2.4), OF_1998)
    assert result.shortfall or min(result.weights[:8]) >= Fraction(1, 12)


def test_1998_fractions_stay_small_from_iteration_to_iteration():
    result = capped([128, *range(16, 0, -1)], OF_1998)  # some ten iterations; a real hundred names take more
    assert max(weight.denominator.bit_length() for weight in result.weights) < 3000


def test_2023_is_nearest_where_one_ceiling_is_set():
    values = [500, 30, 26, *range(1, 45)]
    weights = weights_of(values, QUARTERLY)
    assert caps_oracle.are_nearest(values, weights, [Fraction(0)] * 47, [Fraction(20, 100)] * 47)
