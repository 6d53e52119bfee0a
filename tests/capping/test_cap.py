from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers_csv import answers
from fintech_index.capping import cap
from fintech_index.errors import FintechIndexError, MethodologyError, RequestError

HALF = {"single_cap": 0.5}


def rules_of(row):
    """The rules of a row: "2 0.6" are the two parts of `top` and `large`, "B=0.3" is for one group."""
    rules = {key: float(row[key]) for key in ("single_cap", "group_cap", "minimum_weight") if row[key]}
    for key in ("single_caps", "group_caps"):
        if row[key]:
            rules[key] = {group: float(most) for group, most in (each.split("=") for each in row[key].split())}
    if row["top"]:
        count, most = row["top"].split()
        rules["top"] = {"count": int(count), "cap": float(most)}
    if row["large"]:
        over, most = row["large"].split()
        rules["large"] = {"over": float(over), "cap": float(most)}
    if row["groups"]:
        rules["groups"] = row["groups"].split()
    return rules


@pytest.mark.parametrize("row", answers("caps"), ids=lambda row: f"{row['values']}: {row['worked']:.40}")
def test_worked_examples(row):
    result = cap([int(value) for value in row["values"].split()], rules_of(row))
    assert list(result.weights) == [Fraction(weight) for weight in row["weights"].split()]
    assert ", ".join(result.binding) == row["binding"]
    assert (result.feasible, result.shortfall, result.capacity) == (True, "", 1)


def test_weights_come_back_in_the_kind_and_order_they_came_in():
    weights = (Fraction(3, 8), Fraction(1, 2), Fraction(1, 8))
    assert cap([30, 60, 10], HALF).weights == weights
    assert cap(np.array([30.0, 60.0, 10.0]), HALF).weights == weights
    assert list(cap({"b": 30, "a": 60, "c": 10}, HALF).weights.items()) == list(zip("bac", weights, strict=True))
    series = cap(pd.Series([30, 60, 10], index=["b", "a", "c"]), HALF)
    assert list(series.weights.items()) == list(zip("bac", weights, strict=True))
    assert list(series.factors.index) == ["b", "a", "c"]


def test_factors_are_decimals_rounded_half_up_to_twelve_places():
    assert cap([3, 4, 3], {"single_cap": 0.35}).factors == (Decimal(1), Decimal("0.807692307692"), Decimal(1))  # 21/26
    half = cap([2 * 10**12, 1], HALF).factors  # 0.0000000000005
    assert [str(factor) for factor in half] == ["1E-12", "1.000000000000"]
    below = cap([2 * 10**12 + 2, 1], HALF).factors
    assert below[0] == 0


def test_moved_is_half_of_the_differences():
    assert cap([60, 30, 10], HALF).moved == Fraction(1, 10)  # 10 from the first, 7.5 and 2.5 to the others
    assert cap([50, 30, 20], HALF).moved == 0


@given(
    st.lists(st.integers(0, 10**6), min_size=4, max_size=9), st.fractions(min_value=Fraction(1, 10**6), max_value=10**6)
)
def test_values_in_another_unit_are_the_same(values, unit):
    if sum(value > 0 for value in values) >= 2:
        assert cap([value * unit for value in values], HALF) == cap(values, HALF)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.integers(0, 5))
def test_a_value_of_0_stays_0_and_changes_nothing(values, at):
    with_zero = cap([*values[:at], 0, *values[at:]], HALF)
    zero = min(at, len(values))
    assert with_zero.weights[zero] == 0
    assert with_zero.factors[zero] == 1
    assert with_zero.weights[:zero] + with_zero.weights[zero + 1 :] == cap(values, HALF).weights


@pytest.mark.parametrize(
    "groups",
    [
        ["T", "T", "U", "U"],
        ("T", "T", "U", "U"),
        np.array(["T", "T", "U", "U"]),
        {"a": "T", "b": "T", "c": "U", "d": "U"},
        {"T": ["a", "b"], "U": {"d", "c"}},
        pd.Series({"d": "U", "c": "U", "b": "T", "a": "T"}),
    ],
    ids=lambda groups: type(groups).__name__,
)
def test_groups_may_be_given_in_any_of_these_forms(groups):
    result = cap({"a": 40, "b": 20, "c": 20, "d": 20}, {"group_cap": 0.5, "groups": groups})
    assert list(result.weights.values()) == [Fraction(1, 3), Fraction(1, 6), Fraction(1, 4), Fraction(1, 4)]


