"""The engine against the fractions of `oracle`, on generated histories: every digit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
import oracle
from fintech_index.methodology._loading import parse
from worlds import as_tables, worlds

VARIANTS = ("price", "gross", "net")


def method_of(rules):
    cap = "" if rules.cap is None else f"weighting.single_cap = {float(rules.cap)}\n"
    return parse(
        f'name = "generated"\nbase = {{ date = {rules.base}, value = {rules.base_value} }}\n'
        f"review.months = {list(rules.months)}\n{cap}actions.special_dividend = '{rules.special}'",
        where="test",
    )


def assert_same(history, expected):
    assert [date.date() for date in history.levels.index] == list(expected)
    for variant in VARIANTS:
        levels = [Decimal(f"{value:.4f}") for value in history.levels[variant]]
        assert levels == [each[0][variant] for each in expected.values()]
        divisors = [Fraction(value) for value in history.divisors[variant]]
        assert divisors == [each[1][variant] for each in expected.values()]
    assert [Fraction(value) for value in history.market_values] == [each[2] for each in expected.values()]


@given(worlds())
def test_levels_divisors_and_market_values_equal_the_oracle(world_and_rules):
    world, rules = world_and_rules
    market = fi.MarketData.from_tables(**as_tables(world))
    history = fi.calculate(method_of(rules), market)
    assert history.exact
    assert_same(history, oracle.calculate(world, rules))


@given(worlds(), st.data())
def test_a_history_split_anywhere_and_gone_on_with_is_the_whole(world_and_rules, data):
    world, rules = world_and_rules
    market, method = fi.MarketData.from_tables(**as_tables(world)), method_of(rules)
    whole = fi.calculate(method, market)
    at = data.draw(st.integers(0, len(whole.levels) - 2))
    state = fi.State.from_json(whole.state(whole.sessions[at]).to_json())
    rest = fi.calculate(method, market, resume=state)
    assert rest.levels.equals(whole.levels.iloc[at + 1 :])
    assert rest.divisors.equals(whole.divisors.iloc[at + 1 :])
    for when in {len(rest.sessions) - 1, len(rest.sessions) // 2}:
        date = rest.sessions[when]
        assert rest.state(date) == whole.state(date)
        assert rest.constituents(date).equals(whole.constituents(date))


@given(worlds(), st.data())
def test_baskets_of_ones_own_equal_the_oracle(world_and_rules, data):
    world, rules = world_and_rules
    places = sorted(data.draw(st.sets(st.integers(2, len(world.sessions) - 1), min_size=1, max_size=3)))
    names = [who for who in world.currency if world.carried(who)[places[0] - 1] is not None]
    if not names:
        return
    made = [(at - 1, at, {who: data.draw(st.integers(1, 10**5)) for who in names}) for at in places]
    rows = [
        {"effective": world.sessions[at], "security": who, "index_shares": n}
        for _, at, own in made
        for who, n in own.items()
    ]
    market = fi.MarketData.from_tables(**as_tables(world))
    history = fi.calculate(method_of(rules), market, fi.Baskets.from_frame(pd.DataFrame(rows)))
    assert_same(history, oracle.calculate(world, rules, made))


@given(worlds(currencies=("CNY",), scales=(1, 100)))
def test_the_float_path_is_within_1e_12_of_the_oracle(world_and_rules):
    world, rules = world_and_rules
    tables = as_tables(world)
    tables["prices"]["close"] = tables["prices"]["close"] / 3  # no decimal any more
    world.prices = {(row.security, row.date): Fraction(row.close) for row in tables["prices"].itertuples()}
    for days in world.actions.values():  # dividends of the larger prices would leave nothing of these
        for date in list(days):
            days[date].cash = days[date].special = Fraction(0)
            if not (days[date].bonus or days[date].rights_ratio or days[date].split != 1):
                del days[date]
    tables["actions"] = tables["actions"][~tables["actions"]["kind"].isin(["cash_dividend", "special_dividend"])]
    market = fi.MarketData.from_tables(**tables)
    history = fi.calculate(method_of(rules), market)
    assert not history.exact
    expected = oracle.calculate(world, rules)
    for variant in VARIANTS:
        for value, divisor, (_, divisors, worth) in zip(
            history.market_values, history.divisors[variant], expected.values(), strict=True
        ):
            level = Fraction(value) / Fraction(divisor)
            assert float(level) == pytest.approx(float(worth / divisors[variant]), rel=1e-12, abs=0)
