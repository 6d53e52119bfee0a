from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import caps_oracle
from fintech_index.capping import CapRules, capped
from fintech_index.capping._fill import Bounds, fill, scale_for

LABELS = "ABC"
values_strategy = st.lists(st.integers(1, 12) | st.integers(1, 10**12), min_size=1, max_size=9)
percents = st.integers(1, 100).map(lambda count: Fraction(count, 100))
by_label = st.dictionaries(st.sampled_from(LABELS), percents)


@st.composite
def grouped(draw, *, floors=False):
    """Values, their groups, and rules that bind about as often as not."""
    values = draw(values_strategy)
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=len(values), max_size=len(values)))
    rules = CapRules(
        single_cap=draw(st.none() | percents),
        single_caps={} if floors else draw(by_label),
        group_cap=draw(st.none() | percents),
        group_caps=draw(by_label),
        minimum_weight=draw(st.integers(1, 60).map(lambda count: Fraction(count, 300))) if floors else None,
    )
    return values, labels, rules


def bounds_of(labels, rules):
    """(floors, ceilings, groups) by the words of the rules."""
    ceiling = Fraction(1) if rules.single_cap is None else rules.single_cap
    groups = []
    for label in LABELS:
        most = rules.group_caps.get(label, rules.group_cap)
        members = [at for at, own in enumerate(labels) if own == label]
        if most is not None and members:
            groups.append((members, most))
    lower = [rules.minimum_weight or Fraction(0)] * len(labels)
    return lower, [rules.single_caps.get(label, ceiling) for label in labels], groups


def can_be_met(lower, upper, groups):
    return (
        caps_oracle.capacity(upper, groups) >= 1
        and sum(lower) <= 1
        and all(sum(lower[at] for at in members) <= most for members, most in groups)
        and all(floor <= top for floor, top in zip(lower, upper, strict=True))
    )


@given(grouped() | grouped(floors=True))
@settings(max_examples=200)
def test_weights_are_the_nearest_in_relative_entropy(case):
    values, labels, rules = case
    lower, upper, groups = bounds_of(labels, rules)
    result = capped(values, rules, labels)
    assert (not result.shortfall) == can_be_met(lower, upper, groups)
    if not result.shortfall:
        assert caps_oracle.are_nearest(values, result.weights, lower, upper, groups)


@given(grouped())
def test_caps_that_cannot_be_met_say_how_much_they_hold(case):
    values, labels, rules = case
    _, upper, groups = bounds_of(labels, rules)
    result = capped(values, rules, labels)
    if result.shortfall:
        assert result.capacity == caps_oracle.capacity(upper, groups) < 1
        assert (result.weights, result.factors) == ((), ())


@given(grouped())
def test_factors_scale_values_to_the_weights(case):
    values, labels, rules = case
    result = capped(values, rules, labels)
    if not result.shortfall:
        whole = [value * factor for value, factor in zip(values, result.factors, strict=True)]
        assert all(0 < factor <= 1 for factor in result.factors)
        assert max(result.factors) == 1
        assert [value / sum(whole) for value in whole] == list(result.weights)


@given(grouped() | grouped(floors=True))
def test_once_more_changes_nothing(case):
    values, labels, rules = case
    once = capped(values, rules, labels)
    if not once.shortfall:
        twice = capped(once.weights, rules, labels)
        assert twice.weights == once.weights
        assert (twice.binding, twice.moved, set(twice.factors)) == ((), 0, {1})


@given(grouped() | grouped(floors=True))
def test_the_order_of_the_names_changes_nothing(case):
    values, labels, rules = case
    forward, backward = capped(values, rules, labels), capped(values[::-1], rules, labels[::-1])
    assert backward.weights == forward.weights[::-1]
    assert backward.factors == forward.factors[::-1]
    assert (backward.moved, backward.capacity) == (forward.moved, forward.capacity)
    assert sorted(backward.binding) == sorted(forward.binding)


