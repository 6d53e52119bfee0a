"""What an index opens with: after the day's actions and reviews, at reference prices."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError

DAYS = ["2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"]


def on(day, security, kind, **terms):
    return {"ex_date": DAYS[day], "security": security, "kind": kind, **terms}


def test_a_bonus_by_hand(make_method, make_market):
    """A, 1,000 shares at 12, gets 1 for 2: 1,500 that open at 8; the divisor stays."""
    market = make_market({"A.SH": [12.0, 12.0, 8.2], "B.SH": [5.0, 5.0, 5.0]}, [on(2, "A.SH", "bonus", ratio=0.5)])
    history = fi.calculate(make_method(), market)
    opening = history.opening(DAYS[2])
    assert opening.securities == ("A.SH", "B.SH")
    assert opening.prices == (8, 5)
    assert opening.index_shares.tolist() == [1500, 1000]
    assert opening.value == 1500 * 8 + 1000 * 5 == history.published(DAYS[1]).market_value
    assert opening.divisors == history.published(DAYS[1]).divisors == history.published(DAYS[2]).divisors
    assert opening.rates == {"CNY": 1}


def test_a_dividend_by_hand(make_method, make_market):
    """1 of 10 is paid: the price level opens at 950, gross opens where it closed."""
    market = make_market({"A.SH": [10.0] * 3, "B.SH": [10.0] * 3}, [on(2, "A.SH", "cash_dividend", cash=1.0)])
    history = fi.calculate(make_method("returns.withholding_tax = 0.10"), market)
    opening = history.opening(DAYS[2])
    assert opening.prices == (9, 10)
    levels = {each: opening.value / Fraction(divisor) for each, divisor in opening.divisors.items()}
    assert levels["price"] == 950
    assert float(levels["gross"]) == pytest.approx(1000, abs=1e-12)
    assert float(levels["net"]) == pytest.approx(19_000 / 19_100 * 1000 * 1.0, abs=2.0)
    assert levels["net"] < levels["gross"]


def test_who_is_suspended_opens_at_its_carried_price(make_method, make_market):
    market = make_market({"A.SH": [9.0, None, None], "B.SH": [5.0] * 3}, [on(2, "A.SH", "cash_dividend", cash=1.0)])
    history = fi.calculate(make_method(), market)
    assert history.opening(DAYS[1]).prices == (9, 5)
    assert history.opening(DAYS[2]).prices == (8, 5)


def test_the_session_after_the_last_close(make_method, make_market):
    """What is known the evening before is what the day then had."""
    closes = {"A.SH": [12.0, 12.0, 8.2], "B.SH": [5.0, 5.0, 5.0]}
    happened = [on(2, "A.SH", "bonus", ratio=0.5)]
    whole = fi.calculate(make_method(), make_market(closes, happened))
    cut = make_market({code: own[:2] for code, own in closes.items()}, happened)
    before = fi.calculate(make_method(), cut.with_sessions_to_come(np.array([], "datetime64[D]")))
    told, then = before.opening(DAYS[2]), whole.opening(DAYS[2])
    assert (told.prices, told.divisors, told.rates) == (then.prices, then.divisors, then.rates)
    assert told.index_shares.tolist() == then.index_shares.tolist()


@pytest.mark.parametrize("day", ["2020-06-05", "2020-06-15", "2020-12-14"])
def test_the_next_open_of_the_embedded_market(xiangmihu, market, history, day):
    """2020-06-05 has a bonus, and the other two are effective dates."""
    at = market.session(day)
    evening = fi.calculate(xiangmihu, market.on_sessions(np.arange(at)))
    told, then = evening.opening(day), history.opening(day)
    assert (told.securities, told.prices, told.divisors) == (then.securities, then.prices, then.divisors)
    assert told.index_shares.tolist() == then.index_shares.tolist()
    held = history.holdings
    open_now = held[(held["start"] <= day) & (held["stop"].isna() | (held["stop"] > day))]
    assert dict(zip(told.securities, told.index_shares.tolist(), strict=True)) == {
        row.security: int(row.index_shares * 10**told.share_decimals) for row in open_now.itertuples()
    }


def test_several_currencies(make_method, make_market):
    securities = pd.DataFrame({"security": ["A.SH", "H.HK"], "name": "", "exchange": ["XSHG", "XHKG"]})
    securities = securities.assign(board="main", currency=["CNY", "HKD"])
    fx = pd.DataFrame({"date": DAYS[:3], "currency": "HKD", "rate": [0.9, 0.8, 0.7]})
    market = make_market({"A.SH": [10.0] * 3, "H.HK": [10.0] * 3}, securities=securities, fx=fx)
    opening = fi.calculate(make_method('calendar.sessions = "any"'), market).opening(DAYS[2])
    assert opening.currencies == ("CNY", "HKD")
    assert opening.rates == {"CNY": 1, "HKD": Fraction(8, 10)}  # of the close before
    assert opening.value == 1000 * 10 + 1000 * 8


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("2020-01-06", "an index has an opening from the second on"),
        ("2020-01-11", "is no session|is not the session after"),
        ("2020-03-02", "2020-03-02 is not the session after 2020-01-08; the next session is 2020-01-09"),
    ],
)
def test_dates_without_an_opening(make_method, make_market, date, message):
    market = make_market({"A.SH": [10.0] * 3, "B.SH": [10.0] * 3})
    history = fi.calculate(make_method(), market)
    with pytest.raises(RequestError, match=message):
        history.opening(date)


def test_divisors_are_published_numbers(history):
    assert all(isinstance(each, Decimal) for each in history.opening("2020-06-15").divisors.values())
