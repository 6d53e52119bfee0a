from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import caps_oracle
from fintech_index.capping import CapRules, capped
from fintech_index.capping._rules import Large


def percent(number):
    return Fraction(str(number)) / 100


def rules_of(single, over, cap=None, count=None):
    large = Large(percent(over), None if cap is None else percent(cap), count)
    return CapRules(single_cap=None if single is None else percent(single), large=large)


UCITS = rules_of(10, 5, 40)
NAMED = {
    "5/10/40": (UCITS, 16),  # 4 x 10 and 12 x 5
    "25/50": (rules_of(25, 5, 50), 12),  # 2 x 25 and 10 x 5
    "22.5/45/4.5": (rules_of(22.5, 4.5, 45), 15),  # 2 x 22.5 and 55/4.5 = 12.2
    "20/40/4.5": (rules_of(20, 4.5, 40), 16),  # 2 x 20 and 60/4.5 = 13.3
    "35/20": (rules_of(35, 20, count=1), 5),  # 35 and 65/20 = 3.25
}
named = pytest.mark.parametrize(("rules", "fewest"), NAMED.values(), ids=NAMED)
values_strategy = st.lists(st.integers(1, 12) | st.integers(1, 10**9), min_size=2, max_size=6)


@st.composite
def large_rules(draw):
    over = draw(st.integers(5, 40))
    single = draw(st.none() | st.integers(20, 80))
    cap = draw(st.none() | st.integers(20, 90) | st.sampled_from([over, 2 * over, 3 * over]))
    count = draw(st.integers(0, 3) if cap is None else st.none() | st.integers(0, 3))
    return rules_of(single, over, None if cap is None else min(cap, 100), count)


def kept(weights, rules):
    over = [weight for weight in weights if weight > rules.large.over]
    return (
        max(weights) <= (rules.single_cap or 1)
        and (rules.large.cap is None or sum(over) <= rules.large.cap)
        and (rules.large.count is None or len(over) <= rules.large.count)
    )


@given(values_strategy, large_rules())
@settings(max_examples=100, deadline=None)
def test_no_choice_of_large_names_is_nearer(values, rules):
    large = rules.large
    most, count = (1 if large.cap is None else large.cap), (len(values) if large.count is None else large.count)
    least = caps_oracle.nearest_with_large(values, rules.single_cap or 1, large.over, most, count)
    result = capped(values, rules)
    assert bool(result.shortfall) == (least is None)
    if least is not None:
        assert kept(result.weights, rules)
        assert caps_oracle.distance(values, [float(weight) for weight in result.weights]) == pytest.approx(
            least, abs=1e-9
        )


@given(
    st.lists(st.integers(1, 10**9), min_size=16, max_size=30), st.sampled_from([rules for rules, _ in NAMED.values()])
)
@settings(max_examples=30, deadline=None)
def test_laws(values, rules):
    result = capped(values, rules)
    assert not result.shortfall
    assert sum(result.weights) == 1
    assert kept(result.weights, rules)
    assert all(0 < factor <= 1 for factor in result.factors)
    assert capped(result.weights, rules).weights == result.weights  # once more changes nothing
    backward = capped(values[::-1], rules).weights
    assert sorted(backward) == sorted(result.weights)
    if len(set(values)) == len(values):  # of equal values one may be large and another not
        assert backward == result.weights[::-1]
    ranked = sorted(zip(values, result.weights, strict=True))
    assert [weight for _, weight in ranked] == sorted(result.weights)


@named
def test_fewest_names(rules, fewest):
    values = [50, 40, *range(1, fewest - 1)]
    enough, few = capped(values, rules), capped(values[:-1], rules)
    assert not enough.shortfall
    assert sum(enough.weights) == 1
    assert kept(enough.weights, rules)
    assert few.shortfall
    assert few.capacity < 1


@named
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_fewest_names_are_enough_whatever_their_values(rules, fewest, data):
    values = data.draw(st.lists(st.integers(1, 10**9), min_size=fewest, max_size=fewest))
    result = capped(values, rules)
    assert not result.shortfall
    assert kept(result.weights, rules)


def test_sixteen_names_fill_5_10_40_in_one_way():
    weights = capped(list(range(16, 0, -1)), UCITS).weights
    assert list(weights) == [percent(10)] * 4 + [percent(5)] * 12
    equal = capped([1] * 16, UCITS).weights  # 6.25 % each would all be over 5 %
    assert sorted(equal) == sorted(weights)


def test_exactly_the_threshold_is_not_over_it():
    result = capped([10, 10, 10, 10, *[5] * 12], UCITS)
    assert (result.moved, result.binding) == (0, ())


def test_just_over_the_threshold_is_over_it():
    values = [1000, 1000, 1000, 1000, 501, *[500] * 10, 499]
    result = capped(values, UCITS)
    assert list(result.weights) == [percent(10)] * 4 + [percent(5)] * 12  # with 16 names there is no other way
    assert result.binding[-1] == "large"


def test_a_name_is_brought_down_to_the_threshold_where_that_is_nearer():
    values = [90, 90, 90, 90, 51, *[19] * 31]  # 41.1 % are over 5 %; four of them are only 36 %
    weights = capped(values, UCITS).weights
    scale = Fraction(95, 949)  # 95 % for the other 949 of 1000
    assert list(weights) == [90 * scale / 100] * 4 + [percent(5)] + [19 * scale / 100] * 31


def test_all_large_names_are_scaled_where_that_is_nearer():
    values = [9, 9, 9, 9, 6, *[2] * 29]  # 42 % over 5 %, the fifth well over it
    weights = capped(values, UCITS).weights
    assert list(weights) == [percent(40) * n / 42 for n in values[:5]] + [percent(60) / 29] * 29


def test_35_20_lets_one_name_be_over_20_percent():
    weights = capped([50, 25, 10, 10, 5], rules_of(35, 20, count=1)).weights
    # 35 and 20 are held; 45 % for 25: 18, 18, 9
    assert list(weights) == [percent(n) for n in (35, 20, 18, 18, 9)]


def test_too_few_names_say_how_much_they_fill():
    result = capped(list(range(1, 16)), UCITS)
    assert result.capacity == percent(95)  # 4 x 10 and 11 x 5
    assert result.shortfall == "15 names can fill at most 95 % of the index with the rule of large names"


@given(st.integers(2, 6), st.integers(1, 5))
def test_equal_values_are_told_apart_only_where_they_must_be(names, value):
    result = capped([value] * names, rules_of(None, 50, count=1))
    assume(not result.shortfall)
    assert set(result.weights) == {Fraction(1, names)}