def test_names_without_a_group_are_under_no_group_cap():
    values = {"a": 50, "b": 20, "c": 10, "d": 20}
    result = cap(values, {"group_cap": 0.4, "groups": {"T": ["a"]}})
    assert list(result.weights.values()) == [Fraction(n, 100) for n in (40, 24, 12, 24)]
    assert result.binding == ("group_cap: T",)


@pytest.mark.parametrize("none", [None, math.nan, pd.NA], ids=str)
def test_no_group_is_no_group_called_none(none):
    result = cap([50, 20, 10, 20], {"group_cap": 0.4, "groups": ["T", none, none, none]})
    assert list(result.weights) == [Fraction(n, 100) for n in (40, 24, 12, 24)]


def test_caps_that_cannot_be_met_are_reported_not_raised():
    result = cap([30, 20, 10], {"single_cap": 0.3})
    assert not result.feasible
    assert result.capacity == Fraction(9, 10)
    assert result.shortfall == (
        "3 names can fill at most 90 % of the index under their caps. "
        "A cap of 30 % needs 4 names, or 3 names a cap of at least 1/3"
    )
    assert (result.weights, result.factors, result.binding) == ((), (), ())
    assert cap({"a": 30, "b": 20}, {"single_cap": 0.3}).weights == {}
    assert len(cap(pd.Series({"a": 30, "b": 20}), {"single_cap": 0.3}).weights) == 0


def test_names_of_value_0_do_not_help_to_fill():
    assert cap([80, 10, 0, 0], {"single_cap": 0.4}).capacity == Fraction(8, 10)


@pytest.mark.parametrize(
    ("rules", "capacity"),
    [
        ({"top": {"count": 2, "cap": 0.5}}, Fraction(75, 100)),  # a quarter each
        ({"large": {"over": 0.2, "cap": 0.3}}, Fraction(70, 100)),  # 30, 20, 20
        ({"large": {"over": 0.2, "count": 0}}, Fraction(60, 100)),
        ({"group_cap": 0.3, "groups": ["A", "A", "B"]}, Fraction(60, 100)),
        ({"minimum_weight": 0.4}, 1),  # floors of 120 % are what cannot be met
        ({"minimum_weight": 0.3, "group_cap": 0.5, "groups": ["A", "A", "B"]}, 1),
    ],
    ids=str,
)
def test_the_capacity_says_how_much_ceilings_hold(rules, capacity):
    result = cap([30, 20, 10], rules)
    assert (result.feasible, result.capacity, result.weights) == (False, capacity, ())


@pytest.mark.parametrize(
    "values",
    [
        [1e-300, 1e300, 1],
        [5e-324, 1, 1.7976931348623157e308],
        [Decimal("1E-400"), 1, Decimal("1E+400")],
        [1, 10**40, 10**400],
    ],
    ids=["floats", "least float", "decimals", "integers"],
)
def test_magnitudes_do_not_matter(values):
    result = cap(values, HALF)
    assert sum(result.weights) == 1
    assert max(result.weights) == Fraction(1, 2)
    assert all(weight > 0 for weight in result.weights)


NO_WEIGHTS = "there are no weights above 0 to cap"


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([], NO_WEIGHTS),
        ({}, NO_WEIGHTS),
        ([0, 0.0], NO_WEIGHTS),
        ([3, -1], "1: -1 is negative"),
        ({"a": -0.5, "b": 1}, "a: -0.5 is negative"),
        ([math.nan, 1], "0: nan is no number"),
        ([1, math.inf], "1: inf is no number"),
        ([Decimal("NaN")], "is no number"),
        ([None, 1], "0: None is no number"),
        (["many", 1], "0: 'many' is no number"),
        ([[1, 2], 3], "is no number"),
        (np.array([[1, 2]]), "must be a sequence, a mapping or a Series"),
        (pd.Series([1.0, None]), "1: nan is no number"),
        (5, "must be a sequence, a mapping or a Series, not 5"),
        (None, "not None"),
        ({3, 4}, "not {3, 4}"),
    ],
    ids=str,
)
def test_weights_that_cannot_be_capped(weights, said):
    with pytest.raises(RequestError, match=said.replace("[", r"\[")):
        cap(weights, HALF)


