"""Indices over several markets: their days, their rates, and a closed market's prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError, ReviewError

DAYS = ["2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"]
CLOSES = {  # Shanghai is closed on the second day, Hong Kong on the third
    "600000.SH": [10.0, None, 11.0, 12.0],
    "00001.HK": [20.0, 22.0, None, 21.0],
}
RATES = {"2020-01-06": 0.90, "2020-01-07": 0.91, "2020-01-08": 0.92, "2020-01-09": 0.93}


def market_of(closes=CLOSES, rates=RATES, actions=None):
    rows = [(DAYS[at], who, close) for who, own in closes.items() for at, close in enumerate(own) if close]
    prices = pd.DataFrame(rows, columns=["date", "security", "close"])
    fx = pd.DataFrame([(date, "HKD", rate) for date, rate in rates.items()], columns=["date", "currency", "rate"])
    securities = pd.DataFrame(
        {
            "security": list(closes),
            "name": "",
            "exchange": ["XSHG" if who.endswith("SH") else "XHKG" for who in closes],
            "board": "main",
            "currency": ["CNY" if who.endswith("SH") else "HKD" for who in closes],
            "tick": 0.01,
        }
    )
    return fi.MarketData.from_tables(prices, actions=actions, securities=securities, fx=fx)


def baskets():
    return fi.Baskets.from_frame(
        {"effective": [DAYS[0]] * 2, "security": ["600000.SH", "00001.HK"], "index_shares": [100, 50]}
    )


@pytest.mark.parametrize(
    ("sessions", "days", "values"),
    [
        (
            "any",
            [0, 1, 2, 3],
            [1900, 2001, 2112, 2176.5],
        ),  # day 2: 100 x 10 + 50 x 22 x 0.91; day 3: 1100 + 50 x 22 x 0.92
        ("all", [0, 3], [1900, 2176.5]),
        ("home", [0, 2, 3], [1900, 2112, 2176.5]),
    ],
)
def test_the_days_of_an_index(sessions, days, values, make_method):
    history = fi.calculate(make_method(f'calendar.sessions = "{sessions}"'), market_of(), baskets())
    assert [str(date) for date in history.sessions] == [DAYS[at] for at in days]
    assert [float(value) for value in history.market_values] == values


def test_another_home(make_method):
    method = make_method('calendar = { sessions = "home", home = "XHKG" }')
    assert [str(date) for date in fi.calculate(method, market_of(), baskets()).sessions] == [DAYS[0], DAYS[1], DAYS[3]]


def test_exchanges_of_one_country_are_one_market(make_method):
    """One suspended name must not close Shenzhen."""
    closes = {"600000.SH": [10.0] * 4, "300001.SZ": [10.0, None, None, 10.0]}
    rows = [(DAYS[at], who, close) for who, own in closes.items() for at, close in enumerate(own) if close]
    market = fi.MarketData.from_tables(pd.DataFrame(rows, columns=["date", "security", "close"]))
    own = fi.Baskets.from_frame(pd.DataFrame({"effective": DAYS[0], "security": list(closes), "index_shares": 1}))
    assert len(fi.calculate(make_method('calendar.sessions = "all"'), market, own).levels) == 4


def test_what_goes_ex_on_a_closed_day_applies_at_the_next_one(make_method):
    """Hong Kong pays 2 on the second day; an index of Shanghai's days takes it at the third, at the rate of the first."""
    paid = pd.DataFrame([{"ex_date": DAYS[1], "security": "00001.HK", "kind": "cash_dividend", "cash": 2.0}])
    history = fi.calculate(make_method('calendar.sessions = "home"'), market_of(actions=paid), baskets())
    gross = history.divisor_changes.query("variant == 'gross'")
    assert [(str(row.date.date()), float(row.amount)) for row in gross.itertuples()] == [(DAYS[2], -2 * 50 * 0.90)]
    assert any("2020-01-07 of 00001.HK is no session" in text for text in history.notices)


def test_a_closed_market_counts_at_its_last_price_adjusted_for_its_actions(make_method):
    """A split on a day on which Hong Kong is closed: carried at half the price, on twice the shares."""
    split = pd.DataFrame([{"ex_date": DAYS[2], "security": "00001.HK", "kind": "split", "ratio": 2.0}])
    closes = CLOSES | {"00001.HK": [20.0, 22.0, None, 10.5]}
    history = fi.calculate(make_method(), market_of(closes, actions=split), baskets())
    assert [float(value) for value in history.market_values] == [1900, 2001, 2112, 2176.5]


def test_no_common_day(make_method):
    closes = {"600000.SH": [10.0, None, 11.0, None], "00001.HK": [None, 22.0, None, 21.0]}
    with pytest.raises(ReviewError, match=r"there is no day on which all of its markets \(XHKG, XSHG\) traded"):
        fi.review(make_method('calendar.sessions = "all"'), market_of(closes))


def test_a_home_without_prices(make_method):
    with pytest.raises(ReviewError, match="calendar.home is 'XNYS', and the data has no prices of that exchange"):
        fi.calculate(make_method('calendar = { sessions = "home", home = "XNYS" }'), market_of(), baskets())