@given(grouped())
def test_a_group_binds_only_at_its_ceiling(case):
    values, labels, rules = case
    result = capped(values, rules, labels)
    for said in result.binding:
        rule, _, label = said.partition(": ")
        if rule == "group_cap":
            together = sum(weight for weight, own in zip(result.weights, labels, strict=True) if own == label)
            assert together == rules.group_caps.get(label, rules.group_cap)
    assert bool(result.binding) == (result.moved > 0 and not result.shortfall)


@given(values_strategy)
def test_just_as_many_names_as_the_cap_needs_are_all_at_it(values):
    result = capped(values, CapRules(single_cap=Fraction(1, len(values))))
    assert set(result.weights) == {Fraction(1, len(values))}
    assert list(result.factors) == [Fraction(min(values), value) for value in values]


@given(values_strategy)
def test_just_as_much_minimum_weight_as_there_is_makes_all_equal(values):
    result = capped(values, CapRules(minimum_weight=Fraction(1, len(values))))
    assert set(result.weights) == {Fraction(1, len(values))}
    whole = [value * factor for value, factor in zip(values, result.factors, strict=True)]
    assert len(set(whole)) == 1  # the factors say so too


def test_a_minimum_weight_over_the_ceiling_of_a_tier_cannot_be_met():
    rules = CapRules(single_caps={"small": Fraction(8, 100)}, minimum_weight=Fraction(9, 100))
    assert capped([7, 11, 9, 2, 7], rules, ["", "", "", "small", ""]).shortfall


@pytest.mark.parametrize(
    ("values", "least", "said"),
    [
        ([5] * 11, "1/10", "11 names of at least 10 % are 110 %"),
        ([5] * 4, "1/5", "the 3 names of A have more than its cap at their minimum weight"),
    ],
)
def test_minimum_weights_that_cannot_be_met(values, least, said):
    rules = CapRules(minimum_weight=Fraction(least), group_caps={"A": Fraction(1, 2)})
    assert capped(values, rules, ["A"] * 3 + ["B"] * (len(values) - 3)).shortfall == said


def test_groups_that_are_short_of_names_are_named():
    rules = CapRules(single_cap=Fraction(1, 10), group_cap=Fraction(3, 10))
    result = capped([5] * 9, rules, ["A", "A", "B", "C", "C", "C", "C", "C", "C"])
    assert result.capacity == Fraction(6, 10)  # A 20, B 10, C 30
    assert "at most 60 %" in result.shortfall
    assert "short of names: A (20 %), B (10 %)" in result.shortfall


def test_tiers_of_a_core_and_others():
    rules = CapRules(single_cap=Fraction(3, 100), single_caps={"core": Fraction(15, 100)})
    labels = ["core"] * 4 + ["other"] * 20
    weights = capped([1000, 500, 200, 100, *range(1, 21)], rules, labels).weights
    # 4 x 15 % for the core; 40 % for values of 1..20, the largest at 3 %: of 210, 15 and above are capped (6 x 3 %),
    # and 22 % are left for 105, so that 14 has 2.93 %.
    assert list(weights[:4]) == [Fraction(15, 100)] * 4
    assert list(weights[4:18]) == [Fraction(22 * value, 10500) for value in range(1, 15)]
    assert list(weights[18:]) == [Fraction(3, 100)] * 6


@given(values_strategy, percents)
def test_a_target_is_filled_from_breakpoint_to_breakpoint(values, target):
    upper = [Fraction(1, len(values) + at) for at in range(len(values))]
    filled = fill(values, Bounds([Fraction(0)] * len(values), upper), target)
    assert sum(filled.weights) == min(target, sum(upper))
    assert filled.weights == [min(top, filled.scale * value) for value, top in zip(values, upper, strict=True)]


def test_a_target_that_the_floors_exceed_needs_no_scale():
    assert scale_for([1] * 2, [Fraction(1, 2)] * 2, [Fraction(1)] * 2, Fraction(1)) == 0
