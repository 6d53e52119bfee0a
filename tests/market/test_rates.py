from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
import pytest

from fintech_index.errors import RequestError

RATES = pd.DataFrame(
    {
        "date": ["2020-03-02", "2020-01-06", "2020-01-06"],
        "name": ["deposit", "deposit", "repo"],
        "rate": [0.0125, 0.015, 0.021],
    }
)


def test_a_rate_stands_until_the_next(make_market):
    rate = make_market({"A.SH": [10.0]}, rates=RATES).rates("deposit")
    assert rate.dates == (dt.date(2020, 1, 6), dt.date(2020, 3, 2))
    assert rate.on(dt.date(2020, 1, 6)) == rate.on(dt.date(2020, 3, 1)) == Fraction(15, 1000)
    assert rate.on(dt.date(2020, 3, 2)) == Fraction(125, 10_000)


def test_rates_that_there_are_not(make_market):
    market = make_market({"A.SH": [10.0]}, rates=RATES)
    with pytest.raises(RequestError, match="no rate named 'depsit': did you mean 'deposit'"):
        market.rates("depsit")
    with pytest.raises(RequestError, match="deposit has no rate on 2020-01-05; the first is of 2020-01-06"):
        market.rates("deposit").on(dt.date(2020, 1, 5))
    with pytest.raises(RequestError, match="the table has no rows"):
        make_market({"A.SH": [10.0]}).rates("deposit")


def test_dates_of_booking_and_payment(make_market):
    paid = {"ex_date": "2020-01-07", "security": "A.SH", "kind": "cash_dividend", "cash": 1.0}
    paid |= {"record_date": "2020-01-06", "pay_date": "2020-01-15"}
    (day,) = make_market({"A.SH": [10.0] * 3}, [paid]).actions.ex_dates(0)
    assert day.actions[0].record_date == dt.date(2020, 1, 6)
    assert day.actions[0].pay_date == dt.date(2020, 1, 15)
