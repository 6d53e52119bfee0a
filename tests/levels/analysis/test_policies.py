"""The policy bill: each other treatment, by event."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi

SESSIONS = [str(day.date()) for day in pd.bdate_range("2020-01-06", periods=4)]


def bill(history, setting, alternative):
    frame = history.policies()
    return frame[(frame["setting"] == setting) & (frame["alternative"] == alternative)]


def two(make_market, close, action):
    closes = {"A.SH": close, "B.SH": [10.0] * 4}
    held = dict.fromkeys(closes, 7000)
    return make_market(closes, [action | {"ex_date": SESSIONS[1], "security": "A.SH"}], held)


def test_a_restructuring_absorbed_by_the_divisor(make_method, make_market):
    """7000 x 10 + 7000 x 10, and A is set to 8: performance is -10 %, absorbed it is nothing."""
    history = fi.calculate(
        make_method(), two(make_market, [10.0, 8.0, 8.0, 8.0], {"kind": "restructuring", "price": 8.0})
    )
    found = bill(history, "actions.restructuring", "absorbed")
    assert found["event"].tolist() == ["restructuring A.SH"]
    assert found["date"].astype(str).tolist() == [SESSIONS[1]]
    # 1000 instead of 900: 11.11 % more, in basis points
    assert found[["price", "gross", "net"]].iloc[0].tolist() == pytest.approx([10000 / 9] * 3)


def test_a_special_dividend_in_the_price_index(make_method, make_market):
    action = {"kind": "special_dividend", "cash": 2.0}
    history = fi.calculate(make_method(), two(make_market, [10.0, 8.0, 8.0, 8.0], action))
    found = bill(history, "actions.special_dividend", "net").iloc[0]
    # price 18/18.2 instead of 18/20; gross and net as before
    assert found["price"] == pytest.approx((200 / 182 - 1) * 10**4)
    assert (found["gross"], found["net"]) == pytest.approx((0, 0), abs=1e-9)


def test_weights_that_differ_afterwards_are_a_row_of_their_own(make_method, make_market):
    """Rights taken up or not: then A weighs otherwise, and its price moves on a day without events."""
    action = {"kind": "rights", "ratio": 1.0, "price": 4.0}
    history = fi.calculate(make_method(), two(make_market, [10.0, 7.0, 14.0, 14.0], action))
    found = bill(history, "actions.rights", "weight_neutral")
    assert found["event"].tolist() == ["between events"]  # the ex close is TERP: no difference on the day
    # 14000 x 14 + 70000 on 168000 is 266/168; weight neutral 7000 x 10/7 = 10000 shares, and 210/140
    assert found["price"].iloc[0] == pytest.approx((210 / 140 / (266 / 168) - 1) * 10**4)


def test_what_is_not_possible_says_why(make_method, make_market):
    delisting = {"kind": "delisting"}
    history = fi.calculate(make_method(), two(make_market, [10.0, None, None, None], delisting))
    frame = history.policies()
    refused = frame[frame["refused"] != ""].set_index("alternative")["refused"]
    assert "needs a `newcomer`" in refused["newcomer"]
    assert list(refused.index) == ["newcomer"]  # what the weighting has no choice of is not said at all


def test_every_choice_of_a_treatment_is_tried(history):
    tried = history.policies("2020-05-21", "2020-05-21")
    assert set(tried["setting"]) >= {"actions.basis", "returns.dividends"}
    for setting, value, other in zip(tried["setting"], tried["value"], tried["alternative"], strict=True):
        assert value != other, setting


def test_the_basis_of_carried_prices_is_the_alternatives(make_method, make_market):
    """A suspended over a split of 2 and cash of 1, from 24: carried at 11 one after another, at 11.50 at once."""
    terms = [{"kind": "split", "ratio": 2.0}, {"kind": "cash_dividend", "cash": 1.0}]
    actions = [each | {"ex_date": SESSIONS[1], "security": "A.SH"} for each in terms]
    market = make_market({"A.SH": [24.0, None, 11.0, 11.0], "B.SH": [10.0] * 4}, actions, {"A.SH": 1000, "B.SH": 1000})
    history = fi.calculate(make_method('actions.basis = "sequential"'), market)
    found = bill(history, "actions.basis", "pre").iloc[0]
    # 33000 of 34000 instead of 32000 on the day; gross 1000 of 33000 less is reinvested, and the level is 1000 in both
    assert found["price"] == pytest.approx((33 / 32 - 1) * 10**4)
    assert found["gross"] == pytest.approx(0, abs=1e-9)