@pytest.mark.parametrize("weights", ["123", b"123", [True, 2], ["3", 1], np.float64(3)], ids=repr)
def test_texts_and_truths_are_no_weights(weights):
    with pytest.raises(RequestError):
        cap(weights, HALF)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"single_cap": 0}, "single_cap: 0"),
        ({"single_cap": 1.01}, "single_cap: 1.01"),
        ({"single_cap": -0.1}, "single_cap: -0.1"),
        ({"single_cap": math.nan}, "single_cap"),
        ({"single_cap": "0.1"}, "single_cap"),
        ({"single_cap": True}, "single_cap"),
        ({"single_cap": Fraction(1, 3)}, "1/3 is no finite decimal"),
        ({"group_caps": {"T": 2}}, "group_caps.T: 2"),
        ({"minimum_weight": 0}, "minimum_weight: 0"),
        ({"minimum_weight": 0.2, "single_cap": 0.1}, "minimum_weight 0.2 is more than single_cap 0.1"),
        ({"singel_cap": 0.1}, "did you mean 'single_cap'"),
        ({"top": {"count": 0, "cap": 0.5}}, "top.count"),
        ({"top": {"count": 5}}, "top.cap: missing"),
        ({"large": {"over": 0.05}}, "large needs a cap or a count"),
        ({"large": {"over": 0.05, "cap": 0.4}, "top": {"count": 5, "cap": 0.6}}, "does not go together"),
        ({"large": {"over": 0.05, "cap": 0.4}, "group_cap": 0.4}, "does not go together"),
        ({"nasdaq_100": "2023", "single_cap": 0.1}, "does not go together"),
        ({"nasdaq_100": "2024"}, "nasdaq_100"),
    ],
    ids=str,
)
def test_rules_that_do_not_work(rules, said):
    with pytest.raises(MethodologyError, match=said):
        cap([3, 2, 1], rules)


@pytest.mark.parametrize("rules", [None, 0.1, [("single_cap", 0.1)]], ids=str)
def test_rules_are_a_mapping(rules):
    with pytest.raises(RequestError, match="the rules of `cap` are a mapping"):
        cap([3, 2, 1], rules)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (["T"], "1 groups for 3 weights"),
        (["T"] * 4, "4 groups for 3 weights"),
        ({"T": ["a", "b"], "U": ["b", "c"]}, "'b' is also in T: groups must not overlap"),
        ({"T": ["a", "z"]}, "'z' is not among the weights"),
        ({"z": "T"}, "'z' is not among the weights"),
    ],
    ids=str,
)
def test_groups_that_do_not_fit(groups, said):
    with pytest.raises(RequestError, match=said):
        cap({"a": 3, "b": 2, "c": 1}, {"group_cap": 0.5, "groups": groups})


@pytest.mark.parametrize("groups", [5, "abc", True], ids=repr)
def test_groups_are_a_sequence_or_a_mapping(groups):
    with pytest.raises(RequestError):
        cap({"a": 3, "b": 2, "c": 1}, {"group_cap": 0.5, "groups": groups})


@pytest.mark.parametrize(
    "rules", [{"group_cap": 0.5}, {"group_caps": {"T": 0.5}}, {"single_caps": {"T": 0.5}}], ids=str
)
def test_caps_of_groups_need_groups(rules):
    with pytest.raises(FintechIndexError, match="groups"):
        cap([3, 2, 1], rules)


def test_the_caps_of_a_methodology_can_be_taken_as_they_are():
    import fintech_index as fi

    weighting = fi.Methodology.load("composite").weighting
    with pytest.raises(RequestError, match="caps of groups need `groups`"):
        cap([60, 30, 10], weighting)
    alone = fi.Methodology.load("shenzhen").weighting
    assert cap(list(range(1, 21)), alone) == cap(list(range(1, 21)), {"single_cap": 0.15})
