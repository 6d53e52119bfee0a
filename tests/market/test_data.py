from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError, RequestError
from fintech_index.methodology import shipped
from small_tables import PRICES, SECURITIES


class Capsule:
    """Nothing but the Arrow PyCapsule interface, as polars, duckdb and others have it."""

    def __init__(self, columns):
        self._table = pa.table(columns)

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def panel_of(market):
    return market.panel.values / 10**market.panel.decimals


@pytest.mark.parametrize("take", [dict, pd.DataFrame, pa.table, Capsule], ids=["columns", "pandas", "arrow", "capsule"])
def test_tables_of_every_make(take):
    market = fi.MarketData.from_tables(take(PRICES), securities=take(SECURITIES))
    assert market.securities.codes == ("300001.SZ", "600000.SH")
    assert panel_of(market).tolist() == [[20.5, 20.25], [10.0, 10.1]]
    assert market.securities.name("600000.SH") == "浦发银行"


@pytest.mark.parametrize(
    "dates",
    [
        pd.to_datetime(PRICES["date"]),
        pd.to_datetime(PRICES["date"]).tz_localize("Asia/Shanghai").tz_convert("UTC"),
        [dt.date.fromisoformat(date) for date in PRICES["date"]],
        [date.replace("-", "") for date in PRICES["date"]],
        [int(date.replace("-", "")) for date in PRICES["date"]],
        pd.Categorical(PRICES["date"]),
    ],
    ids=["timestamp", "with zone", "date", "compact", "number", "categorical"],
)
def test_dates_of_every_make(dates):
    market = fi.MarketData.from_tables(pd.DataFrame(PRICES).assign(date=dates))
    assert market.sessions.tolist() == [dt.date(2020, 1, 6), dt.date(2020, 1, 7)]


@pytest.mark.parametrize(
    "closes",
    [
        [Decimal(str(close)) for close in PRICES["close"]],
        [str(close) for close in PRICES["close"]],
        pd.array(PRICES["close"], "Float64"),
    ],
    ids=["decimal", "text", "nullable"],
)
def test_closes_of_every_make(closes):
    assert panel_of(fi.MarketData.from_tables(pd.DataFrame(PRICES).assign(close=closes))).tolist() == [
        [20.5, 20.25],
        [10.0, 10.1],
    ]


def test_the_order_of_rows_never_matters(history, xiangmihu):
    folder = shipped("constituents", "market")
    tables = {
        name: pd.read_parquet(folder / f"{name}.parquet").sample(frac=1, random_state=1)
        for name in ("prices", "shares")
    }
    tables |= {
        name: pd.read_csv(folder / f"{name}.csv").sample(frac=1, random_state=2) for name in ("securities", "actions")
    }
    again = fi.calculate(xiangmihu, fi.MarketData.from_tables(**tables))
    assert again.levels.equals(history.levels)
    assert again.divisor_changes.equals(history.divisor_changes)


