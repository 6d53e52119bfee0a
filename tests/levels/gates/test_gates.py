"""Gates on small markets: what each lets pass and what it stops."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.levels.gates import GATES, GateLimits, gates_of
from fintech_index.methodology import catalogue

CODES = ["600004.SH", "000021.SZ", "300033.SZ", "688008.SH"]
DAYS = [day.strftime("%Y-%m-%d") for day in pd.bdate_range("2021-03-01", periods=10)]


def rows(**more):
    """Four securities at 10.00 that do not move, as long rows."""
    frame = pd.DataFrame([(day, code, 10.0) for day in DAYS for code in CODES], columns=["date", "security", "close"])
    return frame.assign(pre_close=10.0, low=9.9, high=10.1, **more)


def changed(frame, day, code, **values):
    at = (frame["date"] == day) & (frame["security"] == code)
    assert at.any()
    for name, value in values.items():
        frame.loc[at, name] = value
    return frame


def history(make_method, prices, actions=None, codes=CODES):
    market = fi.MarketData.from_tables(prices, actions=actions)
    basket = {"effective": [DAYS[0]] * len(codes), "security": codes, "index_shares": [100] * len(codes)}
    return fi.calculate(make_method(base=DAYS[0]), market, fi.Baskets.from_frame(basket))


def failing(history):
    return {gate.name: gate for gate in history.gates if not gate.passed}


def test_nothing_stands_against_a_calm_market(make_method):
    found = history(make_method, rows())
    assert failing(found) == {}
    assert tuple(gate.name for gate in found.gates) == GATES


@pytest.mark.parametrize("gone", [1, 2])
def test_a_part_of_the_index_that_is_gone_at_once(make_method, gone):
    """One of four is a quarter of the index, two are half."""
    prices = rows()
    lost = prices["security"].isin(CODES[:gone]) & (prices["date"] == DAYS[-1])
    found = failing(history(make_method, prices[~lost]))
    assert set(found) == {"completeness"}
    assert found["completeness"].severity == "error"
    expected = f"{gone} of 4 constituents, {25 * gone}.0% of the index, have lost their prices"
    assert found["completeness"].rows[0] == (DAYS[-1], "", expected)


def test_who_was_suspended_before_is_no_loss(make_method):
    prices = rows()
    prices = prices[~(prices["security"].isin(CODES[:2]) & (prices["date"] >= DAYS[-2]))]
    assert failing(history(make_method, prices)) == {}


def test_terms_that_the_price_denies(make_method):
    """A bonus of 0.8 makes 5.56 of 10; the exchange left it at 10."""
    bonus = {"ex_date": [DAYS[4]], "security": CODES[:1], "kind": ["bonus"], "ratio": [0.05]}
    cash = {"ex_date": [DAYS[4]], "security": CODES[:1], "kind": ["cash_dividend"], "cash": [0.5]}
    for actions, price in ((bonus, "9.52381"), (cash, "9.5")):
        (gate,) = failing(history(make_method, rows(), actions)).values()
        assert (gate.name, gate.severity, gate.count) == ("denied-terms", "error", 1)
        assert (
            gate.what == f"{DAYS[4]} {CODES[0]}: the terms lead to {price}, and the exchange has left its price at 10"
        )


def test_an_ex_date_without_terms(make_method):
    prices = changed(rows(), DAYS[4], CODES[0], pre_close=9.5, close=9.95)
    (gate,) = failing(history(make_method, prices)).values()
    assert (gate.name, gate.severity) == ("terms", "warning")
    assert "an ex-date without terms: the exchange's reference price is 9.5 after a close of 10" in gate.what


def test_a_year_without_any_action(make_method):
    method = make_method(base=DAYS[0])
    long = [day.strftime("%Y-%m-%d") for day in pd.bdate_range(DAYS[0], periods=201)]
    market = fi.MarketData.from_tables({"date": long, "security": CODES[:1] * 201, "close": [10.0] * 201})
    basket = fi.Baskets.from_frame({"effective": DAYS[:1], "security": CODES[:1], "index_shares": [1]})
    (gate,) = failing(fi.calculate(method, market, basket)).values()
    assert (gate.name, gate.what) == ("terms", "no corporate action in 201 sessions: is `actions` complete?")


@pytest.mark.parametrize(("day", "severity", "suffix"), [(DAYS[-1], "error", ""), (DAYS[5], "warning", "-before")])
def test_a_close_outside_its_own_day_and_its_limit(make_method, day, severity, suffix):
    """31.00 written as 310 is far beyond a tenth of 10, and above the day's high."""
    prices = changed(rows(), day, CODES[0], close=100.0)
    found = failing(history(make_method, prices))
    assert found[f"day-range{suffix}"].severity == severity
    assert found[f"price-limit{suffix}"].severity == severity
    assert found[f"price-limit{suffix}"].what == f"{day} {CODES[0]}: the close 100 is beyond the price limit about 10"
    assert found["move"].rows[0].security == CODES[0]


