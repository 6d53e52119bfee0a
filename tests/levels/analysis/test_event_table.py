"""What happens to an index: done days, and days to come."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError
from fintech_index.rounding import round_significant


def test_every_divisor_change_is_in_the_events(history):
    told = history.events()
    changes = history.divisor_changes
    for variant in ("price", "gross", "net"):
        moved = told[told[f"{variant}_amount"] != 0]
        own = changes[changes["variant"] == variant]
        assert [*zip(moved["date"], moved["security"], moved["event"], moved[f"{variant}_amount"], strict=True)] == [
            *zip(own["date"], own["security"], own["cause"], own["amount"], strict=True)
        ]
        after = dict(zip(told["date"], told[f"{variant}_divisor_after"], strict=True))
        assert all(after[row.date] == row.divisor for row in own.itertuples())


def test_a_day_with_a_bonus_and_a_dividend(history):
    told = history.events("2020-05-21", "2020-05-21")
    bonus = told[(told["security"] == "300059.SZ") & (told["event"] == "bonus")].iloc[0]
    assert bonus["terms"] == "ratio 0.2"
    assert (bonus["shares_before"], bonus["shares_after"]) == (Decimal(1993611692), Decimal(2392334030))
    assert (bonus["close_before"], bonus["reference_price"]) == (
        Decimal("17.95"),
        Decimal("14.93"),
    )  # (17.95 - 0.034) / 1.2
    assert bonus["price_amount"] == bonus["gross_amount"] == 0
    assert bonus["closing_value"] == history.market_values.loc["2020-05-20"]
    changes = history.divisor_changes
    moved = changes.loc[(changes["date"] == "2020-05-21") & (changes["variant"] == "gross"), "amount"].sum()
    assert bonus["gross_opening"] == bonus["closing_value"] + moved
    divisor = (
        Fraction(bonus["gross_divisor_before"]) * Fraction(bonus["gross_opening"]) / Fraction(bonus["closing_value"])
    )
    assert bonus["gross_divisor_after"] == round_significant(divisor, 18)
    assert bonus["gross_divisor_before"] == history.divisors.loc["2020-05-20", "gross"]
    assert bonus["gross_divisor_after"] == history.divisors.loc["2020-05-21", "gross"]


def test_a_review_says_who_enters_and_who_leaves(history):
    told = history.events("2020-06-15", "2020-06-15").iloc[0]
    assert (told["security"], told["event"], told["terms"]) == ("", "review", "47 constituents; in 603927.SH")
    base = history.events("2020-01-02", "2020-01-02").iloc[0]
    assert (base["event"], base["terms"]) == ("review", "46 constituents")
    assert base["price_divisor_before"] is None


def test_an_action_that_changes_nothing_is_told_all_the_same(make_method, make_market):
    rights = {"ex_date": "2020-01-07", "security": "A.SH", "kind": "rights", "ratio": 0.3, "price": 11.0}
    history = fi.calculate(make_method(), make_market({"A.SH": [10.0, 10.0]}, [rights]))
    told = history.events("2020-01-07").iloc[0]
    assert (told["event"], told["terms"], told["price_amount"]) == ("rights", "ratio 0.3, price 11", 0)
    assert told["shares_before"] == told["shares_after"] == 1000


@pytest.fixture(scope="module")
def cut_off(market):
    """The embedded market as it was after the close of 2020-06-04, with two weeks to come."""
    last = market.session("2020-06-04")
    known = market.on_sessions(np.arange(last + 1))
    assert known.sessions[-1] == np.datetime64("2020-06-04")
    return known.with_sessions_to_come(market.sessions[last + 1 : last + 9])


def test_the_next_session_is_known_before_it_opens(xiangmihu, history, cut_off):
    """2020-06-05, 600570: index shares and divisors at the open are those that the day then had."""
    ahead = fi.calculate(xiangmihu, cut_off).events("2020-06-05", "2020-06-05")
    then = history.events("2020-06-05", "2020-06-05")
    pd.testing.assert_frame_equal(ahead, then)


def test_later_sessions_stand_as_at_the_last_close(xiangmihu, history, cut_off):
    ahead = fi.calculate(xiangmihu, cut_off)
    assert ahead.events("2020-06-08", "2020-06-16")["event"].tolist() == [
        *("bonus", "cash_dividend", "cash_dividend", "cash_dividend", "cash_dividend", "cash_dividend", "review")
    ]
    assert ahead.events("2020-06-08")["shares_after"].iloc[0] == history.events("2020-06-08")["shares_after"].iloc[0]
    assert ahead.levels["price"].loc["2020-06-05"] != history.levels["price"].loc["2020-06-05"]


def test_a_window_without_a_session(history):
    assert history.events("2020-01-04", "2020-01-06").empty  # a Monday on which nothing happens
    with pytest.raises(
        RequestError, match="xiangmihu: no session from 2020-01-04 to 2020-01-05; the history runs from"
    ):
        history.events("2020-01-04", "2020-01-05")


@pytest.mark.parametrize("listed", ["2020-01-08", "2020-02-03"])
def test_a_spin_off_to_come(listed, make_method, make_market):
    """The child enters at zero; the parent stands at its last close, with the child in it."""
    securities = pd.DataFrame({"security": ["A.SH", "B.SH", "K.SH"], "name": "", "listed": [None, None, listed]})
    securities = securities.assign(exchange="XSHG", board="main", currency="CNY")
    spin_off = {"ex_date": "2020-01-08", "security": "A.SH", "kind": "spin_off", "child": "K.SH", "ratio": 0.5}
    counts = {"A.SH": 1000, "B.SH": 1000}
    market = make_market({"A.SH": [10.0] * 2, "B.SH": [5.0] * 2}, [spin_off], counts, securities=securities)
    coming = market.with_sessions_to_come(np.array(["2020-01-08", "2020-01-09"], "datetime64[D]"))
    history = fi.calculate(make_method('universe.securities = ["A.SH", "B.SH"]'), coming)
    assert history.constituents("2020-01-08")["index_shares"].to_dict() == {"A.SH": 1000, "B.SH": 1000, "K.SH": 500}
    assert (history.levels == 1000).all(axis=None)
    assert history.events("2020-01-08")["event"].tolist() == ["spin_off"]