@pytest.mark.parametrize(("limit", "fails_on"), [(0, DAYS[1]), (1, DAYS[2]), (2, None)])
def test_a_rate_is_carried_for_so_many_sessions(limit, fails_on, make_method):
    rates = {DAYS[0]: 0.90, DAYS[3]: 0.93}
    method = make_method(f"fx.carry_sessions = {limit}")
    if fails_on:
        with pytest.raises(MarketDataError, match=f"fx, {fails_on}: no rate for HKD"):
            fi.calculate(method, market_of(rates=rates), baskets())
        return
    history = fi.calculate(method, market_of(rates=rates), baskets())
    assert float(history.market_values.iloc[1]) == 1000 + 50 * 22 * 0.90
    assert "small: the exchange rate of HKD is carried over 2 sessions without one" in history.notices


def test_three_currencies(make_method):
    """100 x 10 CNY + 50 x 20 HKD at 0.90 + 10 x 30 USD at 7 = 4000 CNY; then the rates move, and a dividend is paid."""
    closes = {"600000.SH": [10.0] * 4, "00001.HK": [20.0] * 4, "FINX.O": [30.0, 30.0, 29.0, 29.0]}
    rows = [(DAYS[at], who, close) for who, own in closes.items() for at, close in enumerate(own)]
    rates = [("HKD", 0.90), ("USD", 7.0)]
    fx = [(date, currency, rate + at / 100) for at, date in enumerate(DAYS) for currency, rate in rates]
    paid = pd.DataFrame([{"ex_date": DAYS[2], "security": "FINX.O", "kind": "cash_dividend", "cash": 1.0}])
    market = fi.MarketData.from_tables(
        pd.DataFrame(rows, columns=["date", "security", "close"]),
        actions=paid,
        fx=pd.DataFrame(fx, columns=["date", "currency", "rate"]),
    )
    frame = pd.DataFrame({"effective": DAYS[0], "security": list(closes), "index_shares": [100, 50, 10]})
    history = fi.calculate(make_method(), market, fi.Baskets.from_frame(frame))
    assert [float(value) for value in history.market_values] == [4000, 4013, 3955.8, 3968.7]
    # 10 x 1 USD at the rate of the day before, 7.01
    assert history.divisor_changes["amount"].astype(str).tolist() == ["-70.1", "-63.09"]
    assert history.levels["price"].tolist() == [1000, 1003.25, 988.95, 992.175]
    assert history.levels["gross"].iloc[2] == round(3955.8 / (4 * (4013 - 70.1) / 4013), 4)


def test_sessions_to_come_stand_at_the_last_rate_and_hide_no_missing_one(make_method):
    coming = np.array(["2020-01-10", "2020-01-13"], "datetime64[D]")
    history = fi.calculate(make_method(), market_of().with_sessions_to_come(coming), baskets())
    assert [float(value) for value in history.market_values.iloc[-3:]] == [2176.5] * 3
    assert not [text for text in history.notices if "carried" in text]
    missing = {date: rate for date, rate in RATES.items() if date != DAYS[1]}
    with pytest.raises(MarketDataError, match="fx, 2020-01-07: no rate for HKD"):
        fi.calculate(make_method(), market_of(rates=missing).with_sessions_to_come(coming), baskets())


def test_prices_of_days_without_a_level_count_whatever_the_basis(make_method):
    """Somebody else is suspended over a day of two actions; Hong Kong's close of the second day is carried all the same."""
    closes = CLOSES | {"600001.SH": [8.0, None, None, 4.0]}
    terms = [{"kind": "bonus", "ratio": 1.0}, {"kind": "cash_dividend", "cash": 0.1}]
    actions = pd.DataFrame([each | {"ex_date": DAYS[2], "security": "600001.SH"} for each in terms])
    for basis in ("pre", "sequential"):
        method = make_method(f'calendar.sessions = "home"\nactions.basis = "{basis}"')
        values = fi.calculate(method, market_of(closes, actions=actions), baskets()).market_values
        assert [float(value) for value in values] == [1900, 2112, 2176.5]


def test_a_child_whose_first_close_is_on_a_day_without_a_level(make_method):
    """It closes at 4 while Hong Kong is closed: with `all` it counts on the next session, and leaves at the one after."""
    days = ["2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09", "2020-01-10"]
    closes = {"600000.SH": [10.0, 8.0, 8.0, 8.0, 8.0], "00001.HK": [20.0, None, 20.0, 20.0, 20.0]}
    closes |= {"600001.SH": [None, 4.0, None, None, 4.0]}
    rows = [(days[at], who, close) for who, own in closes.items() for at, close in enumerate(own) if close]
    spin_off = {"ex_date": days[1], "security": "600000.SH", "kind": "spin_off", "child": "600001.SH", "ratio": 0.5}
    fx = pd.DataFrame({"date": days, "currency": "HKD", "rate": 1.0})
    market = fi.MarketData.from_tables(
        pd.DataFrame(rows, columns=["date", "security", "close"]), actions=pd.DataFrame([spin_off]), fx=fx
    )
    method = make_method('calendar.sessions = "all"\nuniverse.securities = ["600000.SH", "00001.HK"]')
    own = pd.DataFrame({"effective": days[0], "security": ["600000.SH", "00001.HK"], "index_shares": 100})
    history = fi.calculate(method, market, fi.Baskets.from_frame(own))
    assert history.counts.tolist() == [2, 3, 2, 2]
    assert (history.levels == 1000).all(axis=None)
