"""What is calculated together: a list of what is known, on every calendar, and an index of the catalogue among it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.methodology._loading import parse
from fintech_index.sweeps import _batch
from fintech_index.sweeps.nested import is_nested, nested_levels
from fintech_index.sweeps.nested._modelled import _KNOWN
from sweep_worlds import RULES, dividend, market_of, same_as_alone


@pytest.fixture(scope="module")
def small():
    return market_of(1, sessions=95)


@pytest.mark.parametrize(
    "rule",
    [
        "selection.buffer = { enter = 4, stay = 6 }",
        "selection.turnover_limit = 0.1",
        "selection.fast_entry_rank = 3",
        'selection.relax = ["turnover"]\neligibility.turnover.drop_bottom = 0.1',
        'weighting.by = "equal"',
        "weighting.group_cap = 0.5",
        "weighting.minimum_weight = 0.01",
        'weighting.prices_as_of = "effective"',
        'weighting.shares_as_of = "effective"',
        'free_float.by = "ftse"',
        'eligibility.status = { exclude = ["st"], when = "monthly" }',
        'chaining.on = "published"',
        'currency = "HKD"',
    ],
)
def test_what_is_not_on_the_list_is_for_each_variant_alone(small, rule):
    key = rule.partition(" =")[0]
    rules = "\n".join(line for line in RULES.splitlines() if not line.startswith(f"{key} ="))
    assert is_nested(parse(RULES, where="test"), small)
    assert not is_nested(parse(f"{rules}\n{rule}", where="test"), small)


def test_a_rule_that_nobody_has_thought_of_is_not_known(small, monkeypatch):
    """The list is of what is modelled: a key that is missing from it, as a new one would be, is not taken."""
    method = parse(f"{RULES}\nrounding.share_decimals = 2", where="test")
    assert is_nested(method, small)
    monkeypatch.setattr("fintech_index.sweeps.nested._modelled._KNOWN", _KNOWN - {"rounding.share_decimals"})
    assert not is_nested(method, small)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    calendar=st.sampled_from(['sessions = "home"', 'sessions = "home", home = "XHKG"', 'sessions = "all"']),
    caps=st.sampled_from([[0.3, None], [0.26, 0.4]]),
    returns=st.sampled_from(["price", "gross", "net"]),
)
def test_on_the_sessions_of_one_exchange_or_of_all(seed, calendar, caps, returns):
    """Shanghai and Hong Kong are closed on different days; some dividends go ex on a holiday of the index."""
    actions = [dividend(f"6{at:05d}.SH", f"2020-03-{10 + at % 18:02d}") for at in range(20)]
    market = market_of(seed, actions=actions, of_two=True)
    base = parse(f"{RULES}\ncalendar = {{ {calendar} }}", where="test")
    variants = fi.variants(base, {"selection.count": [4, 9, 20], "weighting.single_cap": caps})
    assert is_nested(base, market)
    same_as_alone(variants, market, returns)


@pytest.mark.parametrize("returns", ["price", "net"])
def test_variants_of_an_index_of_the_catalogue_are_nested(market, xiangmihu, monkeypatch, returns):
    variants = fi.variants(xiangmihu, {"selection.count": [20, 30, 40], "weighting.single_cap": [0.1, 0.2]})
    same_as_alone(variants, market, returns)
    monkeypatch.setattr(_batch, "calculate_baskets", None)  # nobody is alone
    assert fi.sweep(variants, market, returns=returns).levels.shape[1] == 6


def test_a_nested_family_says_whose_levels_it_gives(small):
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    assert nested_levels(variants, small, "price").names == list(variants)