def test_codes_alone_describe_securities():
    codes = ["600000.SH", "688001.SH", "300001.SZ", "920001.BJ", "900901.SH", "200011.SZ", "700.HK", "X"]
    market = fi.MarketData.from_tables(
        {"date": ["2020-01-06"] * 8, "security": codes, "close": [1.0] * 8}, calendar="XNYS"
    )
    known = {
        code: (market.securities.exchange[at], market.securities.board[at], market.securities.currency[at])
        for code, at in market.securities.index.items()
    }
    assert known == {
        "600000.SH": ("XSHG", "main", "CNY"),
        "688001.SH": ("XSHG", "star", "CNY"),
        "300001.SZ": ("XSHE", "chinext", "CNY"),
        "920001.BJ": ("XBSE", "bse", "CNY"),
        "900901.SH": ("XSHG", "b", "USD"),
        "200011.SZ": ("XSHE", "b", "HKD"),
        "700.HK": ("XHKG", "main", "HKD"),
        "X": ("XNYS", "main", "USD"),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_in_the_encodings_of_the_trade(folder, encoding, history, xiangmihu):
    for name in ("prices", "shares"):
        pd.read_parquet(folder / f"{name}.parquet").to_csv(folder / f"{name}.csv", index=False)
        (folder / f"{name}.parquet").unlink()
    text = (folder / "securities.csv").read_text(encoding="utf-8")
    (folder / "securities.csv").write_text(text, encoding=encoding)
    market = fi.MarketData.open(folder)
    assert market.securities.name("300059.SZ") == "东方财富"
    assert fi.calculate(xiangmihu, market).levels.equals(history.levels)


def test_an_embedded_market_says_what_it_is(market):
    assert repr(market) == "<MarketData: 53 securities, 243 sessions, 2020-01-02 to 2020-12-31>"
    assert len(market.actions) == 50
    assert sum(len(market.actions.ex_dates(who)) for who in range(53)) == 38


REVISED = {
    "date": ["2020-01-06", "2020-01-07", "2020-01-07", "2020-01-08"],
    "security": ["A.SH"] * 4,
    "close": [10.0, 11.0, 12.0, 13.0],
    "known": [None, "2020-01-07T08:00:00Z", "2020-01-07T20:00:00+08:00", "2020-01-08T08:00:00Z"],
}


@pytest.mark.parametrize(
    ("as_of", "closes"),
    [
        (None, [10, 12, 13]),  # the newest of everything
        ("2020-01-06", [10]),
        ("2020-01-07T08:00:00Z", [10, 11]),
        ("2020-01-07", [10, 12]),  # a date alone is its end
        (dt.date(2020, 1, 7), [10, 12]),
        (dt.datetime(2020, 1, 7, 11, 59, tzinfo=dt.UTC), [10, 11]),
        ("2020-01-07T12:00", [10, 12]),
    ],
)
def test_as_of_sees_only_what_was_known(as_of, closes):
    assert panel_of(fi.MarketData.from_tables(REVISED, as_of=as_of)).tolist() == [closes]


def test_a_date_alone_in_known_is_its_end_as_well():
    day = {name: [values[1]] for name, values in REVISED.items()} | {"known": ["2020-06-15"]}
    both = {name: [*PRICES[name], *day[name]] for name in ("date", "security", "close")} | {
        "known": [None] * 4 + ["2020-06-15"]
    }
    assert "A.SH" in fi.MarketData.from_tables(both, as_of="2020-06-15").securities.codes
    assert "A.SH" not in fi.MarketData.from_tables(both, as_of="2020-06-15T12:00:00Z").securities.codes


def test_as_of_must_be_a_time():
    with pytest.raises(RequestError, match="as_of 'soon' is not a date or time"):
        fi.MarketData.from_tables(REVISED, as_of="soon")


def test_two_rows_known_at_once_are_duplicates():
    known = [None, "2020-01-07T08:00:00Z", "2020-01-07T08:00:00Z", None]
    with pytest.raises(MarketDataError, match="2 rows have the key date, security = 2020-01-07, A.SH"):
        fi.MarketData.from_tables(REVISED | {"known": known})


def test_a_sessions_table_overrides_the_dates_of_prices():
    late = {
        name: [*PRICES[name], value]
        for name, value in (("date", "2020-01-09"), ("security", "600000.SH"), ("close", 10.2))
    }
    sessions = {"date": ["2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09", "2020-01-10"]}
    market = fi.MarketData.from_tables(late, sessions=sessions)
    assert [str(market.sessions[at]) for at in (0, -1)] == [
        "2020-01-03",
        "2020-01-09",
    ]  # those to come have no prices yet
    assert market.panel.suspended(0, 3)
    with pytest.raises(MarketDataError, match="has rows on 2020-01-07, which is no session of the sessions table"):
        fi.MarketData.from_tables(PRICES, sessions={"date": ["2020-01-06"]})


def test_a_session_is_found_by_its_date(market):
    assert (
        market.session("2020-01-02")
        == market.session(dt.date(2020, 1, 2))
        == market.session(pd.Timestamp("2020-01-02"))
        == 0
    )
    with pytest.raises(
        RequestError, match="2020-06-13 is no session of the market data; the nearest: 2020-06-12, 2020-06-15"
    ):
        market.session("2020-06-13")


def test_an_ex_date_that_is_no_session_applies_at_the_next_and_is_said(make_market):
    saturday = {"ex_date": "2020-01-11", "security": "A.SH", "kind": "cash_dividend", "cash": 0.1}
    market = make_market({"A.SH": [10.0] * 8}, [saturday])
    assert market.notices == ("the ex-date 2020-01-11 of A.SH is no session: its actions apply on 2020-01-13",)


def test_arguments_of_another_kind():
    with pytest.raises(RequestError, match="the folder must be a"):
        fi.MarketData.open(5)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(MarketDataError, match="there is no folder"):
        fi.MarketData.open(tmp_path / "none")


def test_fx_rates_are_not_carried():
    market = fi.MarketData.from_tables(PRICES, fx={"date": ["2020-01-06"], "currency": ["HKD"], "rate": [0.9]})
    assert market.fx.rate("HKD", "CNY", np.datetime64("2020-01-06")) == Decimal("0.9")
    with pytest.raises(MarketDataError, match="fx, 2020-01-07: no rate for HKD"):
        market.fx.rate("HKD", "CNY", np.datetime64("2020-01-07"))


def test_a_time_with_a_zone_is_of_its_own_day(market):
    assert market.session(pd.Timestamp("2020-06-16", tz="Asia/Shanghai")) == market.session("2020-06-16")


@pytest.mark.parametrize("calendar", ["XTKS", "", None])
def test_nothing_is_guessed_of_an_exchange_that_is_not_known(calendar):
    what = "'X' by its code" if calendar is None else f"the calendar '{calendar}'"
    with pytest.raises(MarketDataError, match=f"nothing is known of {what}"):
        fi.MarketData.from_tables({"date": ["2020-01-06"], "security": ["X"], "close": [1.0]}, calendar=calendar)


def test_a_float32_stands_for_its_shortest_decimal():
    tick, close = np.array([0.01, 0.01], np.float32), np.array(PRICES["close"], np.float32)
    market = fi.MarketData.from_tables(PRICES | {"close": close}, securities=pd.DataFrame(SECURITIES).assign(tick=tick))
    assert market.securities.tick == (Fraction(1, 100),) * 2
    assert market.panel.price(market.securities.index["600000.SH"], 1) == Fraction("10.1")


def test_a_market_up_to_a_date(market):
    assert market.until("2020-01-03").sessions.astype(str).tolist() == ["2020-01-02", "2020-01-03"]
    with pytest.raises(RequestError, match="there is no session up to 2019-12-31: the first is 2020-01-02"):
        market.until("2019-12-31")
    with pytest.raises(RequestError, match="None is not a date"):
        market.until(None)
