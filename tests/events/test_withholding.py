"""What the net return loses of a dividend: the methodology's rate, the table's, or 10 %."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError

TABLE = pd.DataFrame(
    [("CN", "2000-01-01", 0.20), ("CN", "2020-01-08", 0.05), ("US", "2000-01-01", 0.30)],
    columns=["country", "effective", "rate"],
)
CASH = {"kind": "cash_dividend", "cash": 1.0}


def net_divisors(make_market, method, table=None, securities=None):
    actions = [CASH | {"ex_date": date, "security": "600000.SH"} for date in ("2020-01-07", "2020-01-08")]
    market = make_market({"600000.SH": [10.0, 9.0, 8.0]}, actions, withholding=table, securities=securities)
    return [Fraction(value) for value in fi.calculate(method, market).divisors["net"]]


def test_the_methodologys_rate_is_taken_over_the_tables(make_method, make_market):
    # 10, then 10 x (1 - 0.07), then x (9 - 0.7) / 9
    found = net_divisors(make_market, make_method("returns.withholding_tax = 0.30"), TABLE)
    assert found[1] == Fraction("9.3")


def test_the_table_goes_by_country_and_date(make_method, make_market):
    found = net_divisors(make_market, make_method(), TABLE)
    assert found[1] == Fraction("9.2")  # 20 % up to 2020-01-07
    assert float(found[2]) == pytest.approx(9.2 * (9 - 0.95) / 9, rel=1e-15)  # 5 % from 2020-01-08 on


def test_without_a_table_it_is_10_percent(make_method, make_market):
    assert net_divisors(make_market, make_method())[1] == Fraction("9.1")


def test_a_security_may_say_its_country(make_method, make_market):
    described = {"security": ["600000.SH"], "name": [""], "exchange": ["XSHG"], "board": ["main"], "currency": ["CNY"]}
    securities = pd.DataFrame(described | {"country": ["US"]})
    assert net_divisors(make_market, make_method(), TABLE, securities)[1] == Fraction("9.3")


def test_a_country_without_a_rate(make_method, make_market):
    with pytest.raises(MarketDataError, match=r"withholding, 2020-01-07: no rate for CN \(600000.SH\): add it"):
        net_divisors(make_market, make_method(), TABLE[TABLE["country"] == "US"])


@pytest.mark.parametrize(("rate", "message"), [(1.0, "which is not below 1"), (-0.1, "which is below 0")])
def test_a_rate_that_cannot_be(rate, message, make_method, make_market):
    with pytest.raises(MarketDataError, match=message):
        net_divisors(make_market, make_method(), TABLE.assign(rate=rate))


def test_a_rate_of_each_date(market):
    table = fi.MarketData.from_tables(
        pd.DataFrame({"date": ["2020-01-06"], "security": ["600000.SH"], "close": [1.0]}), withholding=TABLE
    ).withholding
    assert table.rate("CN", dt.date(1999, 12, 31)) is None
    assert table.rate("CN", dt.date(2020, 1, 7)) == Fraction(1, 5)
    assert not market.withholding  # the embedded data has none