@pytest.mark.parametrize(
    ("code", "close", "date", "passes"),
    [
        ("600004.SH", 11.0, DAYS[6], True),
        ("600004.SH", 11.02, DAYS[6], False),
        ("688008.SH", 12.0, DAYS[6], True),
        ("688008.SH", 12.02, DAYS[6], False),
        ("300033.SZ", 12.0, DAYS[6], True),  # 20 % since August 2020
    ],
)
def test_limits_go_by_the_board(make_method, code, close, date, passes):
    prices = changed(rows(), date, code, close=close, high=close)
    assert ("price-limit-before" in failing(history(make_method, prices))) is not passes


def test_the_young_have_no_limit(make_method):
    prices = rows()
    young = (prices["security"] == CODES[3]) & (prices["date"] < DAYS[4])
    prices = changed(prices[~young], DAYS[6], CODES[3], close=25.0, high=25.0)
    assert "price-limit-before" not in failing(history(make_method, prices, codes=CODES[:3]))
    market = fi.MarketData.from_tables(prices)
    assert [finding.what for finding in market.check().findings if "limit" in finding.what] == []


def test_a_close_off_the_tick(make_method):
    prices = changed(rows(), DAYS[2], CODES[1], close=10.005)
    assert failing(history(make_method, prices))["tick"].severity == "warning"


def test_a_session_that_hardly_anybody_traded_on(make_method):
    codes = [f"6001{n:02}.SH" for n in range(10)]
    frame = pd.DataFrame([(day, code, 10.0) for day in DAYS for code in codes], columns=["date", "security", "close"])
    frame = frame[(frame["date"] != DAYS[5]) | (frame["security"] == codes[0])]
    (gate,) = failing(history(make_method, frame, codes=codes[:1])).values()
    assert (gate.name, gate.rows[0]) == ("sessions", (DAYS[5], "", "only 1 securities have a price: is it a session?"))


def test_a_stray_row_on_a_holiday(make_method):
    """One of two, on the Tuesday of the Spring Festival of 2021; a `sessions` table may say otherwise."""
    days = ["2021-02-09", "2021-02-10", "2021-02-16", "2021-02-18", "2021-02-19"]
    rows = [(day, code, 10.0) for day in days for code in CODES[:2] if (day, code) != (days[2], CODES[1])]
    prices = pd.DataFrame(rows, columns=["date", "security", "close"])
    basket = fi.Baskets.from_frame({"effective": days[:1], "security": CODES[:1], "index_shares": [1]})
    method = make_method(base=days[0])
    (gate,) = failing(fi.calculate(method, fi.MarketData.from_tables(prices), basket)).values()
    assert (gate.name, gate.rows[0].date) == ("sessions", days[2])
    own = fi.MarketData.from_tables(prices, sessions={"date": days})
    assert failing(fi.calculate(method, own, basket)) == {}


def test_thresholds_are_data(make_method):
    prices = rows()
    lost = (prices["security"] == CODES[0]) & (prices["date"] == DAYS[-1])
    calculation = history(make_method, prices[~lost])._calculation
    assert not {gate.name: gate for gate in gates_of(calculation)}["completeness"].passed
    assert all(gate.passed for gate in gates_of(calculation, GateLimits(gone=0.3)))


def test_the_embedded_data_passes_every_gate(market):
    for name in catalogue():
        try:
            found = fi.calculate(fi.Methodology.load(name), market)
        except fi.FintechIndexError:
            continue  # it has not started
        assert failing(found) == {}, name


def test_a_shipped_index_on_data_that_it_is_not_made_for(make_market):
    bare = make_market({f"6001{n:02}.SH": [10.0] * 5 for n in range(12)}, calendar=None)
    shipped = fi.Methodology.load("xiangmihu")
    method = shipped.model_copy(update={"base": shipped.base.model_copy(update={"date": dt.date(2020, 1, 6)})})
    found = failing(fi.calculate(method, bare))
    assert found["universe"].what.startswith("12 of 12 constituents have no category")
