"""Frames as people hold them: the same market from each of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError

DAYS = ["2020-03-02", "2020-03-03", "2020-03-04"]
CODES = ["000858.SZ", "601888.SH"]
FLAT = pd.DataFrame(
    {
        "date": np.repeat(DAYS, 2),
        "security": CODES * 3,
        "close": [120.5, 77.1, 121.0, 78.3, 119.9, 79.0],
        "open": [119.0, 77.0, 120.6, 77.2, 121.0, 78.4],
    }
)
WIDE = FLAT.assign(date=pd.to_datetime(FLAT["date"])).pivot(index="date", columns="security", values=["close", "open"])


def same(market):
    return (
        market.securities.codes == tuple(CODES)
        and market.sessions.astype(str).tolist() == DAYS
        and (market.panel.values / market.panel.unit).tolist() == [[120.5, 121.0, 119.9], [77.1, 78.3, 79.0]]
    )


FRAMES = {
    "long": FLAT,
    "arrow": pa.Table.from_pandas(FLAT),
    "tushare's names": FLAT.rename(columns={"date": "trade_date", "security": "ts_code"}),
    "Chinese names": FLAT.rename(columns={"date": "日期", "security": "代码", "close": "收盘", "open": "开盘"}),
    "day and code in the index": FLAT.set_index(["date", "security"]),
    "code and day in the index": FLAT.set_index(["security", "date"]),
    "an index without names": FLAT.set_index(["date", "security"]).rename_axis([None, None]),
    "qlib's": FLAT.rename(columns={"date": "datetime", "security": "instrument", "close": "$close"}).set_index(["instrument", "datetime"]),
    "day in the index": FLAT.set_index("date"),
    "days in an index without a name": FLAT.set_index(pd.DatetimeIndex(FLAT["date"], name=None)).drop(columns="date"),
    "a series": FLAT.set_index(["date", "security"])["close"],
    "wide": WIDE["close"],
    "wide, of text days": FLAT.pivot(index="date", columns="security", values="close"),
    "wide, days in a column": FLAT.pivot(index="date", columns="security", values="close").reset_index(),
    "wide, periods": WIDE["close"].to_period("D"),
    "fields by codes": WIDE,
    "codes by fields": WIDE.swaplevel(axis=1),
    "categories": FLAT.astype({"date": "category", "security": "category"}),
    "objects": FLAT.astype({"close": object}),
}  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_the_same_market_from_every_frame(frame):
    assert same(fi.MarketData.from_tables(frame))


def test_names_of_ones_own():
    frame = FLAT.rename(columns={"date": "Tag", "security": "Papier", "close": "Schluss"})
    assert same(fi.MarketData.from_tables(frame, names={"Tag": "date", "Papier": "security", "Schluss": "close"}))
    with pytest.raises(MarketDataError, match="the column 'close' is missing.*names="):
        fi.MarketData.from_tables(frame, names={"Tag": "date", "Papier": "security"})
    with pytest.raises(MarketDataError, match="maps to 'Kurs', which the contract does not have"):
        fi.MarketData.from_tables(frame, names={"Tag": "Kurs"})


def test_columns_of_one_meaning():
    with pytest.raises(MarketDataError, match="the columns 'code' and 'symbol' are both security"):
        fi.MarketData.from_tables(FLAT.rename(columns={"security": "code"}).assign(symbol="x"))


def test_a_day_without_a_close_is_a_suspension():
    closes = WIDE["close"].copy()
    closes.loc["2020-03-03", "000858.SZ"] = float("nan")
    market = fi.MarketData.from_tables(closes)
    assert market.panel.price(0, 1) == market.panel.price(0, 0)
    assert market.panel.suspended(0, 1)


def test_no_volume_at_an_unchanged_close_is_no_trade():
    closes = [120.5, 77.1, 120.5, 78.3, 119.9, 79.0]
    market = fi.MarketData.from_tables(FLAT.assign(close=closes, volume=[9, 9, 0, 9, 9, 0.3]))
    assert market.panel.suspended(0, 1)
    assert not market.panel.suspended(1, 2)  # its close has changed: somebody gives it a price
    assert market.notices == (
        "prices: 1 rows of no volume at another close than the one before: they count as prices",
        "prices: 1 rows of no volume at an unchanged close: taken as suspensions",
    )


@pytest.mark.parametrize(
    "shares",
    [
        {"000858.SZ": 380, "601888.SH": 195},
        pd.Series({"601888": 195, "000858": 380}),
        pd.DataFrame({"000858.SZ": [380], "601888.SH": [195]}, index=pd.to_datetime(["2020-03-02"])),
    ],
    ids=["a mapping", "a series", "wide"],
)
def test_shares_as_one_number_a_security(shares):
    market = fi.MarketData.from_tables(FLAT, shares)
    assert market.shares.free_float(np.array([0, 1]), market.sessions[2]).tolist() == [380, 195]


def test_objects_that_are_no_table():
    for nothing in (3, "prices", object(), [1, 2]):
        with pytest.raises(MarketDataError, match="cannot take a .* as a table"):
            fi.MarketData.from_tables(nothing)
    with pytest.raises(MarketDataError, match="one must have the fields"):
        fi.MarketData.from_tables(pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("x", "y")])))


def test_days_that_a_zone_has_moved():
    """Midnights of Shanghai as days of London: Monday's is Sunday, and Friday's is Thursday."""
    moved = ["2020-03-01", "2020-03-02", "2020-03-03", "2020-03-04", "2020-03-05"]
    frame = pd.DataFrame({"date": moved, "security": "601888.SH", "close": 77.0})
    with pytest.raises(MarketDataError, match="2020-03-01 is a Sunday, and there is no Friday"):
        fi.MarketData.from_tables(frame)


@pytest.mark.parametrize(
    ("volume", "amount", "doubted"),
    [(1_000.0, 100_000.0, False), (10.0, 100_000.0, True), (10.0, 100.0, True), (1_000.0, None, False)],
)
def test_units_are_told_by_their_ratio(volume, amount, doubted):
    """Closes of some 100: 1,000 shares are 100,000; 10 lots or 100 thousands are not of these units."""
    market = fi.MarketData.from_tables(FLAT.assign(volume=volume, amount=amount))
    assert any("volumes must be shares" in notice for notice in market.notices) is doubted
