"""Laws of a divisor, on markets in which anything may happen."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.rounding import round_significant
from happenings import SESSIONS, baskets_of, happenings, market_of, method_of, methods

VARIANTS = ("price", "gross", "net")


def calculated(method, closes, actions):
    """A history, or nothing where the terms leave nothing: that is an error of its own kind, tested elsewhere."""
    baskets = fi.Baskets.from_frame(baskets_of(method.weighting.by))
    try:
        return fi.calculate(method, market_of(closes, actions), baskets)
    except FintechIndexError:
        assume(False)


def frames(history):
    return history.levels, history.divisors, history.divisor_changes, history.holdings


def assert_same(one, other):
    for mine, theirs in zip(frames(one), frames(other), strict=True):
        pd.testing.assert_frame_equal(mine, theirs)


@given(methods(), happenings())
def test_the_amounts_reproduce_every_divisor(method, happened):
    history = calculated(method, *happened)
    closing = dict(zip(history.sessions[1:].tolist(), history.market_values, strict=False))
    for (date, variant), own in history.divisor_changes.groupby(["date", "variant"]):
        before = history.divisors[variant].shift(1)[date]
        revalued = sum(map(Fraction, own.loc[own["cause"] == "revaluation", "amount"]))
        value = Fraction(closing[date.date()])
        moved = Fraction(before) * (value + sum(map(Fraction, own["amount"]))) / (value + revalued)
        assert set(own["divisor"]) == {history.divisors.loc[date, variant]} == {round_significant(moved, 18)}


@given(methods(), happenings(), st.randoms())
def test_the_order_of_the_rows_never_matters(method, happened, random):
    closes, actions = happened
    shuffled = random.sample(actions, len(actions))
    assert_same(calculated(method, closes, actions), calculated(method, closes, shuffled))


@given(methods(), happenings(), st.integers(0, len(SESSIONS) - 2))
def test_a_history_gone_on_with_from_any_close_is_the_whole(method, happened, at):
    closes, actions = happened
    whole = calculated(method, closes, actions)
    state = fi.State.from_json(whole.state(SESSIONS[at]).to_json())
    baskets = fi.Baskets.from_frame(baskets_of(method.weighting.by))
    rest = fi.calculate(method, whole.market, baskets, resume=state)
    assert rest.levels.equals(whole.levels.iloc[at + 1 :])
    assert rest.divisors.equals(whole.divisors.iloc[at + 1 :])
    assert rest.state(SESSIONS[-1]) == whole.state(SESSIONS[-1])


@given(methods(fixed={"actions.special_dividend": "none"}), happenings())
def test_price_grows_least_and_gross_most(method, happened):
    history = calculated(method, *happened)
    assert (history.levels["price"] <= history.levels["net"]).all()
    assert (history.levels["net"] <= history.levels["gross"]).all()


@given(methods(), happenings())
def test_gross_without_tax_is_net(method, happened):
    free = method.model_copy(update={"returns": method.returns.model_copy(update={"withholding_tax": 0})})
    history = calculated(free, *happened)
    assert history.levels["gross"].equals(history.levels["net"])
    assert history.divisors["gross"].equals(history.divisors["net"])


@given(methods(), happenings(), st.integers(0, len(SESSIONS) - 1))
def test_a_rename_changes_nothing(method, happened, at):
    closes, actions = happened
    later = {key if key[1] != "B.SH" or key[0] < SESSIONS[at] else (key[0], "Z.SH"): n for key, n in closes.items()}
    renamed = [
        row | {"security": "Z.SH"} if row["security"] == "B.SH" and row["ex_date"] >= SESSIONS[at] else row
        for row in actions
    ]
    rename = {"ex_date": SESSIONS[at], "security": "B.SH", "kind": "rename", "new_security": "Z.SH"}
    assert_same(calculated(method, closes, actions), calculated(method, later, [*renamed, rename]))


@pytest.mark.parametrize("by", ["free_float_cap", "equal", "price"])
@given(happened=happenings(), ratio=st.sampled_from([0.2, 0.5, 0.8, 1.25, 2.0, 5.0]))
def test_a_split_and_its_opposite_cancel(by, happened, ratio):
    closes, actions = happened
    assume(
        all(row["ex_date"] != SESSIONS[7] or row["kind"] != "merger" for row in actions)
    )  # its ratio is D's of the day
    method = method_of(by, {"actions.price_weight_splits": "factor"} if by == "price" else {})
    steady = closes | dict.fromkeys(((date, "D.SH") for date in SESSIONS), 12.0)
    split = {"ex_date": SESSIONS[6], "security": "D.SH", "kind": "split", "ratio": ratio}
    opposite = {"ex_date": SESSIONS[7], "security": "D.SH", "kind": "split", "ratio": 1 / ratio}
    plain = calculated(method, steady, actions)
    there_and_back = calculated(method, steady | {(SESSIONS[6], "D.SH"): 12 / ratio}, [*actions, split, opposite])
    held = [each.constituents(SESSIONS[8]).loc["D.SH", "index_shares"] for each in (plain, there_and_back)]
    assert held[0] == held[1]


@given(methods(fixed={"returns.dividends": "points"}), happenings(kinds=("cash_dividend", "bonus", "split")))
def test_index_points_are_the_published_formula(method, happened):
    """TR_t = TR_{t-1} x (PI_t + ID_t) / PI_{t-1}, from the dividends that the opening value would have."""
    points = calculated(method, *happened)
    opening = calculated(
        method.model_copy(update={"returns": method.returns.model_copy(update={"dividends": "opening"})}), *happened
    )
    paid = opening.divisor_changes.query("cause == 'cash_dividend'").groupby(["date", "variant"])["amount"].sum()
    values = points.market_values
    for variant in ("gross", "net"):
        for at in range(1, len(SESSIONS)):
            date = points.levels.index[at]
            price = [Fraction(values.iloc[n]) / Fraction(points.divisors["price"].iloc[n]) for n in (at - 1, at)]
            total = [Fraction(values.iloc[n]) / Fraction(points.divisors[variant].iloc[n]) for n in (at - 1, at)]
            dividends = -Fraction(paid.get((date, variant), 0)) / Fraction(points.divisors["price"].iloc[at])
            expected = total[0] * (price[1] + dividends) / price[0]
            assert float(total[1]) == pytest.approx(float(expected), rel=1e-15)


@given(methods(), happenings())
def test_points_of_a_day_add_up_to_the_change_of_the_level(method, happened):
    history = calculated(method, *happened)
    for at in range(1, len(SESSIONS)):
        told = history.explain(SESSIONS[at])
        for variant in VARIANTS:
            change = history.levels[variant].iloc[at] - history.levels[variant].iloc[at - 1]
            assert told[variant].sum() == pytest.approx(change, abs=1e-7)
            assert abs(told.loc[told["kind"] == "rounding", variant].iloc[0]) < 2e-4
