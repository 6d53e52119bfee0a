from __future__ import annotations

from dataclasses import astuple
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import caps_oracle
from fintech_index.capping import CapRules, capped
from fintech_index.capping._rules import Top

values_strategy = st.lists(st.integers(1, 12) | st.integers(1, 10**12), min_size=2, max_size=12)
percents = st.integers(1, 100).map(lambda count: Fraction(count, 100))
FIVE_AT_60 = CapRules(top=Top(5, Fraction(60, 100)))


@st.composite
def topped(draw):
    """(values, rules, labels) with ceilings of names, in one tier or in two."""
    values = draw(values_strategy)
    single = draw(st.none() | st.integers(10, 60).map(lambda count: Fraction(count, 100)))
    tiers = draw(st.dictionaries(st.just("A"), percents)) if single is not None else {}
    labels = draw(st.lists(st.sampled_from("AB"), min_size=len(values), max_size=len(values)))
    count = draw(st.integers(1, max(1, len(values) // 2)))
    # From what equal weights need to a little more, so that the rule is met and binds.
    top = Top(count, min(Fraction(1), Fraction(100 * count // len(values) + draw(st.integers(1, 30)), 100)))
    return values, CapRules(single_cap=single, single_caps=tiers, top=top), labels


def ceilings(rules, labels):
    single = Fraction(1) if rules.single_cap is None else rules.single_cap
    return [rules.single_caps.get(label, single) for label in labels]


def most_filled(upper, top):
    """The k-th largest weight is at most ``cap / k``; those above it share what is left of the cap."""
    if len(upper) <= top.count:
        return min(top.cap, sum(upper))
    found = []
    for level in {min(top.cap / top.count, each) for each in [*upper, Fraction(1)]}:
        over = sum(max(each - level, 0) for each in upper)
        found.append(sum(min(each, level) for each in upper) + min(over, top.cap - top.count * level))
    return max(found)


@given(topped())
@settings(max_examples=40, deadline=None)
def test_weights_are_the_nearest_in_relative_entropy(case):
    values, rules, labels = case
    result = capped(values, rules, labels)
    assume("top" in result.binding)
    upper = ceilings(rules, labels)
    assert caps_oracle.are_nearest_with_top(values, result.weights, upper, rules.top.count, rules.top.cap) is not False


@given(topped())
@settings(max_examples=40, deadline=None)
def test_the_rule_is_met_wherever_it_can_be(case):
    values, rules, labels = case
    result = capped(values, rules, labels)
    room = most_filled(ceilings(rules, labels), rules.top)
    assert bool(result.shortfall) == (room < 1)
    if not result.shortfall:
        assert sum(result.weights) == 1
        assert sum(sorted(result.weights)[::-1][: rules.top.count]) <= rules.top.cap


@given(topped())
@settings(max_examples=40, deadline=None)
def test_laws(case):
    values, rules, labels = case
    result = capped(values, rules, labels)
    assume(not result.shortfall)
    assert all(0 < factor <= 1 for factor in result.factors)
    assert capped(result.weights, rules, labels).weights == result.weights  # once more changes nothing
    assert capped(values[::-1], rules, labels[::-1]).weights == result.weights[::-1]  # order does not matter
    if len({*ceilings(rules, labels)}) == 1:  # larger values never weigh less
        ranked = sorted(zip(values, result.weights, strict=True))
        assert [weight for _, weight in ranked] == sorted(result.weights)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=5), percents)
@settings(max_examples=20, deadline=None)
def test_one_largest_is_a_single_cap(values, cap):
    assume(len(values) * cap >= 1)
    one = capped(values, CapRules(top=Top(1, cap)))
    each = capped(values, CapRules(single_cap=cap))
    assert all(abs(a - b) < Fraction(1, 10**35) for a, b in zip(one.weights, each.weights, strict=True))


@pytest.mark.parametrize(
    ("values", "single", "top", "plateau", "binding"),
    [
        # The largest is at its 10 %, which leaves 26 % for the other three places of four.
        ([1] * 7 + [4914, 502828, 101667, 768, 1_187_222_414], 10, Top(4, Fraction(36, 100)), Fraction(26, 300), ("single_cap: 1 name", "top")),
        # Nothing is under the plateau: the three after the largest three share 35 %.
        ([2, 9, 2, 2, 2, 2], 100, Top(3, Fraction(65, 100)), Fraction(35, 300), ("top",)),
        # Nor here: the seven after the largest four share 58 %.
        ([1, 7831630399, 1, 310869424154, 4, 1, 1, 1, 1, 1, 1], 17, Top(4, Fraction(42, 100)), Fraction(58, 700), ("single_cap: 1 name", "top")),
    ],
)  # fmt: skip
def test_a_plateau_that_the_caps_alone_decide_is_exact(values, single, top, plateau, binding):
    upper = Fraction(single, 100)
    result = capped(values, CapRules(single_cap=upper, top=top))
    assert sorted(result.weights)[-top.count] == plateau
    assert result.binding == binding
    assert caps_oracle.are_nearest_with_top(values, result.weights, [upper] * len(values), *astuple(top)) is not False


def test_largest_that_stay_apart_are_scaled_and_so_are_the_others():
    result = capped([30, 25, 20, 10, 5, 2, 2, 2, 2, 2], CapRules(top=Top(3, Fraction(60, 100))))
    # 75 become 60, and 25 become 40: the third, 16 %, is just as large as the fourth.
    assert list(result.weights) == [Fraction(n, 250) for n in (60, 50, 40, 40, 20, 8, 8, 8, 8, 8)]


def test_the_fifth_does_not_fall_under_the_sixth():
    weights = capped([20, 20, 20, 20, 5, 5, 2, 2, 2, 2, 2], FIVE_AT_60).weights
    assert weights[4] == weights[5]
    assert sum(weights[:5]) == Fraction(60, 100)
    assert len(set(weights[:4])) == 1
    assert weights[3] > weights[4] > weights[6]
    # In balance: of the plateau's two names one place is among the five, so that p/5 twice is the product of both scales.
    upper, level, lower = (float(each) for each in (weights[0] / 20, weights[4] / 5, weights[6] / 2))
    assert level * level == pytest.approx(upper * lower, rel=1e-12)


def test_nothing_moves_where_the_largest_are_just_at_the_ceiling():
    result = capped([12, 12, 12, 12, 12, 10, 10, 10, 10], FIVE_AT_60)
    assert (result.moved, result.binding) == (0, ())


def test_nine_names_are_the_fewest_for_five_at_60_percent():
    nine, eight = capped([50, *range(1, 9)], FIVE_AT_60), capped([50, *range(1, 8)], FIVE_AT_60)
    assert not nine.shortfall
    assert sum(nine.weights) == 1
    assert eight.capacity == Fraction(96, 100)
    assert eight.shortfall == "8 names can fill at most 96 % of the index with the 5 largest at most 60 %"


def test_weights_of_no_finite_decimals_add_up_as_well():
    result = capped([6, 5, 4, 3, 2, 1], CapRules(top=Top(3, Fraction(1, 2))))
    assert set(result.weights) == {Fraction(1, 6)}  # nothing else is possible
