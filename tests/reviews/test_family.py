"""The family of 2020: who is in which index, and caps that hold and are the nearest to the uncapped weights."""

from __future__ import annotations

from fractions import Fraction

import pytest

import caps_oracle
import fintech_index as fi
from fintech_index.methodology import catalogue

FIELDS = ["distributed-technology", "interconnection-technology", "financial-security", "internet-finance"]
CATEGORIES = ["pay", "bnk", "sec", "wlt", "ins", "lnd", "dlt", "scr", "dat", "dev"]


@pytest.fixture(scope="module")
def composite(market):
    return fi.review(fi.Methodology.load("composite"), market).outcomes


def test_the_caps_of_the_composite_hold_and_move_no_weight_that_they_need_not(composite):
    for outcome in composite:
        category = outcome.market.securities.texts("category")
        labels = [category[who] for who in outcome.securities]
        groups = [
            ([at for at, own in enumerate(labels) if own == label], Fraction(15, 100)) for label in sorted(set(labels))
        ]
        count = len(labels)
        lower, upper = [Fraction(0)] * count, [Fraction(1, 10)] * count
        assert caps_oracle.are_nearest(outcome.weighted.values, outcome.weighted.caps.weights, lower, upper, groups)
        full = {
            label
            for (at, _), label in zip(groups, sorted(set(labels)), strict=True)
            if sum(outcome.weighted.caps.weights[each] for each in at) == Fraction(15, 100)
        }
        assert full == {"BNK", "SEC", "WLT", "DAT"}


def test_some_categories_exceed_their_cap_after_the_single_cap_alone(composite):
    """The others are lifted to it by what these lose."""
    exceeding = []
    for outcome in composite:
        category = outcome.market.securities.texts("category")
        single = fi.cap(outcome.weighted.values, {"single_cap": 0.10}).weights
        whole = {}
        for who, weight in zip(outcome.securities, single, strict=True):
            whole[category[who]] = whole.get(category[who], 0) + weight
        exceeding.append({label for label, weight in whole.items() if weight > Fraction(15, 100)})
    assert exceeding == [{"SEC", "WLT", "DAT"}, {"SEC", "WLT", "DAT"}, {"WLT"}]


@pytest.mark.parametrize("names", [FIELDS, CATEGORIES])
def test_sub_categories_partition_the_composite(market, composite, names):
    assert set(names) <= set(catalogue())
    found = []
    for name in names:
        method = fi.Methodology.load(name)
        free = method.model_copy(update={"selection": method.selection.model_copy(update={"at_least": 1})})
        uncapped = free.model_copy(update={"weighting": free.weighting.model_copy(update={"single_cap": None})})
        try:
            found += fi.review(uncapped, market, start="2020-12-14").outcomes[-1].securities
        except fi.FintechIndexError as error:
            assert "no security is eligible" in str(error)  # noqa: PT017 - some categories are empty at the base
    if names is FIELDS:
        assert sorted(found) == composite[-1].securities
    else:
        assert set(found) <= set(composite[-1].securities)
        assert len(found) == len(set(found))


def test_shenzhen_is_a_city_whatever_the_exchange(market):
    outcome = fi.review(fi.Methodology.load("shenzhen"), market).outcomes[-1]
    cities = outcome.market.securities.texts("city")
    exchanges = {outcome.market.securities.exchange[who] for who in outcome.securities}
    assert {cities[who] for who in outcome.securities} == {"Shenzhen"}
    assert exchanges == {"XSHE", "XSHG"}


def test_all_share_what_their_parent_has():
    parent = fi.Methodology.load("xiangmihu")
    for name in catalogue():
        own = fi.Methodology.load(name)
        for section in (
            "base",
            "universe",
            "review",
            "calendar",
            "actions",
            "returns",
            "chaining",
            "rounding",
            "free_float",
        ):
            assert getattr(own, section) == getattr(parent, section), (name, section)
        assert own.eligibility.model_copy(update={"scope": parent.eligibility.scope}) == parent.eligibility
